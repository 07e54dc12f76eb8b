"""What a learner may bet on in this lesson, and what of the cluster settles it."""

from __future__ import annotations

from k8s_tutor.exercises import Guess, State, Truth, msg

__all__ = ["GUESSES"]


def _visitor(_before: State, now: State) -> Truth | None:
    told = [text for text in now.event_messages("replicaset/web", "SuccessfulDelete") if text.endswith(" visitor")]
    return Truth("removed", msg("the controller says: {words}", words=told[-1])) if told else None


def _guests_after_lunch(before: State, now: State) -> Truth | None:
    there = [guest["metadata"]["name"] for guest in now.list("configmaps", "room=blue")]
    if "eve" not in there or before.find("configmap/eve") is not None:
        return None
    return Truth(len(there), msg("in the room: {names}", names=", ".join(sorted(there))))


def _removed(before: State, now: State) -> Truth | None:
    names = [pod["metadata"]["name"] for pod in before.list("pods", "kind=errand")]
    gone = sorted(name for name in names if now.find(f"pod/{name}") is None)
    return Truth(len(gone), msg("gone: {names}", names=", ".join(gone))) if gone else None


def _without_the_line(_before: State, now: State) -> Truth | None:
    cafe = now.find("deployment/cafe")
    if cafe is None or cafe["spec"]["replicas"] == 2:
        return None
    return Truth(cafe["spec"]["replicas"], msg("deployment/cafe: {number} replicas", number=cafe["spec"]["replicas"]))


GUESSES = (
    Guess(
        "control-loop-a",
        msg("What becomes of the Pod `visitor`?"),
        _visitor,
        {
            "ignored": msg("nothing, it is none of its business"),
            "counted": msg("it is counted, and there are four"),
            "removed": msg("it is removed again"),
        },
        ("pods", "replicasets", "events"),
    ),
    Guess("control-loop-b", msg("How many are in the room at the end?"), _guests_after_lunch, looks_at=("configmaps",)),
    Guess("control-loop-c", msg("How many of the four Pods are removed?"), _removed),
    Guess(
        "control-loop-d",
        msg("How many replicas without the line?"),
        _without_the_line,
        looks_at=("deployments",),
    ),
)
"""In the order of the lesson."""
