"""The arithmetic of a rollout: how many pods each version may have, from maxSurge and maxUnavailable.

Everything here is numbers in, numbers out. See kubernetes.io/docs/concepts/workloads/controllers/deployment
(Rolling Update Deployment; Proportional scaling).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k8s_tutor.embedded.controllers import revisions
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["Limits", "Scale", "available", "new_size", "proportional", "replicas", "scale_new", "shrink_old"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a Deployment allows during a rollout.

    Attributes:
        replicas: Pods wanted.
        surge: Pods allowed above that.
        unavailable: Pods that may be missing.
        rolling: False for the strategy Recreate.
    """

    replicas: int
    surge: int
    unavailable: int
    rolling: bool

    @classmethod
    def of(cls, deployment: Obj) -> Limits:
        """Percentages resolved: surge rounds up, unavailable down, and they are never both zero."""
        spec = deployment["spec"]
        wanted = int(spec.get("replicas", 1))
        strategy = spec.get("strategy") or {}
        if strategy.get("type") == "Recreate":
            return cls(wanted, 0, 0, rolling=False)
        rolling = strategy.get("rollingUpdate") or {}
        surge = math.ceil(_share(rolling.get("maxSurge", "25%"), wanted))
        unavailable = math.floor(_share(rolling.get("maxUnavailable", "25%"), wanted))
        if surge == 0 and unavailable == 0:
            unavailable = 1
        return cls(wanted, surge, min(unavailable, wanted), rolling=True)

    @property
    def maximum(self) -> int:
        """The most pods at one time."""
        return self.replicas + self.surge

    @property
    def minimum_available(self) -> int:
        """The fewest available pods at any time."""
        return self.replicas - self.unavailable if self.rolling else self.replicas


@dataclass(frozen=True, slots=True)
class Scale:
    """A ReplicaSet and the size it shall have."""

    replica_set: Obj
    size: int


def replicas(rs: Obj) -> int:
    """`spec.replicas`."""
    return int(rs["spec"].get("replicas", 1))


def available(rs: Obj) -> int:
    """`status.availableReplicas`."""
    return int((rs.get("status") or {}).get("availableReplicas", 0))


def new_size(limits: Limits, current: int, all_: Iterable[Obj]) -> int:
    """How big the new version may be now, given its `current` size and all versions there are."""
    if not limits.rolling:
        return limits.replicas
    total = sum(replicas(rs) for rs in all_)
    if total >= limits.maximum:
        return current
    return current + min(limits.maximum - total, limits.replicas - current)


def scale_new(limits: Limits, new: Obj, all_: Iterable[Obj]) -> list[Scale]:
    """The new version's next size, if it changes."""
    current = replicas(new)
    if current == limits.replicas:
        return []
    size = limits.replicas if current > limits.replicas else new_size(limits, current, all_)
    return [Scale(new, size)] if size != current else []


def shrink_old(limits: Limits, new: Obj | None, old: Sequence[Obj]) -> list[Scale]:
    """How far the old versions may shrink without falling below the minimum of available pods.

    First their pods that are not available anyway, then, oldest version first, available ones.
    """
    old = [rs for rs in old if replicas(rs) > 0]
    total = sum(replicas(rs) for rs in old) + (replicas(new) if new else 0)
    new_unavailable = replicas(new) - available(new) if new else 0
    room = total - limits.minimum_available - new_unavailable
    if not old or room <= 0:
        return []
    sizes = {metadata.uid(rs): replicas(rs) for rs in old}
    steps: list[Scale] = []

    def shrink(rs: Obj, by: int) -> int:
        if by > 0:
            sizes[metadata.uid(rs)] -= by
            steps.append(Scale(rs, sizes[metadata.uid(rs)]))
        return max(by, 0)

    for rs in revisions.by_age(old):
        room -= shrink(rs, min(room, replicas(rs) - available(rs)))
    spare = sum(available(rs) for rs in old) + (available(new) if new else 0) - limits.minimum_available
    for rs in revisions.by_age(old):
        spare -= shrink(rs, min(spare, sizes[metadata.uid(rs)]))
    return steps


def proportional(limits: Limits, all_: Sequence[Obj], status_replicas: int) -> list[Scale]:
    """Sizes for a Deployment scaled in mid-rollout: each version keeps its share; the biggest takes the rest.

    Every version is listed, also those whose size stays, because their annotations change.
    """
    active = [rs for rs in all_ if replicas(rs) > 0]
    allowed = limits.maximum if limits.replicas > 0 else 0
    to_add = allowed - sum(replicas(rs) for rs in active)
    ages = revisions.by_age(active)
    ordered = sorted(reversed(ages) if to_add > 0 else ages, key=lambda rs: -replicas(rs))
    sizes: list[int] = []
    added = 0
    for rs in ordered:
        share = _proportion(limits, rs, to_add, added, status_replicas) if to_add else 0
        sizes.append(replicas(rs) + share)
        added += share
    if sizes and to_add:
        sizes[0] = max(sizes[0] + to_add - added, 0)
    return [Scale(rs, size) for rs, size in zip(ordered, sizes, strict=True)]


def _proportion(limits: Limits, rs: Obj, to_add: int, added: int, status_replicas: int) -> int:
    left = to_add - added
    if left == 0:
        return 0
    if limits.replicas == 0:
        share = -replicas(rs)
    else:
        annotation = metadata.annotations(rs).get(revisions.MAXIMUM, "")
        before = int(annotation) if annotation.isdecimal() and int(annotation) > 0 else status_replicas
        share = _round(replicas(rs) * limits.maximum / before) - replicas(rs) if before else 0
    return min(share, left) if to_add > 0 else max(share, left)


def _round(number: float) -> int:
    """Half away from zero, as the controller rounds; the numbers are never negative."""
    return math.floor(number + 0.5)


def _share(value: int | str, of: int) -> float:
    if isinstance(value, str) and value.endswith("%"):
        return int(value[:-1]) * of / 100
    return int(value)
