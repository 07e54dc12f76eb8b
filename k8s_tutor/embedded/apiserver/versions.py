"""One storage, several served versions: which one is stored, and how objects turn from one into another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from k8s_tutor.objects.kinds import Kind, builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = [
    "VersionedKind",
    "as_stored",
    "convert",
    "converted_outside",
    "from_storage",
    "storage_kind",
    "to_storage",
]


def _itself(obj: Obj) -> Obj:
    return obj


def _as_it_is(obj: Obj, _: bool) -> Obj:
    return obj


@dataclass(frozen=True, slots=True)
class VersionedKind(Kind):
    """A kind in one of its versions, which knows how to get there from the stored one.

    Attributes:
        seen: From a stored object to one of this version, or itself; told whether it may ask servers outside.
        stored: The way back.
        outside: Servers outside are asked to convert.
        selectable: The fields it can be selected by, as `spec.color`.
        deprecated: What to tell whoever uses this version, `""` for one that stays.
    """

    seen: Callable[[Obj, bool], Obj] = field(default=_as_it_is, compare=False)
    stored: Callable[[Obj], Obj] = field(default=_itself, compare=False)
    outside: bool = False
    selectable: tuple[str, ...] = ()
    deprecated: str = ""


# Both APIs of events are one storage, as on a real server.
_STORED_AS = {
    ("events.k8s.io", "v1", "Event"): ("", "v1", "events"),
    ("autoscaling", "v1", "HorizontalPodAutoscaler"): ("autoscaling", "v2", "horizontalpodautoscalers"),
}

_EVENT_FIELDS = {  # core/v1 → events.k8s.io/v1
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}
_EVENT_FIELDS_BACK = {new: old for old, new in _EVENT_FIELDS.items()}


def storage_kind(kind: Kind) -> Kind:
    """The kind in whose version (and under whose resource) objects are stored."""
    stored = _STORED_AS.get((kind.group, kind.version, kind.kind))
    if stored is None:
        return kind
    found = builtin_kinds().resource(*stored)
    assert found is not None
    return found


def to_storage(obj: Obj, kind: Kind) -> Obj:
    """An object as it is stored; itself where nothing changes."""
    return convert(obj, kind, storage_kind(kind))


def from_storage(obj: Obj, kind: Kind, *, ask: bool = True) -> Obj:
    """A stored object as a client of `kind` sees it; itself where nothing changes.

    Args:
        obj: The object.
        kind: What the client asked for.
        ask: A webhook may be asked, which takes time; else only what is known already counts.

    Raises:
        StatusError: 500: a webhook did not convert it.
    """
    if isinstance(kind, VersionedKind):
        return kind.seen(obj, ask)
    if obj["apiVersion"] == kind.api_version:
        return obj
    return convert(obj, storage_kind(kind), kind)


def as_stored(obj: Obj, kind: Kind) -> Obj:
    """An object that is about to be stored; until then custom ones are handled in the version of the request."""
    return kind.stored(obj) if isinstance(kind, VersionedKind) else obj


def converted_outside(kind: Kind) -> bool:
    """Whether objects of a kind are converted by a webhook, which takes time."""
    return isinstance(kind, VersionedKind) and kind.outside


def convert(obj: Obj, source: Kind, target: Kind) -> Obj:
    """An object of one version in another."""
    if source.api_version == target.api_version:
        return obj
    change = _CONVERSIONS.get((source.api_version, target.api_version, source.kind))
    converted = change(obj) if change else dict(obj)
    return {"apiVersion": target.api_version, "kind": target.kind, **_body(converted)}


def _body(obj: Obj) -> Obj:
    return {key: value for key, value in obj.items() if key not in ("apiVersion", "kind")}


def _event_to_new(obj: Obj) -> Obj:
    return {_EVENT_FIELDS.get(key, key): value for key, value in obj.items()}


def _event_to_core(obj: Obj) -> Obj:
    return {_EVENT_FIELDS_BACK.get(key, key): value for key, value in obj.items()}


def _autoscaler_to_v2(obj: Obj) -> Obj:
    spec = dict(obj.get("spec") or {})
    target = spec.pop("targetCPUUtilizationPercentage", None)
    if target is not None:
        spec["metrics"] = [_cpu_metric("target", {"type": "Utilization", "averageUtilization": target})]
    status = dict(obj.get("status") or {})
    current = status.pop("currentCPUUtilizationPercentage", None)
    if current is not None:
        status["currentMetrics"] = [_cpu_metric("current", {"averageUtilization": current})]
    return {**obj, "spec": spec, "status": status}


def _autoscaler_to_v1(obj: Obj) -> Obj:
    spec = dict(obj.get("spec") or {})
    target = _cpu_utilization(spec.pop("metrics", None), "target")
    spec.pop("behavior", None)
    if target is not None:
        spec["targetCPUUtilizationPercentage"] = target
    status = dict(obj.get("status") or {})
    current = _cpu_utilization(status.pop("currentMetrics", None), "current")
    status.pop("conditions", None)
    if current is not None:
        status["currentCPUUtilizationPercentage"] = current
    return {**obj, "spec": spec, "status": status}


def _cpu_metric(key: str, value: Obj) -> Obj:
    return {"type": "Resource", "resource": {"name": "cpu", key: value}}


def _cpu_utilization(metrics: list[Obj] | None, key: str) -> int | None:
    for metric in metrics or ():
        resource = metric.get("resource") or {}
        if resource.get("name") == "cpu" and "averageUtilization" in resource.get(key, {}):
            return int(resource[key]["averageUtilization"])
    return None


_CONVERSIONS: dict[tuple[str, str, str], Callable[[Obj], Obj]] = {
    ("v1", "events.k8s.io/v1", "Event"): _event_to_new,
    ("events.k8s.io/v1", "v1", "Event"): _event_to_core,
    ("autoscaling/v1", "autoscaling/v2", "HorizontalPodAutoscaler"): _autoscaler_to_v2,
    ("autoscaling/v2", "autoscaling/v1", "HorizontalPodAutoscaler"): _autoscaler_to_v1,
}
