"""What a learner may bet on in this lesson, and what of the cluster settles it."""

from __future__ import annotations

from k8s_tutor.exercises import Guess, State, Truth, msg

__all__ = ["GUESSES"]


def _accepted_ferries(_before: State, now: State) -> Truth | None:
    there = [name for name in "abcdef" if now.find(f"ferry/{name}") is not None]
    return Truth(len(there), msg("ferries here: {names}", names=", ".join(there))) if there else None


def _accepted_orders(_before: State, now: State) -> Truth | None:
    voyage = now.find("voyage/early")
    if voyage is None:
        return None
    count = voyage["metadata"]["generation"]  # counts what was written into the spec
    return Truth(count, msg("voyage/early was written {count} times", count=count))


def _claimed(_before: State, now: State) -> Truth | None:
    fleet = now.find("fleet/blue")
    if fleet is None:
        return None
    ships = (fleet.get("status") or {}).get("ships")
    return Truth("claimed" if ships == 99 else "nothing", msg("fleet/blue, at sea: {ships}", ships=ships or "-"))


def _scaled(before: State, now: State) -> Truth | None:
    old, new = before.find("fleet/blue"), now.find("fleet/blue")
    if old is None or new is None or old["spec"] == new["spec"]:
        return None
    return Truth("yes", msg("fleet/blue: {ships} ships wanted", ships=new["spec"]["ships"]))


def _light(before: State, now: State) -> Truth | None:
    old, new = before.find("buoy/east"), now.find("buoy/east")
    if old is None or new is None or old["spec"]["depth"] == new["spec"]["depth"]:
        return None
    light = new["spec"].get("light", "none")
    return Truth(light, msg("buoy/east: depth {depth}, light {light}", depth=new["spec"]["depth"], light=light))


GUESSES = (
    Guess("kinds-a", msg("How many of the six ferries are accepted?"), _accepted_ferries, looks_at=("ferry",)),
    Guess("kinds-b", msg("How many of the five orders go through?"), _accepted_orders, looks_at=("voyage",)),
    Guess(
        "kinds-c",
        msg("What will stand under `AT SEA`?"),
        _claimed,
        {"claimed": "99", "nothing": msg("nothing: the claim is dropped")},
        ("fleet",),
    ),
    Guess(
        "kinds-d",
        msg("Will `kubectl scale` work?"),
        _scaled,
        {"yes": msg("yes, it will"), "no": msg("no, how should it")},
        ("fleet",),
    ),
    Guess(
        "kinds-e",
        msg("Which light has `east` now?"),
        _light,
        {"red": msg("a red light"), "green": msg("a green light"), "none": msg("no light at all")},
        ("buoy",),
    ),
)
"""In the order of the lesson."""
