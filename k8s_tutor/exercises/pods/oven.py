"""A broken pod with two faults, one behind the other."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.podfacts import container, phase, summary
from k8s_tutor.exercises.podrungs import exists, nothing_broken, on_pod, ready, seen
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.verdict import Verdict, failed, not_attempted, passed
from k8s_tutor.objects import conditions
from k8s_tutor.objects.types import Obj

__all__ = ["EXERCISE"]


_OVEN_START = """
apiVersion: v1
kind: Pod
metadata:
  name: oven
spec:
  containers:
  - name: heat
    image: busybox:1.53
    command: [sh, -c, "echo warm; slep 3600"]
"""


def _oven_touched(_scene: Scene, pod: Obj) -> Verdict | None:
    heat = container(pod) or {}
    if heat.get("image") != "busybox:1.53":
        return None
    if "slep" in str(heat.get("command")):
        return not_attempted("pod/oven is as broken as it was.", hint='Begin with `t.events("pod/oven")`.')
    return failed(
        "the command is mended, the image is not.",
        "image: busybox:1.53",
        hint="Look at the tag: the course's busybox is 1.35.",
    )


def _oven_runs(scene: Scene, pod: Obj) -> Verdict | None:
    if "slep" in str((container(pod) or {}).get("command")):
        return failed(
            "the image is there now; the program ends at once.",
            "the container ends with exit code 127: a command was not found",
            hint='One fault hid behind the other. `t.logs("pod/oven")` says which word the shell did not know. '
            'A pod\'s command cannot be changed: `t.delete("pod/oven")`, then apply it anew.',
        )
    if phase(pod) == "Succeeded":
        return failed("the oven has gone cold: its program ended.", summary(pod), hint="It should keep running.")
    if conditions.is_true(pod, "Ready") and "warm" not in scene.log("oven"):
        return failed(
            "the oven runs, but nobody hears that it is warm.",
            hint="The program should still print `warm` before it sleeps.",
            settling=True,
        )
    return None


EXERCISE = Exercise(
    id="pods-5",
    title="The cold oven",
    task="Somebody started a pod called `oven`, and it does not run. Find out why, and mend it: it should print `warm` "
    "and keep running.",
    judge=ladder(
        exists(
            "oven",
            gone_hint='Deleting is half of it: now apply the mended manifest. `t.exercise("pods-5")` '
            "brings the broken one back.",
        ),
        on_pod("oven", _oven_touched),
        on_pod("oven", _oven_runs),
        nothing_broken("oven"),
        ready("oven"),
        then=lambda scene: passed("the oven is warm.", seen(scene, "oven")),
    ),
    hints=(
        'Ask in this order: `t.kubectl("get pods")`, `t.events("pod/oven")`, `t.logs("pod/oven")`.',
        "There are two faults, and the second shows only when the first is mended.",
        "busybox:1.35, and `sleep` has two e's. The image may change in place; for the command, delete and apply anew.",
    ),
    start=_OVEN_START,
    solution='''t.delete("pod/oven")
t.apply("""
apiVersion: v1
kind: Pod
metadata:
  name: oven
spec:
  containers:
  - name: heat
    image: busybox:1.35
    command: [sh, -c, "echo warm; sleep 3600"]
""")''',
    alternative='''t.kubectl("delete pod oven --wait=true")
t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: oven}
spec:
  containers:
  - name: heat
    image: busybox:1.35
    command: [sh, -c, "while true; do echo warm; sleep 10; done"]
""")''',
    mistakes=(
        Mistake(
            name="only the image is mended",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: oven}, spec: {containers: [{name: heat, \
image: 'busybox:1.35', command: [sh, -c, 'echo warm; slep 3600']}]}}")""",
            says="One fault hid behind the other",
        ),
        Mistake(
            name="deleted and not brought back",
            cell='t.delete("pod/oven")',
            says="Deleting is half of it",
        ),
        Mistake(
            name="it ends instead of keeping warm",
            cell="""t.delete("pod/oven")
t.apply("{apiVersion: v1, kind: Pod, metadata: {name: oven}, spec: {restartPolicy: Never, containers: [\
{name: heat, image: 'busybox:1.35', command: [echo, warm]}]}}")
t.wait("pod/oven", "Succeeded")""",
            says="gone cold",
        ),
    ),
    objects=("pod/oven",),
)
