"""HorizontalPodAutoscaler: it keeps to its limits, and says that it does not scale by metrics.

Its words are those of a cluster that lacks metrics, but for the reason.

See kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale (Algorithm details).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.actions import Action, EmitEvent, Requeue, Scale, UpdateStatus
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, own_key
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["AutoscalerController"]

_PERIOD = 15.0  # seconds between two looks
_NOT_SIMULATED = "the embedded cluster does not scale by metrics"


class AutoscalerController:
    """Looks at its target every 15 seconds."""

    name: ClassVar[str] = "horizontal-pod-autoscaler"
    watches: ClassVar[tuple[str, ...]] = ("horizontalpodautoscalers.autoscaling",)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The autoscaler itself, when it is new or asks for something else; then time brings it back."""
        previous = change.previous
        return own_key(change) if previous is None or previous.get("spec") != change.obj.get("spec") else ()

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Scales into the limits; beyond that there is nothing to go by."""
        scaler = view.get("horizontalpodautoscalers.autoscaling", key.namespace, key.name)
        if scaler is None or metadata.is_deleting(scaler):
            return NOTHING_TO_DO
        look = _Look(scaler, now)
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

    scaler: Obj
    now: float
    actions: list[Action] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
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
        self.words.append(f"{current} there, between {least} and {most} wanted.")
        if current == 0 and least != 0:
            words = "scaling is disabled since the replica count of the target is zero"
            self._set("ScalingActive", "False", "ScalingDisabled", words)
            self.status["desiredReplicas"] = 0
        elif current > most:
            self._scale(target, most, "Current number of replicas above Spec.MaxReplicas")
        elif current < least:
            self._scale(target, least, "Current number of replicas below Spec.MinReplicas")
        else:
            self._measure()

    def _scale(self, target: Obj, size: int, reason: str) -> None:
        words = f"New size: {size}; reason: {reason}"
        self.actions.append(Scale(target, size))
        self.actions.append(EmitEvent(self.scaler, "Normal", "SuccessfulRescale", words))
        self._set("AbleToScale", "True", "SucceededRescale", f"{_ABLE_TO} update the target scale to {size}")
        self._set("ScaledToZero", "False", "NotScaledToZero", "the HPA controller did not scale the workload to zero")
        self.status |= {"desiredReplicas": size, "lastScaleTime": rfc3339(self.now)}

    def _measure(self) -> None:
        """What Kubernetes would compute from here is not simulated."""
        metrics = self.scaler["spec"].get("metrics") or []
        self.status["currentMetrics"] = [{"type": ""} for _ in metrics]
        first = next((row for row in metrics if row["type"] == "Resource"), None)
        if first is None:
            self._set("ScalingActive", "False", "InvalidMetricSourceType", f"{_UNABLE_TO_COMPUTE}: {_NOT_SIMULATED}")
            return
        name = first["resource"]["name"]
        measure = "utilization" if "averageUtilization" in first["resource"]["target"] else "usage"
        failed = f"failed to get {name} {measure}: {_NOT_SIMULATED}"
        self._set("ScalingActive", "False", "FailedGetResourceMetric", f"{_UNABLE_TO_COMPUTE}: {failed}")
        self._warn("FailedGetResourceMetric", failed)
        count = len(metrics)
        words = f"invalid metrics ({count} invalid out of {count}), first error is: "
        self._warn("FailedComputeMetricsReplicas", f"{words}failed to get {name} resource metric value: {failed}")

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
