"""A line of `docker run`, said to a cluster."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Exercise,
    Mistake,
    Obj,
    Seen,
    State,
    Verdict,
    exists,
    failed,
    find_container,
    inspect,
    is_not_broken,
    msg,
    prints,
    runs_for,
    see,
    uses_image,
)

__all__ = ["EXERCISE"]

_REF, _IMAGE, _NAME, _VALUE = "pod/greeter", "busybox:1.35", "GREETING", "welcome"
_LINE = "docker run --detach --name greeter --env GREETING=welcome busybox:1.35 sh -c 'echo $GREETING; sleep 3600'"


def _has_variable(_state: State, pod: Obj) -> Seen | Verdict:
    container = find_container(pod, image=_IMAGE) or {}
    variables = {one.get("name"): one.get("value") for one in container.get("env") or ()}
    if variables.get(_NAME) == _VALUE:
        return see(msg("its environment: {name}={value}", name=_NAME, value=_VALUE))
    if _NAME in variables:
        found = msg("{name} is `{value}`", name=_NAME, value=str(variables[_NAME]))
        return failed(msg("the variable has another value."), found, hint=msg("Letter by letter, as in the line."))
    return failed(
        msg("its container has no variable `{name}`.", name=_NAME),
        hint=msg("What is `--env` for docker is a list called `env` below the container."),
    )


def _understands_variables(state: State, _pod: Obj) -> Seen | Verdict:
    log = state.log("greeter") or state.log("greeter", previous=True)
    if f"${_NAME}" not in log:
        return see()
    return failed(
        msg("nobody put the variable's value in."),
        msg("its log: {line}", line=log.strip().splitlines()[0]),
        hint=msg("`$` means something to a shell. Which word of the line starts one?"),
    )


def _goes_on(_state: State, pod: Obj) -> Seen | Verdict:
    """A command that has ended well is no broken one, and yet not what the line asks for."""
    for status in (pod.get("status") or {}).get("containerStatuses") or ():
        ended = [status.get(key, {}).get("terminated") or {} for key in ("state", "lastState")]
        if any(one.get("exitCode") == 0 for one in ended):
            return failed(
                msg("its program has done its work and ended."),
                msg("restarted {restarts} times so far", restarts=status["restartCount"]),
                hint=msg("A container lives as long as its program. What is the last thing that the line's program does?"),
            )
    return see()


EXERCISE = Exercise(
    id="orchestration-2",
    title=msg("A line of docker run"),
    task=msg("Say this to the cluster, as a Pod: `{line}`", line=_LINE),
    checks=(
        exists(_REF),
        uses_image(_REF, _IMAGE),
        inspect(_REF, _understands_variables),
        inspect(_REF, _has_variable),
        inspect(_REF, _goes_on),
        is_not_broken(_REF),
        prints(_REF, rf"\b{_VALUE}\b"),
        runs_for(_REF, 3),
    ),
    solved=msg("the same container, started by a cluster."),
    hints=(
        msg("Word by word: the name is the Pod's; image, variables and command belong to its container."),
        msg("`kubectl run` takes much the same words as `docker run`, and the command stands after `--`."),
        msg("All of it: `{line}`", line="kubectl run greeter --image=busybox:1.35 --env=GREETING=welcome -- sh -c '…'"),
    ),
    looks_at=("events",),
    solution='''t.kubectl("""run greeter --image=busybox:1.35 --env=GREETING=welcome
-- sh -c 'echo $GREETING; sleep 3600'""".replace("\\n", " "))''',
    alternative='''t.apply("""
apiVersion: v1
kind: Pod
metadata: {name: greeter}
spec:
  containers:
  - name: box
    image: busybox:1.35
    env: [{name: GREETING, value: welcome}]
    command: [sh, -c]
    args: ["while true; do echo $GREETING; sleep 60; done"]
""")''',
    mistakes=(
        Mistake(
            name="no shell",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: greeter}, spec: {containers: [{name: box, \
image: 'busybox:1.35', env: [{name: GREETING, value: welcome}], command: [echo, $GREETING]}]}}")
t.wait("pod/greeter", "CrashLoopBackOff")""",
            says="nobody put the variable's value in",
        ),
        Mistake(
            name="the word instead of the variable",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: greeter}, spec: {containers: [{name: box, \
image: 'busybox:1.35', command: [sh, -c, 'echo welcome; sleep 3600']}]}}")""",
            says="has no variable `GREETING`",
        ),
        Mistake(
            name="it does not stay",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: greeter}, spec: {containers: [{name: box, \
image: 'busybox:1.35', env: [{name: GREETING, value: welcome}], command: [sh, -c, 'echo $GREETING']}]}}")
t.wait("pod/greeter", "CrashLoopBackOff")""",
            says="has done its work and ended",
        ),
        Mistake(
            name="another value",
            cell="""t.apply("{apiVersion: v1, kind: Pod, metadata: {name: greeter}, spec: {containers: [{name: box, \
image: 'busybox:1.35', env: [{name: GREETING, value: Hello}], command: [sh, -c, 'echo $GREETING; sleep 3600']}]}}")""",
            says="the variable has another value",
        ),
    ),
    objects=(_REF,),
)
