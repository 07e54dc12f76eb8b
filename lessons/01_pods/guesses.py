"""What a learner may bet on in this lesson, and what of the cluster settles it."""

from __future__ import annotations

from k8s_tutor.exercises import Guess, State, Truth, msg

__all__ = ["GUESSES"]


def _there_at_the_end(_before: State, now: State) -> Truth | None:
    pod = now.find("pod/count")
    if pod is None or pod["status"].get("phase") != "Succeeded":
        return None
    return Truth("there", msg("pod/count is there, and its phase is Succeeded"))


def _container_when_not_ready(_before: State, now: State) -> Truth | None:
    statuses = ((now.find("pod/moody") or {}).get("status") or {}).get("containerStatuses") or ()
    app = next((one for one in statuses if one["name"] == "app"), None)
    if app is None or app["ready"]:
        return None
    restarts, runs = app["restartCount"], "running" in app["state"]
    answer = "restarted" if restarts else "on" if runs else "stopped"
    return Truth(answer, msg("container app: restarted {restarts} times, not ready", restarts=restarts))


def _wrong_image(_before: State, now: State) -> Truth | None:
    return Truth("accepted", msg("pod/typo is there")) if now.find("pod/typo") else None


def _printed_how_often(_before: State, now: State) -> Truth | None:
    statuses = ((now.find("pod/crash") or {}).get("status") or {}).get("containerStatuses") or ()
    restarts = sum(one["restartCount"] for one in statuses)
    return Truth("again", msg("restarted {restarts} times so far", restarts=restarts)) if restarts else None


def _after_deletion(before: State, now: State) -> Truth | None:
    old, new = before.find("pod/web"), now.find("pod/web")
    if old is None or (new is not None and new["metadata"]["uid"] == old["metadata"]["uid"]):
        return None
    return Truth("new" if new else "nothing", msg("pods here: {names}", names=", ".join(now.names("pods"))))


GUESSES = (
    Guess(
        "pods-a",
        msg("Will the Pod be gone at the end?"),
        _there_at_the_end,
        {"gone": msg("yes, it is gone"), "there": msg("no, it is still there")},
    ),
    Guess(
        "pods-b",
        msg("What becomes of the container?"),
        _container_when_not_ready,
        {"stopped": msg("it is stopped"), "restarted": msg("it is restarted"), "on": msg("it runs on")},
    ),
    Guess(
        "pods-c",
        msg("Will `t.apply` refuse it?"),
        _wrong_image,
        {"refused": msg("it is refused"), "accepted": msg("it is accepted")},
    ),
    Guess(
        "pods-d",
        msg("How often will `starting` be printed?"),
        _printed_how_often,
        {"never": msg("not at all"), "once": msg("once"), "again": msg("again and again")},
    ),
    Guess(
        "pods-e",
        msg("What is there a moment later?"),
        _after_deletion,
        {"new": msg("a new `web`"), "same": msg("the same `web`"), "nothing": msg("no `web` at all")},
    ),
)
"""In the order of the lesson."""
