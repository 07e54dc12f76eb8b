"""A request that fits."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.podfacts import container
from k8s_tutor.exercises.podrungs import exists, nothing_broken, on_pod, ready, seen
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.verdict import Verdict, failed, not_attempted, passed
from k8s_tutor.objects.quantity import parse
from k8s_tutor.objects.types import Obj

__all__ = ["EXERCISE"]


_GREEDY_START = """
apiVersion: v1
kind: Pod
metadata:
  name: greedy
spec:
  containers:
  - name: web
    image: nginx:1.22
    resources:
      requests: {memory: 1Ti}
"""


def _asks_for(_scene: Scene, pod: Obj) -> Verdict | None:
    requests = (container(pod) or {}).get("resources", {}).get("requests") or {}
    memory = requests.get("memory")
    if memory is None:
        return failed(
            "pod/greedy asks for no memory at all.",
            hint="Without a request the scheduler packs it anywhere, and it is the first to go when memory runs out. "
            "Ask for what it needs: `memory: 64Mi`. Requests cannot be changed by apply: delete first.",
        )
    if memory == "1Ti":
        return not_attempted(
            "pod/greedy still asks for 1Ti of memory.", hint='What does the scheduler say in `t.events("pod/greedy")`?'
        )
    if parse("256Mi") >= parse(str(memory)) >= parse("1Mi"):
        return None
    unit = str(memory).lstrip("0123456789.")
    return failed(
        f"pod/greedy asks for `{memory}`.",
        hint="Without a unit that is bytes: write `64Mi`."
        if unit in ("", "m", "k")
        else "The task asks for at most 256Mi: nginx is content with 64Mi.",
    )


EXERCISE = Exercise(
    id="pods-6",
    title="A request that fits",
    task="Pod `greedy` waits for a node with 1 TiB of memory. Let it run, with a request of at most `256Mi`.",
    judge=ladder(
        exists("greedy", gone_hint='Now apply it anew, with a smaller request. `t.exercise("pods-6")` starts over.'),
        on_pod("greedy", _asks_for),
        nothing_broken("greedy"),
        ready("greedy"),
        then=lambda scene: passed("a node had room for it.", seen(scene, "greedy")),
    ),
    hints=(
        '`t.events("pod/greedy")` says what every node lacks.',
        "Requests stand under `resources` of the container. Apply cannot change them: delete, then apply.",
        "resources: {requests: {memory: 64Mi}}",
    ),
    start=_GREEDY_START,
    solution='''t.delete("pod/greedy")
t.apply("""
apiVersion: v1
kind: Pod
metadata:
  name: greedy
spec:
  containers:
  - name: web
    image: nginx:1.22
    resources:
      requests: {memory: 64Mi}
""")''',
    alternative="""t.delete("pod/greedy")
t.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "greedy"}, "spec": {"containers": [
    {"name": "web", "image": "nginx:1.22", "resources": {"requests": {"cpu": "100m", "memory": "100Mi"}}}]}})""",
    mistakes=(
        Mistake(
            name="the request is gone altogether",
            cell="""t.delete("pod/greedy")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: greedy}, \
spec: {containers: [{name: web, image: 'nginx:1.22'}]}}")""",
            says="asks for no memory at all",
        ),
        Mistake(
            name="smaller, and still too large",
            cell="""t.delete("pod/greedy")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: greedy}, spec: {containers: [{name: web, \
image: 'nginx:1.22', resources: {requests: {memory: 512Gi}}}]}}")""",
            says="at most 256Mi",
        ),
        Mistake(
            name="the unit is missing",
            cell="""t.delete("pod/greedy")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: greedy}, spec: {containers: [{name: web, \
image: 'nginx:1.22', resources: {requests: {memory: 64}}}]}}")""",
            says="that is bytes",
        ),
        Mistake(
            name="deleted and not brought back",
            cell='t.delete("pod/greedy")',
            says="Now apply it anew",
        ),
    ),
    objects=("pod/greedy",),
)
