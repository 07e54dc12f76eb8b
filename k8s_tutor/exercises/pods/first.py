"""A pod of one's own."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.podrungs import exists, nothing_broken, ready, uses_image
from k8s_tutor.exercises.verdict import passed

__all__ = ["EXERCISE"]

NGINX = "nginx:1.22"

EXERCISE = Exercise(
    id="pods-1",
    title="A pod of your own",
    task=f"Start a pod called `hello` that runs the image `{NGINX}`.",
    judge=ladder(
        exists("hello"),
        uses_image("hello", NGINX),
        nothing_broken("hello"),
        ready("hello"),
        then=lambda _: passed(f"pod/hello runs {NGINX} and is ready."),
    ),
    hints=(
        "Start from the manifest of pod `web` above: which two lines have to change?",
        f"`metadata.name` becomes `hello`, `image` becomes `{NGINX}`. The container may have any name.",
        'The last line of the cell may be `t.wait("pod/hello", "Ready")`.',
    ),
    solution='''t.apply("""
apiVersion: v1
kind: Pod
metadata:
  name: hello
spec:
  containers:
  - name: web
    image: nginx:1.22
""")''',
    alternative="""t.apply({
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "hello", "labels": {"app": "hello"}},
    "spec": {"containers": [{"name": "any-name", "image": "nginx:1.22"}]},
})""",
    mistakes=(
        Mistake(
            name="the image is misspelt",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: hello}, \
spec: {containers: [{name: web, image: 'ngnix:1.22'}]}}")""",
            says="letter by letter: `ngnix:1.22`",
        ),
        Mistake(
            name="the pod has another name",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: helo}, \
spec: {containers: [{name: web, image: 'nginx:1.22'}]}}")""",
            says="but there is one called `helo`",
        ),
        Mistake(
            name="the image has no tag",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: hello}, \
spec: {containers: [{name: web, image: nginx}]}}")""",
            says="takes `:latest`",
        ),
    ),
    objects=("pod/hello", "pod/helo"),
)
