"""What controllers ask about a pod: active, ready since when, available."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.actions import Patch, Requeue
from k8s_tutor.embedded.controllers.controller import View, owner_key
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import conditions, metadata, selectors
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.pods import is_ready, is_terminal, phase
from k8s_tutor.objects.types import Obj, OwnerReference

__all__ = [
    "BURST",
    "Claim",
    "available_at",
    "claim",
    "claimants",
    "first_to_go",
    "is_active",
    "is_available",
    "is_ready",
    "is_terminal",
    "min_ready_seconds",
    "phase",
    "ready_at",
    "until_available",
    "would_adopt",
]

BURST = 500
"""No more pods than these are made or removed in one run of a controller."""


def is_active(pod: Obj) -> bool:
    """Whether a controller counts on it: neither ended nor being deleted."""
    return not is_terminal(pod) and not metadata.is_deleting(pod)


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


# ---- Whose is it? Adopting what a selector matches and nobody controls; releasing what it no longer matches


@dataclass(frozen=True, slots=True)
class Claim:
    """What belongs to an owner, and the patches that make it so.

    Attributes:
        kept: Controlled by the owner and matched by its selector, adopted ones included.
        adopted: Taken in by `patches`.
        released: Let go by `patches`.
        patches: Changes of owner references.
    """

    kept: tuple[Obj, ...]
    adopted: tuple[Obj, ...]
    released: tuple[Obj, ...]
    patches: tuple[Patch, ...]


def would_adopt(owner: Obj, obj: Obj) -> bool:
    """Whether a controller without deletion would take in an object that nobody controls."""
    return metadata.controller_of(obj) is None and selectors.matches(
        owner["spec"].get("selector"), metadata.labels(obj)
    )


def claimants(
    change: Change, view: View, kind: str, resource: str, takes: Callable[[Obj, Obj], bool] = would_adopt
) -> Iterable[Key]:
    """Whom a change to something owned concerns: its controller, before and now; for an orphan, who would adopt it.

    Args:
        change: To a pod, say.
        view: The store.
        kind: Of the controllers that are asked for: `ReplicaSet`.
        resource: Theirs: `replicasets.apps`.
        takes: Whether one of them (the first argument) would adopt an orphan.
    """
    keys = [*owner_key(change.obj, kind)]
    if change.previous is not None:
        keys += owner_key(change.previous, kind)
    if metadata.controller_of(change.obj) is None and change.type != "DELETED":
        candidates = view.list(resource, metadata.namespace(change.obj))
        keys += [metadata.key(owner) for owner in candidates if takes(owner, change.obj)]
    return dict.fromkeys(keys)


def claim(owner: Obj, candidates: Iterable[Obj], finalizer: str = "") -> Claim:
    """Sorts out `candidates` of the owner's namespace by `spec.selector` and controller reference.

    Args:
        owner: Whose they may be.
        candidates: What there is.
        finalizer: What the owner holds its own with: adopted ones are given it, released ones lose it.
    """
    selector = selectors.of(owner["spec"].get("selector"))
    leaving = metadata.is_deleting(owner)
    kept, adopted, released = [], [], []
    for obj in candidates:
        reference = metadata.controller_of(obj)
        matching = selector.matches(metadata.labels(obj))
        if reference is None:
            if matching and not leaving and not metadata.is_deleting(obj):
                adopted.append(obj)
                kept.append(obj)
        elif reference["uid"] == metadata.uid(owner):
            if matching:
                kept.append(obj)
            elif not leaving:
                released.append(obj)
    patches = [
        _patch(obj, [*metadata.owners(obj), metadata.owner_reference(owner)], finalizer, held=True) for obj in adopted
    ]
    patches += [
        _patch(obj, [row for row in metadata.owners(obj) if row["uid"] != metadata.uid(owner)], finalizer, held=False)
        for obj in released
    ]
    return Claim(tuple(kept), tuple(adopted), tuple(released), tuple(patches))


def _patch(obj: Obj, owners: list[OwnerReference], finalizer: str, *, held: bool) -> Patch:
    change: Obj = {"ownerReferences": owners or None}
    if finalizer:
        others = [name for name in obj["metadata"].get("finalizers") or () if name != finalizer]
        change["finalizers"] = [*others, finalizer] if held else others or None
    return Patch(obj, {"metadata": change})


# ---- Which pods go first when there are too many: the order of Kubernetes' `ActivePodsWithRanks`
#
# See kubernetes.io/docs/concepts/workloads/controllers/replicaset (Scaling a ReplicaSet).

COST = "controller.kubernetes.io/pod-deletion-cost"
PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


def first_to_go(candidates: Iterable[Obj], related: Iterable[Obj], now: float) -> list[Obj]:
    """The candidates, the first to be deleted first.

    Args:
        candidates: Active pods of one controller.
        related: Active pods of all controllers with the same owner: many of them on a node make it crowded.
        now: Seconds since the epoch.
    """
    crowd: dict[str, int] = {}
    for pod in related:
        node = pod["spec"].get("nodeName", "")
        crowd[node] = crowd.get(node, 0) + 1

    def compare(one: Obj, two: Obj) -> int:
        first, second = _rank(one, crowd), _rank(two, crowd)
        if first != second:
            return -1 if first < second else 1
        return _by_age(one, two, now)

    return sorted(candidates, key=cmp_to_key(compare))


def _rank(pod: Obj, crowd: dict[str, int]) -> tuple[int, ...]:
    """Smaller goes first: unassigned, pending, unready, cheap, crowded."""
    node = pod["spec"].get("nodeName", "")
    return (
        1 if node else 0,
        PHASES.get(phase(pod), 0),
        1 if is_ready(pod) else 0,
        _cost(pod),
        -crowd.get(node, 0),
    )


def _cost(pod: Obj) -> int:
    text = metadata.annotations(pod).get(COST, "0")
    try:
        return int(text)
    except ValueError:
        return 0


def _by_age(one: Obj, two: Obj, now: float) -> int:
    """Ready more recently, restarted more often, created more recently; ages count by their magnitude only."""
    ready_one, ready_two = ready_at(one), ready_at(two)
    if ready_one is not None and ready_two is not None and ready_one != ready_two:
        return _magnitude(one, two, now - ready_one, now - ready_two)
    restarts_one, restarts_two = _restarts(one), _restarts(two)
    if restarts_one != restarts_two:
        return -1 if restarts_one > restarts_two else 1
    created_one, created_two = _created(one), _created(two)
    if created_one != created_two:
        return _magnitude(one, two, now - created_one, now - created_two)
    return 0


def _magnitude(one: Obj, two: Obj, age_one: float, age_two: float) -> int:
    first, second = _log2(age_one), _log2(age_two)
    if first != second:
        return -1 if first < second else 1
    return -1 if metadata.uid(one) < metadata.uid(two) else 1


def _log2(age: float) -> int:
    """The power of two of an age in nanoseconds; -1 for none."""
    return int(math.log2(age * 1e9)) if age > 0 else -1


def _restarts(pod: Obj) -> int:
    rows = (pod.get("status") or {}).get("containerStatuses") or ()
    return max((int(row.get("restartCount", 0)) for row in rows), default=0)


def _created(pod: Obj) -> float:
    return from_rfc3339(pod["metadata"]["creationTimestamp"])
