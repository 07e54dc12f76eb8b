"""HorizontalPodAutoscaler: every 15 seconds it compares what pods use with what is wanted, and scales their owner.

See kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.actions import Action, EmitEvent, Requeue, Scale, UpdateStatus
from k8s_tutor.embedded.controllers.autoscaling_demand import Proposal, Subject, Tolerances, Unmeasured, proposal
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import conditions, metadata, selectors
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.quantity import parse
from k8s_tutor.objects.selectors import Selector
from k8s_tutor.objects.types import Obj

__all__ = ["AutoscalerController", "Memory", "Settled", "settle", "tolerances"]


# ---- How fast an autoscaler may follow its figures: what it recommended of late, and how much it changed
#
# Source: kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale (Configurable scaling
# behavior).

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


# ---- HorizontalPodAutoscaler: every 15 seconds it compares what pods use with what is wanted, and scales their owner

_PERIOD = 15.0  # seconds between two looks
_REMEMBERED = 3600.0  # seconds: the longest window or period that a `behavior` may name


class AutoscalerController:
    """Looks at its target every 15 seconds.

    What it recommended and changed of late is kept in memory, as in the real controller: no object says it.
    """

    name: ClassVar[str] = "horizontal-pod-autoscaler"
    watches: ClassVar[tuple[str, ...]] = ("horizontalpodautoscalers.autoscaling",)

    def __init__(self) -> None:
        self._memories: dict[Key, Memory] = {}

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The autoscaler itself, when it is new, gone or asks for something else; then time brings it back."""
        same = change.type == "MODIFIED" and change.previous and change.previous.get("spec") == change.obj.get("spec")
        return () if same else own_key(change)

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Scales into the limits, and within them by what the pods use."""
        scaler = view.get("horizontalpodautoscalers.autoscaling", key.namespace, key.name)
        if scaler is None or metadata.is_deleting(scaler):
            self._memories.pop(key, None)
            return NOTHING_TO_DO
        memory = self._memories.setdefault(key, Memory())
        memory.forget(now - _REMEMBERED)
        look = _Look(view, scaler, memory, now)
        resource, target = _target(view, scaler)
        if target is None:
            look.lost(f'{resource} "{scaler["spec"]["scaleTargetRef"]["name"]}" not found')
        else:
            look.at(target)
        actions = look.actions
        if look.status != scaler.get("status"):
            actions = [*actions, UpdateStatus({**scaler, "status": look.status})]
        return Reconciled([*actions, Requeue(_PERIOD)], look.words)


@dataclass
class _Look:
    """One look at a target, and what came of it."""

    view: View
    scaler: Obj
    memory: Memory
    now: float
    actions: list[Action] = field(default_factory=list)
    words: list[Wording] = field(default_factory=list)
    status: Obj = field(default_factory=dict)

    def __post_init__(self) -> None:
        before = self.scaler.get("status") or {}
        self.status = {"desiredReplicas": 0, "currentMetrics": None, **before}
        self.status["observedGeneration"] = self.scaler["metadata"].get("generation", 1)

    def lost(self, why: str) -> None:
        """There is nothing to scale."""
        self._set("AbleToScale", "False", "FailedGetScale", f"{_UNABLE_TO_GET}: {why}")
        self._warn("FailedGetScale", why)

    def at(self, target: Obj) -> None:
        """The target is there."""
        spec = self.scaler["spec"]
        current = int(target["spec"].get("replicas", 1))
        least, most = int(spec.get("minReplicas", 1)), int(spec["maxReplicas"])
        self.status["currentReplicas"] = current
        self._set("AbleToScale", "True", "SucceededGetScale", f"{_ABLE_TO} get the target's current scale")
        self.words.append(
            msg("{current} there, between {least} and {most} wanted.", current=current, least=least, most=most)
        )
        if current == 0 and least != 0:
            words = "scaling is disabled since the replica count of the target is zero"
            self._set("ScalingActive", "False", "ScalingDisabled", words)
            self.status |= {"desiredReplicas": 0, "currentMetrics": None}
        elif current > most:
            self._scale(target, current, most, "Current number of replicas above Spec.MaxReplicas")
        elif current < least:
            self._scale(target, current, least, "Current number of replicas below Spec.MinReplicas")
        else:
            self._follow(target, current)

    def _follow(self, target: Obj, current: int) -> None:
        """Goes by the metric that asks for most."""
        pods = self._pods(target)
        if pods is None:
            return
        best = self._measured(Subject(pods, current, self.now, tolerances(self.scaler["spec"])))
        if best is None:
            return
        self.words.append(msg("By {metric}, {replicas} are needed.", metric=best.metric, replicas=best.replicas))
        settled = settle(self.scaler["spec"], self.memory, current=current, desired=best.replicas, now=self.now)
        self._set("AbleToScale", "True", *settled.able)
        self._set("ScalingLimited", str(settled.limited), *settled.limit)
        self.status["desiredReplicas"] = settled.replicas
        if settled.replicas != current:
            why = f"{best.metric} above target" if best.replicas > current else "All metrics below target"
            metrics = self.status["currentMetrics"]
            self._scale(target, current, settled.replicas, why if best.replicas != current else "")
            self.status["currentMetrics"] = metrics

    def _pods(self, target: Obj) -> list[Obj] | None:
        """The pods that the target's selector covers; None, and said so, where it has none or is not alone."""
        selector = _selector(target)
        if selector is None:
            self._undecided("InvalidSelector", "the HPA target's scale is missing a selector")
            self._warn("SelectorRequired", "selector is required")
            self._warn("FailedComputeMetricsReplicas", "selector is required")
            return None
        namespace = metadata.namespace(self.scaler)
        pods = [pod for pod in self.view.list("pods", namespace) if selector.matches(metadata.labels(pod))]
        if len(scalers := _scalers_of(self.view, namespace, pods)) > 1:
            some = " ".join(scalers[:2])
            words = f"pods by selector {selector} are controlled by more than one HPA (e.g. [{some}])"
            self._undecided("AmbiguousSelector", words)
            self._warn("AmbiguousSelector", words)
            self._warn("FailedComputeMetricsReplicas", words)
            return None
        return pods

    def _undecided(self, reason: str, message: str) -> None:
        self._set("ScalingActive", "False", reason, message)
        self.status["currentMetrics"] = None

    def _measured(self, subject: Subject) -> Proposal | None:
        """What the metrics ask for together; None where they say too little to act on."""
        metrics = self.scaler["spec"].get("metrics") or []
        found: list[Proposal] = []
        missing: list[Unmeasured] = []
        self.status["currentMetrics"] = rows = []
        for metric in metrics:
            try:
                found.append(proposal(self.view, metadata.namespace(self.scaler), metric, subject))
                rows.append(found[-1].status)
            except Unmeasured as error:
                missing.append(error)
                rows.append({"type": ""})
                self._warn(error.reason, error.why)
        best = max(found, key=lambda one: one.replicas, default=None)  # of equals the first
        if best is None or (missing and best.replicas < subject.current):
            first, count = missing[0], f"{len(missing)} invalid out of {len(metrics)}"
            self._set("ScalingActive", "False", first.reason, f"{_UNABLE_TO_COMPUTE}: {first.why}")
            self._warn("FailedComputeMetricsReplicas", f"invalid metrics ({count}), first error is: {first.whole}")
            return None
        words = f"the HPA was able to successfully calculate a replica count from {best.metric}"
        self._set("ScalingActive", "True", "ValidMetricFound", words)
        return best

    def _scale(self, target: Obj, current: int, size: int, reason: str) -> None:
        words = f"New size: {size}; reason: {reason}"
        self.actions.append(Scale(target, size))
        self.actions.append(EmitEvent(self.scaler, "Normal", "SuccessfulRescale", words))
        self._set("AbleToScale", "True", "SucceededRescale", f"{_ABLE_TO} update the target scale to {size}")
        self._set("ScaledToZero", "False", "NotScaledToZero", "the HPA controller did not scale the workload to zero")
        self.status |= {"desiredReplicas": size, "currentMetrics": None, "lastScaleTime": rfc3339(self.now)}
        self.memory.changed(current, size, self.now)

    def _set(self, type_: str, status: str, reason: str, message: str) -> None:
        condition = {"type": type_, "status": status, "reason": reason, "message": message}
        self.status["conditions"] = conditions.set_condition(self.status.get("conditions") or [], condition, self.now)

    def _warn(self, reason: str, message: str) -> None:
        self.words.append(message)
        self.actions.append(EmitEvent(self.scaler, "Warning", reason, message))


