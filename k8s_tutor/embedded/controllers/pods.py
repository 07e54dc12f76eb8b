"""What controllers ask about a pod: active, ready since when, available."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.actions import Requeue
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.types import Obj

__all__ = [
    "BURST",
    "available_at",
    "is_active",
    "is_available",
    "is_ready",
    "is_terminal",
    "min_ready_seconds",
    "phase",
    "ready_at",
    "until_available",
]

BURST = 500
"""No more pods than these are made or removed in one run of a controller."""


def phase(pod: Obj) -> str:
    """`status.phase`, or `""`."""
    return str((pod.get("status") or {}).get("phase", ""))


def is_terminal(pod: Obj) -> bool:
    """Whether it has ended for good."""
    return phase(pod) in ("Succeeded", "Failed")


def is_active(pod: Obj) -> bool:
    """Whether a controller counts on it: neither ended nor being deleted."""
    return not is_terminal(pod) and not metadata.is_deleting(pod)


def is_ready(pod: Obj) -> bool:
    """Whether its condition Ready is True."""
    return conditions.is_true(pod, "Ready")


def ready_at(pod: Obj) -> float | None:
    """Since when it is ready, seconds since the epoch; None when it is not."""
    ready = conditions.get(pod, "Ready")
    if ready is None or ready["status"] != "True" or not ready.get("lastTransitionTime"):
        return None
    return from_rfc3339(ready["lastTransitionTime"])


def available_at(pod: Obj, min_ready_seconds: int) -> float | None:
    """When it counts (or will count) as available: ready for `min_ready_seconds`; None while not ready."""
    ready = ready_at(pod)
    return None if ready is None else ready + min_ready_seconds


def is_available(pod: Obj, min_ready_seconds: int, now: float) -> bool:
    """Whether it has been ready for `min_ready_seconds`."""
    if min_ready_seconds == 0:
        return is_ready(pod)
    when = available_at(pod, min_ready_seconds)
    return when is not None and when <= now


def min_ready_seconds(owner: Obj) -> int:
    """How long a pod of this workload must have been ready to count as available."""
    return int(owner["spec"].get("minReadySeconds", 0))


def until_available(owner: Obj, some: Iterable[Obj], now: float) -> Sequence[Requeue]:
    """Another look when the next of a workload's ready pods counts as available, if one is on the way."""
    times = (available_at(pod, min_ready_seconds(owner)) for pod in some)
    soon = min((when for when in times if when is not None and when > now), default=None)
    return () if soon is None else (Requeue(soon - now),)
