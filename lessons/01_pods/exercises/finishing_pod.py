"""A pod that ends."""

from __future__ import annotations

import re

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    cannot_tell,
    describe_pod,
    exists,
    failed,
    find_container,
    inspect,
    msg,
    see,
    uses_image,
)

__all__ = ["EXERCISE"]

BUSYBOX = "busybox:1.35"


def _read_log(state: State, pod: Obj) -> str:
    job = find_container(pod, image=BUSYBOX) or {}
    return state.log(pod["metadata"]["name"], job.get("name", ""))


def _stays_ended(_state: State, pod: Obj) -> Seen | Verdict:
    policy = pod["spec"].get("restartPolicy", "Always")
    if policy != "Always":
        return see()
    return failed(
        msg("pod/answer starts its container again and again."),
        msg("restartPolicy: {policy}", policy=policy),
        hint=msg("That is what you get if you leave `restartPolicy` out. It cannot be changed later: delete the pod."),
    )


def _has_ended(state: State, pod: Obj) -> Seen | Verdict:
    phase = pod.get("status", {}).get("phase", "Pending")
    if phase == "Succeeded":
        return see(describe_pod(pod))
    if phase == "Failed":
        last = _read_log(state, pod).splitlines()[-1:]
        hint = msg('An exit code of 0 means success. What it said before it ended: `t.logs("pod/answer")`.')
        return failed(msg("the program ended, and not well."), describe_pod(pod), *last, hint=hint)
    if phase == "Running":
        hint = msg("What keeps it alive after it has printed?")
        return failed(msg("the program is still running."), describe_pod(pod), hint=hint, settling=True)
    return cannot_tell(msg("pod/answer is still starting."), describe_pod(pod), hint=msg("Check again."), settling=True)


def _says_42(state: State, pod: Obj) -> Seen | Verdict:
    log = _read_log(state, pod).strip()
    if re.search(r"\b42\b", log):
        return see(msg("its log: {log}", log=log.splitlines()[-1]))
    return failed(
        msg("it ended well, but its log does not say 42."),
        msg("the log: {log}", log=log or "(empty)"),
        hint=msg("Whatever the program prints to its standard output becomes the log."),
    )


EXERCISE = Exercise(
    id="pods-2",
    title=msg("A pod that finishes"),
    task=msg("Start a pod called `answer` from `{image}` that prints `42`, ends, and stays ended.", image=BUSYBOX),
    checks=(
        exists("pod/answer"),
        uses_image("pod/answer", BUSYBOX),
        inspect("pod/answer", _stays_ended),
        inspect("pod/answer", _has_ended),
        inspect("pod/answer", _says_42),
    ),
    solved=msg("the pod printed 42 and ended well."),
    hints=(
        msg("The manifest of pod `count` does nearly this. What does its `command` say?"),
        msg("The command is a list: a program, then its arguments. `sh -c` runs a line of shell."),
        msg('command: [sh, -c, "echo 42"], and restartPolicy: Never beside `containers`.'),
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
            says="restartPolicy: Always",
        ),
        Mistake(
            name="it never ends",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: answer}, spec: {restartPolicy: Never, \
containers: [{name: job, image: 'busybox:1.35', command: [sh, -c, 'echo 42; sleep 3600']}]}}")""",
            says="the program is still running",
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