_ABLE_TO = "the HPA controller was able to"
_UNABLE_TO_GET = "the HPA controller was unable to get the target's current scale"
_UNABLE_TO_COMPUTE = "the HPA was unable to compute the replica count"


def _target(view: View, scaler: Obj) -> tuple[str, Obj | None]:
    """What the reference means, as a store resource, and the object, if it is there."""
    reference = scaler["spec"]["scaleTargetRef"]
    group = metadata.api_group(reference.get("apiVersion", ""))
    kinds = (kind for kind in builtin_kinds() if (kind.group, kind.kind) == (group, reference["kind"]))
    kind = next(kinds, None)
    if kind is None:
        return f"{reference['kind']}.{group}", None
    return kind.group_resource, view.get(kind.group_resource, metadata.namespace(scaler), reference["name"])


def _selector(target: Obj) -> Selector | None:
    asked = target["spec"].get("selector")
    if not asked:
        return None
    structured = "matchLabels" in asked or "matchExpressions" in asked
    return selectors.of(asked) if structured else selectors.from_labels(asked)


def _scalers_of(view: View, namespace: str, pods: Sequence[Obj]) -> list[str]:
    """The autoscalers whose targets cover some of the pods."""
    found = []
    for scaler in view.list("horizontalpodautoscalers.autoscaling", namespace):
        target = _target(view, scaler)[1]
        selector = _selector(target) if target else None
        if selector is not None and any(selector.matches(metadata.labels(pod)) for pod in pods):
            found.append(f"{namespace}/{metadata.name(scaler)}")
    return found
