"""The marked place in *observe*: which Pods count."""

from __future__ import annotations

from k8s_tutor.exercises import (
    Call,
    Exercise,
    Mistake,
    Obj,
    Seen,
    Verdict,
    explain_trouble,
    failed,
    msg,
    see,
    try_function,
)

__all__ = ["EXERCISE"]


def _pod(phase: str, **metadata: str) -> Obj:
    return {"kind": "Pod", "metadata": {"name": "db-1", **metadata}, "spec": {}, "status": {"phase": phase}}


_LEAVING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
# What it is, the Pod, whether it lives, and what to say to who thinks otherwise.
_CASES = (
    (msg("a Pod that runs"), _pod("Running"), True, msg("A Pod whose phase is Running lives; that is the plain case.")),
    (
        msg("a Pod that has failed"),
        _pod("Failed"),
        False,
        msg("It is still listed, and its etcd has ended: a Pod that has ended stays so."),
    ),
    (
        msg("a Pod that is still starting"),
        _pod("Pending"),
        True,
        msg("It has not had its chance. Whoever takes it for dead replaces it at each look, and never gets one up."),
    ),
    (
        msg("a Pod that runs, and is being deleted"),
        _pod("Running", **_LEAVING),
        False,
        msg("Its phase says Running to the end. What in its metadata says that it is on its way out?"),
    ),
    (
        msg("a Pod that has succeeded"),
        _pod("Succeeded"),
        False,
        msg("etcd ended there with exit code 0, as one does that was removed. It has ended all the same."),
    ),
)


def _look(call: Call) -> Seen | Verdict:
    for what, pod, expected, hint in _CASES:
        called = call(pod)
        if called.trouble:
            return explain_trouble(called, msg("over {situation}", situation=what))
        if not isinstance(called.value, bool):
            return failed(
                msg("for {situation} the function returned neither True nor False.", situation=what),
                msg("returned: {value}", value=called.shown),
                hint=msg("A comparison gives True or False; does `return` stand before it?"),
            )
        if called.value is not expected:
            facts = [msg("phase: {phase}", phase=pod["status"]["phase"])]
            if "deletionTimestamp" in pod["metadata"]:
                facts.append(msg("deletionTimestamp: {time}", time=pod["metadata"]["deletionTimestamp"]))
            facts.append(msg("returned: {value}", value=called.shown))
            return failed(msg("wrong for {situation}.", situation=what), *facts, hint=hint)
    return see(msg("tried on {count} Pods: each time the right answer", count=len(_CASES)))


def _is_alive(pod: Obj) -> bool:
    return pod["status"]["phase"] in ("Pending", "Running") and "deletionTimestamp" not in pod["metadata"]


EXERCISE = Exercise(
    id="operators-1",
    title=msg("Dead or alive"),
    task=msg(
        "`is_alive(pod)` is given a Pod, as a dict, and says with True or False whether to count on it: it runs or is "
        "still starting, and nobody is deleting it."
    ),
    checks=(try_function("operators-1", _look, _CASES[0][1]),),
    solved=msg("the operator tells the living from the dead."),
    hints=(
        msg('Two things decide. One is in `pod["status"]`, the other in `pod["metadata"]`.'),
        msg('`pod["status"]["phase"]` is Pending, Running, Succeeded or Failed. Two of them are those of the living.'),
        msg('A Pod that is being deleted has a `deletionTimestamp`: `"deletionTimestamp" in pod["metadata"]`.'),
        msg('return pod["status"]["phase"] in ("Pending", "Running") and "deletionTimestamp" not in pod["metadata"]'),
    ),
    solution='''@t.place("operators-1")
def is_alive(pod):
    """① Does this Pod count?"""
    return pod["status"]["phase"] in ("Pending", "Running") and "deletionTimestamp" not in pod["metadata"]''',
    alternative="""@t.place("operators-1")
def is_alive(pod):
    if pod["metadata"].get("deletionTimestamp"):
        return False
    return pod["status"]["phase"] not in ("Failed", "Succeeded")""",
    mistakes=(
        Mistake(
            name="every Pod counts",
            cell='@t.place("operators-1")\ndef is_alive(pod):\n    return True',
            says="a Pod that has ended stays so",
        ),
        Mistake(
            name="a Pod that starts is taken for dead",
            cell='@t.place("operators-1")\ndef is_alive(pod):\n    return pod["status"]["phase"] == "Running"',
            says="has not had its chance",
        ),
        Mistake(
            name="a Pod that is being deleted counts",
            cell='@t.place("operators-1")\ndef is_alive(pod):\n'
            '    return pod["status"]["phase"] in ("Pending", "Running")',
            says="Its phase says Running to the end",
        ),
        Mistake(
            name="the key is taken for granted",
            cell='@t.place("operators-1")\ndef is_alive(pod):\n'
            '    return pod["status"]["phase"] == "Running" and not pod["metadata"]["deletionTimestamp"]',
            says="Not every Pod has it",
        ),
        Mistake(
            name="a Pod is no object with attributes",
            cell='@t.place("operators-1")\ndef is_alive(pod):\n    return pod.status.phase == "Running"',
            says="plain dicts",
        ),
        Mistake(
            name="nothing is returned",
            cell='@t.place("operators-1")\ndef is_alive(pod):\n    pod["status"]["phase"] == "Running"',
            says="neither True nor False",
        ),
    ),
    function=_is_alive,
)
