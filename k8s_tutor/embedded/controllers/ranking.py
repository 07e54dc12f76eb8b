"""Which pods go first when there are too many: the order of Kubernetes' `ActivePodsWithRanks`.

See kubernetes.io/docs/concepts/workloads/controllers/replicaset (Scaling a ReplicaSet).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cmp_to_key

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["first_to_go"]

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
        PHASES.get(pods.phase(pod), 0),
        1 if pods.is_ready(pod) else 0,
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
    ready_one, ready_two = pods.ready_at(one), pods.ready_at(two)
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
