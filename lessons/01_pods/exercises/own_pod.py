"""A pod of one's own."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise, Mistake, State, Wording, exists, is_not_broken, is_ready, msg, uses_image

__all__ = ["EXERCISE"]

NGINX = "nginx:1.22"


def _second_hint(state: State) -> Wording:
    if (pod := state.find("pod/hello")) is None:
        return msg("The name stands under `metadata`, the image under the container. A container may have any name.")
    images = ", ".join(container["image"] for container in pod["spec"]["containers"])
    return msg("The name is right. The image is `{images}` so far: how does it differ from the task's?", images=images)


EXERCISE = Exercise(
    id="pods-1",
    title=msg("A pod of your own"),
    task=msg("Start a pod called `hello` that runs the image `{image}`.", image=NGINX),
    checks=(
        exists("pod/hello"),
        uses_image("pod/hello", NGINX),
        is_not_broken("pod/hello"),
        is_ready("pod/hello"),
    ),
    solved=msg("your pod runs and is ready."),
    hints=(
        msg("Start from the manifest of pod `web` above: which two lines have to change?"),
        _second_hint,
        msg("`metadata.name` becomes `hello`, `image` becomes `{image}`.", image=NGINX),
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
            says="runs the image `ngnix:1.22`",
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
    looks_at=("events",),
)
