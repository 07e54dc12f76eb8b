"""What a learner may bet on in this lesson, and what of the cluster settles it."""

from __future__ import annotations

from k8s_tutor.exercises import Guess, State, Truth, msg

__all__ = ["GUESSES"]


def _two_doors(_before: State, now: State) -> Truth | None:
    weathervane = now.find("hpa/weathervane")
    if weathervane is None:
        return None
    written = sorted({one["apiVersion"] for one in weathervane["metadata"]["managedFields"]})[0]
    said = msg("hpa/weathervane was written as {old}, and is read as {new}", old=written, new=weathervane["apiVersion"])
    return Truth("same", said)


def _accepted_try(_before: State, now: State) -> Truth | None:
    lamp = now.find("deployment/lamp")
    if lamp is None:
        return None
    number = int(lamp["metadata"]["annotations"]["try"])
    return Truth(number, msg("deployment/lamp comes from try {number}", number=number))


GUESSES = (
    Guess(
        "map-a",
        msg("Written at `autoscaling/v1`: what does somebody see who asks at `autoscaling/v2`?"),
        _two_doors,
        {
            "nothing": msg("nothing, that is another list"),
            "same": msg("the same object, in other words"),
            "copy": msg("a copy, with a name of its own"),
        },
        ("hpa",),
    ),
    Guess("map-b", msg("Which try is the first to be accepted?"), _accepted_try, looks_at=("deployments",)),
)
"""In the order of the lesson."""
