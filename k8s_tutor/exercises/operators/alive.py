"""The marked place in *observe*: which Pods count."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise, Mistake
from k8s_tutor.exercises.operators.places import broke_off, judged, shown
from k8s_tutor.exercises.trial import Answer, trial
from k8s_tutor.exercises.verdict import Verdict, failed, passed
from k8s_tutor.objects.types import Obj

__all__ = ["EXERCISE"]


def _pod(phase: str, **metadata: str) -> Obj:
    return {"kind": "Pod", "metadata": {"name": "db-1", **metadata}, "spec": {}, "status": {"phase": phase}}


_LEAVING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
# What it is, the Pod, whether it lives, and what to say to who thinks otherwise.
_CASES = (
    ("a Pod that runs", _pod("Running"), True, "A Pod whose phase is Running lives; that is the plain case."),
    (
        "a Pod that has failed",
        _pod("Failed"),
        False,
        "It is still listed, and its etcd has ended: a Pod that has ended stays so. Look at `status.phase`.",
    ),
    (
        "a Pod that is still starting (Pending)",
        _pod("Pending"),
        True,
        "It has not had its chance. Whoever takes it for dead replaces it at each look, and never gets one up.",
    ),
    (
        "a Pod that runs, and is being deleted",
        _pod("Running", **_LEAVING),
        False,
        "Its phase says Running to the end; a `metadata.deletionTimestamp` says that it is on its way out.",
    ),
    (
        "a Pod that has succeeded",
        _pod("Succeeded"),
        False,
        "etcd ended there with exit code 0, as one does that was removed. It has ended all the same.",
    ),
)


def _look(function: Answer) -> Verdict:
    for what, pod, expected, hint in _CASES:
        tried = trial(function, pod)
        if tried.trouble:
            return broke_off(tried, f" over {what}")
        if not isinstance(tried.value, bool):
            return failed(
                f"for {what} the function returned {shown(tried.value)}, which is neither True nor False.",
                hint="A comparison (`==`, `in`) gives True or False; `return` must stand before it.",
            )
        if tried.value is not expected:
            said = "counts as alive" if tried.value else "does not count as alive"
            seen = f"phase {pod['status']['phase']}"
            seen += ", deletionTimestamp set" if "deletionTimestamp" in pod["metadata"] else ""
            return failed(f"{what} {said}.", seen, hint=hint)
    return passed("the operator tells the living from the dead.", f"tried on {len(_CASES)} Pods")


def _is_alive(pod: Obj) -> bool:
    return pod["status"]["phase"] in ("Pending", "Running") and "deletionTimestamp" not in pod["metadata"]


EXERCISE = Exercise(
    id="operators-1",
    title="Dead or alive",
    task="`is_alive(pod)` is given a Pod, as a dict, and says with True or False whether to count on it: it runs or is "
    "still starting, and nobody is deleting it.",
    judge=judged("operators-1", _look, _CASES[0][1]),
    hints=(
        'Two things decide: `pod["status"]["phase"]`, and whether `pod["metadata"]` holds a `deletionTimestamp`.',
        "A Pod's phases are Pending, Running, Succeeded, Failed. Two of them are those of the living.",
        'return pod["status"]["phase"] in ("Pending", "Running") and "deletionTimestamp" not in pod["metadata"]',
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
    answer=_is_alive,
)
