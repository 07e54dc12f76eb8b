"""What a learner may bet on in this lesson, and what of the cluster settles it."""

from __future__ import annotations

import re

from k8s_tutor.exercises import Guess, Obj, State, Truth, msg

__all__ = ["GUESSES"]


def _is_ready(pod: Obj | None) -> bool:
    rows = ((pod or {}).get("status") or {}).get("conditions") or ()
    return any(row["type"] == "Ready" and row["status"] == "True" for row in rows)


def _replaced(ref: str, before: State, now: State) -> Obj | None:
    """The pod that has taken the place of one that was there when the question was asked; None until it is ready."""
    old, new = before.find(ref), now.find(ref)
    if old is None or new is None or old["metadata"]["uid"] == new["metadata"]["uid"]:
        return None
    return new if _is_ready(new) else None


def _loaded(state: State, pod: str) -> int | None:
    """How many keys redis has found on its disk when it started; None while it is starting."""
    log = state.log(pod)
    if "Ready to accept connections" not in log:
        return None
    return max(map(int, re.findall(r"keys loaded: (\d+)", log)), default=0)


def _without_its_secret(_before: State, now: State) -> Truth | None:
    statuses = ((now.find("pod/guarded") or {}).get("status") or {}).get("containerStatuses") or [{}]
    waiting = (statuses[0].get("state") or {}).get("waiting") or {}
    if waiting.get("reason") != "CreateContainerConfigError":
        return None
    return Truth("waits", msg("pod/guarded is there, and waits: {message}", message=waiting.get("message", "")))


def _remembers(before: State, now: State) -> Truth | None:
    if _replaced("pod/memo", before, now) is None or (count := _loaded(now, "memo")) is None:
        return None
    return Truth("yes" if count else "no", msg("keys that the new redis found on its disk: {count}", count=count))


def _order(_before: State, now: State) -> Truth | None:
    pods = [now.find(f"pod/db-{number}") for number in range(3)]
    if not all(_is_ready(pod) for pod in pods):
        return None
    _, second, third = (pod or {} for pod in pods)
    ready = next(row["lastTransitionTime"] for row in second["status"]["conditions"] if row["type"] == "Ready")
    made = third["metadata"]["creationTimestamp"]
    return Truth(
        "one" if made >= ready else "together",
        msg("pod/db-1 was ready at {ready}, pod/db-2 was made at {made}", ready=ready, made=made),
    )


def _stays(before: State, now: State) -> Truth | None:
    new = _replaced("pod/db-1", before, now)
    if new is None or (count := _loaded(now, "db-1")) is None:
        return None
    was, now_is = (before.find("pod/db-1") or {})["status"].get("podIP"), new["status"].get("podIP")
    answer = "name" if not count else "all" if was == now_is else "memory"
    return Truth(answer, msg("it was at {was}, and is at {now}; keys it found: {count}", was=was, now=now_is, count=count))


def _scaled_down(before: State, now: State) -> Truth | None:
    def pods(state: State) -> list[str]:
        return [name for name in state.names("pods") if re.fullmatch(r"db-\d", name)]

    if len(pods(before)) < 3 or len(pods(now)) != 1:
        return None
    claims = [name for name in now.names("persistentvolumeclaims") if name.startswith("data-db-")]
    answer = "any" if pods(now) != ["db-0"] else "stay" if len(claims) == 3 else "gone"
    return Truth(answer, msg("left: pod/{pod}, and claims: {count}", pod=pods(now)[0], count=len(claims)))


GUESSES = (
    Guess(
        "configuration-a",
        msg("What will happen?"),
        _without_its_secret,
        {
            "refused": msg("the Pod is refused"),
            "open": msg("redis runs without a password"),
            "waits": msg("the Pod is there, and waits"),
        },
    ),
    Guess(
        "configuration-b",
        msg("Will redis still know about the tea?"),
        _remembers,
        {"yes": msg("it knows"), "no": msg("it has forgotten")},
    ),
    Guess(
        "configuration-c",
        msg("Will the other two start together, or one after the other?"),
        _order,
        {"together": msg("together"), "one": msg("one after the other")},
    ),
    Guess(
        "configuration-d",
        msg("What will be the same afterwards?"),
        _stays,
        {
            "name": msg("its name, and nothing else"),
            "memory": msg("its name and its memory"),
            "all": msg("its name, its memory and its address"),
        },
    ),
    Guess(
        "configuration-e",
        msg("Which Pods go, and what becomes of their disks?"),
        _scaled_down,
        {
            "any": msg("any two"),
            "gone": msg("the highest numbers, and their disks with them"),
            "stay": msg("the highest numbers, and their disks stay"),
        },
        looks_at=("pods", "persistentvolumeclaims"),
    ),
)
"""In the order of the lesson."""
