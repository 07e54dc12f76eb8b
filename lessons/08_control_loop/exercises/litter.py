"""The marked place in *analyse*: which Pods are to be cleared away."""

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


def _pod(phase: str, labels: dict[str, str] | None = None, **metadata: str) -> Obj:
    named = {"name": "errand", **metadata} | ({"labels": labels} if labels else {})
    return {"kind": "Pod", "metadata": named, "spec": {}, "status": {"phase": phase}}


_LEAVING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
# What it is, the Pod, whether it is litter, and what to say to who thinks otherwise.
_CASES = (
    (
        msg("a Pod that has done its work"),
        _pod("Succeeded", {"kind": "errand"}),
        True,
        msg("Its phase is Succeeded; that is the plain case."),
    ),
    (
        msg("a Pod that is still at work"),
        _pod("Running", {"kind": "errand"}),
        False,
        msg("Nobody wants work cleared away. What is its phase?"),
    ),
    (msg("a Pod that waits to be started"), _pod("Pending", {"kind": "errand"}), False, msg("It has yet to begin.")),
    (
        msg("a Pod that has failed"),
        _pod("Failed", {"kind": "errand"}),
        False,
        msg("Its log goes with it. Who is to find out why it failed?"),
    ),
    (
        msg("a Pod that is done, with the label `keep: please`"),
        _pod("Succeeded", {"kind": "errand", "keep": "please"}),
        False,
        msg("Somebody has asked for it to stay. The label's key says so, whatever its value."),
    ),
    (
        msg("a Pod that is done, and without any label"),
        _pod("Succeeded"),
        True,
        msg("It has done its work, and nobody has asked to keep it."),
    ),
    (
        msg("a Pod that is done, and is being deleted already"),
        _pod("Succeeded", {"kind": "errand"}, **_LEAVING),
        False,
        msg("Somebody was quicker. What in its metadata says that it is on its way out?"),
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
            facts = [msg("phase: {phase}", phase=pod["status"]["phase"]), msg("returned: {value}", value=called.shown)]
            return failed(msg("wrong for {situation}.", situation=what), *facts, hint=hint)
    return see(msg("tried on {count} Pods: each time the right answer", count=len(_CASES)))


def _is_litter(pod: Obj) -> bool:
    about = pod["metadata"]
    done = pod["status"]["phase"] == "Succeeded"
    return done and "keep" not in about.get("labels", {}) and "deletionTimestamp" not in about


EXERCISE = Exercise(
    id="control-loop-3",
    title=msg("What is litter?"),
    task=msg(
        "`is_litter(pod)` says with True or False whether the janitor should remove this Pod: it has succeeded, nobody "
        "has put the label `keep` on it, and nobody is deleting it already."
    ),
    checks=(try_function("control-loop-3", _look, _CASES[0][1]),),
    solved=msg("the janitor knows litter from work."),
    hints=(
        msg('Three things decide: `pod["status"]["phase"]`, and two in `pod["metadata"]`.'),
        msg('Not every Pod has labels: `pod["metadata"].get("labels", {{}})` gives an empty dict then.'),
        msg('A Pod that is being deleted has a `deletionTimestamp`: `"deletionTimestamp" in pod["metadata"]`.'),
    ),
    solution='''@t.place("control-loop-3")
def is_litter(pod):
    """② Is this Pod to be removed?"""
    about = pod["metadata"]
    done = pod["status"]["phase"] == "Succeeded"
    return done and "keep" not in about.get("labels", {}) and "deletionTimestamp" not in about''',
    alternative="""@t.place("control-loop-3")
def is_litter(pod):
    if pod["metadata"].get("deletionTimestamp") or "keep" in (pod["metadata"].get("labels") or {}):
        return False
    return pod["status"]["phase"] == "Succeeded\"""",
    mistakes=(
        Mistake(
            name="all that has ended",
            cell='@t.place("control-loop-3")\ndef is_litter(pod):\n'
            '    return pod["status"]["phase"] in ("Succeeded", "Failed")',
            says="Who is to find out why it failed?",
        ),
        Mistake(
            name="the label does not count",
            cell='@t.place("control-loop-3")\ndef is_litter(pod):\n    return pod["status"]["phase"] == "Succeeded"',
            says="Somebody has asked for it to stay",
        ),
        Mistake(
            name="labels are taken for granted",
            cell='@t.place("control-loop-3")\ndef is_litter(pod):\n'
            '    return pod["status"]["phase"] == "Succeeded" and "keep" not in pod["metadata"]["labels"]',
            says="Not every Pod has it",
        ),
        Mistake(
            name="deleted twice",
            cell='@t.place("control-loop-3")\ndef is_litter(pod):\n'
            '    return pod["status"]["phase"] == "Succeeded" and "keep" not in pod["metadata"].get("labels", {})',
            says="Somebody was quicker",
        ),
        Mistake(
            name="everything is litter",
            cell='@t.place("control-loop-3")\ndef is_litter(pod):\n    return True',
            says="Nobody wants work cleared away",
        ),
    ),
    function=_is_litter,
)
