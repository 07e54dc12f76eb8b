"""A pod that ends."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake, ladder
from k8s_tutor.exercises.podfacts import last_exit, phase, summary
from k8s_tutor.exercises.podrungs import exists, on_pod, seen, uses_image
from k8s_tutor.exercises.scene import Scene
from k8s_tutor.exercises.verdict import Verdict, cannot_tell, failed, passed
from k8s_tutor.objects.types import Obj

__all__ = ["EXERCISE"]

BUSYBOX = "busybox:1.35"


def _restart_policy(_scene: Scene, pod: Obj) -> Verdict | None:
    if pod["spec"].get("restartPolicy", "Always") != "Always":
        return None
    return failed(
        "pod/answer starts its container again and again.",
        "restartPolicy: Always, which is what you get by saying nothing",
        hint="A program that is meant to end needs `restartPolicy: Never` in the spec. It cannot be changed later: "
        'first `t.delete("pod/answer")`.',
    )


def _answer_ended(scene: Scene, pod: Obj) -> Verdict | None:
    if phase(pod) == "Succeeded":
        return None
    if phase(pod) == "Failed":
        return failed(
            f"the program ended with exit code {last_exit(pod)}; 0 means success.",
            *scene.log("answer").splitlines()[-1:],
            hint='What it said before it ended is in `t.logs("pod/answer")`.',
        )
    if phase(pod) == "Running":
        return failed(
            "the program is still running; it should print and end.",
            summary(pod),
            hint="Nothing after the `echo` should keep it alive.",
            settling=True,
        )
    return cannot_tell("pod/answer is still starting.", summary(pod), hint="Check again.", settling=True)


def _answer_says(scene: Scene, _pod: Obj) -> Verdict | None:
    log = scene.log("answer")
    if "42" in log.split():
        return None
    return failed(
        "it ended well, but its log does not say 42.",
        f"the log: {log.strip() or 'empty'}",
        hint="Whatever the program prints to its standard output becomes the log: `echo 42`.",
    )


EXERCISE = Exercise(
    id="pods-2",
    title="A pod that finishes",
    task=f"Start a pod called `answer` from `{BUSYBOX}` that prints `42`, ends, and stays ended.",
    judge=ladder(
        exists("answer"),
        uses_image("answer", BUSYBOX),
        on_pod("answer", _restart_policy),
        on_pod("answer", _answer_ended),
        on_pod("answer", _answer_says),
        then=lambda scene: passed("pod/answer printed 42 and ended well.", seen(scene, "answer")),
    ),
    hints=(
        "The manifest of pod `count` does nearly this. What does its `command` say?",
        "The command is a list: a program, then its arguments. `sh -c` runs a line of shell.",
        'command: [sh, -c, "echo 42"], and restartPolicy: Never beside `containers`.',
    ),
    solution='''t.apply("""
apiVersion: v1
kind: Pod
metadata:
  name: answer
spec:
  restartPolicy: Never
  containers:
  - name: job
    image: busybox:1.35
    command: [sh, -c, "echo 42"]
""")''',
    alternative='''t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: answer}
spec:
  restartPolicy: OnFailure
  containers:
  - {name: job, image: "busybox:1.35", command: [echo, "42"]}
""")''',
    mistakes=(
        Mistake(
            name="restartPolicy was left out",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: answer}, \
spec: {containers: [{name: job, image: 'busybox:1.35', command: [echo, '42']}]}}")""",
            says="needs `restartPolicy: Never`",
        ),
        Mistake(
            name="it never ends",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: answer}, spec: {restartPolicy: Never, \
containers: [{name: job, image: 'busybox:1.35', command: [sh, -c, 'echo 42; sleep 3600']}]}}")""",
            says="keep it alive",
        ),
        Mistake(
            name="it prints something else",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: answer}, spec: {restartPolicy: Never, \
containers: [{name: job, image: 'busybox:1.35', command: [echo, '41']}]}}")""",
            says="its log does not say 42",
        ),
        Mistake(
            name="the command is no program",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: answer}, spec: {restartPolicy: Never, \
containers: [{name: job, image: 'busybox:1.35', command: [sh, -c, 'ecko 42']}]}}")""",
            says="exit code 127",
        ),
    ),
    objects=("pod/answer",),
)
