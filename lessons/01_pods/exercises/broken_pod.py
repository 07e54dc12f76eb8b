"""A broken pod with two faults, one behind the other."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    Wording,
    describe_pod,
    exists,
    failed,
    inspect,
    is_not_broken,
    is_ready,
    msg,
    prints,
    runs_for,
    see,
)

__all__ = ["EXERCISE"]

LASTING = 10  # seconds

_START = """
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


def _exit_code(pod: Obj) -> int | None:
    for row in pod.get("status", {}).get("containerStatuses") or ():
        for state in (row.get("state") or {}, row.get("lastState") or {}):
            if ended := state.get("terminated"):
                return int(ended.get("exitCode", 0))
    return None


def _finds_its_program(_state: State, pod: Obj) -> Seen | Verdict:
    if (code := _exit_code(pod)) != 127:
        return see()
    return failed(
        msg("the image is there now; the program ends at once."),
        msg("the container ended with exit code {code}: a command was not found", code=code),
        hint=msg('One fault hid behind the other. Which word did the shell not know? `t.logs("pod/oven")`.'),
    )


def _does_not_end(_state: State, pod: Obj) -> Seen | Verdict:
    if pod.get("status", {}).get("phase") != "Succeeded" and (_exit_code(pod) != 0):
        return see()
    hint = msg("The task wants it to keep running.")
    return failed(msg("the oven has gone cold: its program ended."), describe_pod(pod), hint=hint)


def _second_hint(state: State) -> Wording:
    if (pod := state.find("pod/oven")) is not None and _exit_code(pod) == 127:
        return msg("The image is mended. One word in its command no shell knows.")
    return msg("There are two faults, and the second shows only when the first is mended.")


EXERCISE = Exercise(
    id="pods-5",
    title=msg("The cold oven"),
    task=msg(
        "Somebody started a pod called `oven`, and it does not run. Find out why, and mend it: it should print `warm` "
        "and keep running. The check watches it for {seconds} seconds.",
        seconds=LASTING,
    ),
    checks=(
        exists("pod/oven", gone_hint=msg('Deleting is half of it. `t.exercise("pods-5")` brings the broken one back.')),
        inspect("pod/oven", _finds_its_program),
        inspect("pod/oven", _does_not_end),
        is_not_broken("pod/oven"),
        is_ready("pod/oven"),
        prints("pod/oven", r"\bwarm\b", hint=msg("The program should still print `warm`.")),
        runs_for("pod/oven", LASTING),
    ),
    solved=msg("the oven is warm, and stays so."),
    hints=(
        msg('Ask in this order: `t.kubectl("get pods")`, `t.events("pod/oven")`, `t.logs("pod/oven")`.'),
        _second_hint,
        msg("Look at the tag of the image: the course's busybox is 1.35. Then look at how `sleep` is written."),
        msg("busybox:1.35, and sleep 3600. The image may change in place; for the command, delete and apply anew."),
    ),
    start=_START,
    first_step=msg('Begin with `t.events("pod/oven")`.'),
    looks_at=("events",),
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
