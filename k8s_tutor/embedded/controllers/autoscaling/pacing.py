"""How fast an autoscaler may follow its figures: what it recommended of late, and how much it changed.

Source: kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale (Configurable scaling behavior).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from k8s_tutor.embedded.controllers.autoscaling.demand import Tolerances
from k8s_tutor.objects.quantity import parse
from k8s_tutor.objects.types import Obj

__all__ = ["Memory", "Settled", "settle", "tolerances"]

_DOWN_WINDOW = 300.0  # seconds for which a higher recommendation is remembered, where the spec says nothing
_Dated: TypeAlias = tuple[float, int]  # when, and how many

_WITHIN = ("DesiredWithinRange", "the desired count is within the acceptable range")
_TOO_FEW = ("TooFewReplicas", "the desired replica count is less than the minimum replica count")
_TOO_MANY = ("TooManyReplicas", "the desired replica count is more than the maximum replica count")
_UP_LIMIT = ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
_DOWN_LIMIT = ("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate")
_STABLE = ("ReadyForNewScale", "recommended size matches current size")
_UP_HELD = (
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
)
_DOWN_HELD = (
    "ScaleDownStabilized",
    "recent recommendations were higher than current one, applying the highest recent recommendation",
)


@dataclass
class Memory:
    """What is remembered of one autoscaler; like the real controller's, it does not outlive the controller."""

    recommended: list[_Dated] = field(default_factory=list)
    added: list[_Dated] = field(default_factory=list)
    removed: list[_Dated] = field(default_factory=list)

    def changed(self, before: int, after: int, now: float) -> None:
        """The number of replicas was changed."""
        rows = self.added if after > before else self.removed
        rows.append((now, abs(after - before)))

    def forget(self, before: float) -> None:
        """What happened before a moment does not count any more."""
        for rows in (self.recommended, self.added, self.removed):
            rows[:] = [row for row in rows if row[0] >= before]


@dataclass(frozen=True)
class Settled:
    """A number of replicas, and what is to be said of it.

    Attributes:
        replicas: So many.
        able: Reason and message of the condition `AbleToScale`.
        limited: Whether the number is another than the figures ask for.
        limit: Reason and message of the condition `ScalingLimited`.
    """

    replicas: int
    able: tuple[str, str]
    limited: bool
    limit: tuple[str, str]


def tolerances(spec: Obj) -> Tolerances:
    """How much the use may miss its target."""
    behavior = spec.get("behavior") or {}
    down, up = ((behavior.get(way) or {}).get("tolerance", "0.1") for way in ("scaleDown", "scaleUp"))
    return Tolerances(parse(down).nanos / 1e9, parse(up).nanos / 1e9)


def settle(spec: Obj, memory: Memory, *, current: int, desired: int, now: float) -> Settled:
    """The number to go to from `current` where the figures ask for `desired`; the wish is remembered."""
    behavior = spec.get("behavior")
    least, most = int(spec.get("minReplicas", 1)), int(spec["maxReplicas"])
    memory.recommended = memory.recommended or [(now, current)]
    if behavior is None:
        steady, held = max(desired, *_since(memory.recommended, now - _DOWN_WINDOW)), _DOWN_HELD
        allowed, limit = _plainly(current, steady, least, most)
    else:
        steady, held = _steadied(behavior, memory, current, desired, now)
        allowed, limit = _at_rate(behavior, memory, current, steady, (least, most), now)
    memory.recommended.append((now, desired))
    able = held if steady != desired else _STABLE
    return Settled(allowed, able, limited=allowed != steady, limit=limit)


def _since(rows: Sequence[_Dated], cutoff: float) -> list[int]:
    return [0, *(count for moment, count in rows if moment >= cutoff)]


def _plainly(current: int, desired: int, least: int, most: int) -> tuple[int, tuple[str, str]]:
    """Without a `behavior`: at most twice as many at once, and four from nothing."""
    doubled = max(2 * current, 4)
    highest, limit = (doubled, _UP_LIMIT) if most > doubled else (most, _TOO_MANY)
    if desired < least:
        return least, _TOO_FEW
    return (highest, limit) if desired > highest else (desired, _WITHIN)


def _steadied(behavior: Obj, memory: Memory, current: int, desired: int, now: float) -> tuple[int, tuple[str, str]]:
    """Up only as far as all recent recommendations go, down as well."""
    up, down = (_window(behavior, way) for way in ("scaleUp", "scaleDown"))
    lowest = min([desired, *(count for moment, count in memory.recommended if moment > now - up)])
    highest = max([desired, *(count for moment, count in memory.recommended if moment > now - down)])
    return min(max(current, lowest), highest), _UP_HELD if desired >= current else _DOWN_HELD


def _window(behavior: Obj, way: str) -> float:
    default = 0.0 if way == "scaleUp" else _DOWN_WINDOW
    return float((behavior.get(way) or {}).get("stabilizationWindowSeconds", default))


def _at_rate(
    behavior: Obj, memory: Memory, current: int, desired: int, bounds: tuple[int, int], now: float
) -> tuple[int, tuple[str, str]]:
    least, most = bounds
    if desired > current:
        fastest = max(_reach(behavior, "scaleUp", memory, current, now), current)
        highest, limit = (fastest, _UP_LIMIT) if most > fastest else (most, _TOO_MANY)
        return (highest, limit) if desired > highest else (desired, _WITHIN)
    if desired < current:
        fastest = min(_reach(behavior, "scaleDown", memory, current, now), current)
        lowest, limit = (fastest, _DOWN_LIMIT) if least < fastest else (least, _TOO_FEW)
        return (lowest, limit) if desired < lowest else (desired, _WITHIN)
    return desired, _WITHIN


def _reach(behavior: Obj, way: str, memory: Memory, current: int, now: float) -> int:
    """How far the policies let it go in one direction."""
    rules = behavior[way]
    if rules.get("selectPolicy") == "Disabled":
        return current
    up = way == "scaleUp"
    reached = []
    for policy in rules["policies"]:
        since = now - float(policy["periodSeconds"])
        added, removed = (sum(n for moment, n in rows if moment > since) for rows in (memory.added, memory.removed))
        start = current - added + removed
        share = policy["value"] / 100 if policy["type"] == "Percent" else 0.0
        step = policy["value"] if policy["type"] == "Pods" else 0
        reached.append(math.ceil(start * (1 + share)) + step if up else int(start * (1 - share)) - step)
    furthest = up != (rules.get("selectPolicy") == "Min")
    return max(reached) if furthest else min(reached)
