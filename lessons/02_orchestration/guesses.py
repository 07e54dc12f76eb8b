"""What a learner may bet on in this lesson, and what of the cluster settles it."""

from __future__ import annotations

from collections import Counter

from k8s_tutor.exercises import Guess, State, Truth, msg

__all__ = ["GUESSES"]

_COPIES = 6


def _note_after_restart(_before: State, now: State) -> Truth | None:
    statuses = ((now.find("pod/note") or {}).get("status") or {}).get("containerStatuses") or ()
    if not any(one["restartCount"] for one in statuses):
        return None
    log = now.log("note")
    if "remember" not in log and "no note" not in log:
        return None
    found = msg("after the restart it printed: {line}", line=log.splitlines()[0])
    return Truth("there" if "remember" in log else "gone", found)


def _on_the_busiest_node(_before: State, now: State) -> Truth | None:
    nodes = [str(pod["spec"].get("nodeName", "")) for pod in now.list("pods", "app=shop")]
    if len(nodes) != _COPIES or not all(nodes):
        return None
    counts = Counter(nodes)
    named = ", ".join(f"{node}: {count}" for node, count in sorted(counts.items()))
    return Truth(max(counts.values()), msg("Pods of shop on each node: {counts}", counts=named))


GUESSES = (
    Guess(
        "orchestration-a",
        msg("The container is started again. Will it find the note?"),
        _note_after_restart,
        {"there": msg("yes, the note is there"), "gone": msg("no, there is no note")},
    ),
    Guess(
        "orchestration-b",
        msg("Six copies, and not a word about nodes. How many will be on the node that has most of them?"),
        _on_the_busiest_node,
    ),
)
"""In the order of the lesson."""
