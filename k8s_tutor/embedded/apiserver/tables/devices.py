"""Dynamic resource allocation: devices, and who claims them."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.tables.words import Cells, age, name, part, since
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Json, Obj

__all__ = ["CELLS"]


def claim(obj: Obj, now: float) -> list[Json]:
    """Name, State, Age."""
    states = ["deleted"] if metadata.is_deleting(obj) else []
    if part(obj, "status", "allocation") is not None:
        states += ["allocated", *(["reserved"] if part(obj, "status", "reservedFor") else [])]
    elif not states:
        states = ["pending"]
    return [name(obj), ",".join(states), age(obj, now)]


def resource_slice(obj: Obj, now: float) -> list[Json]:
    """Name, Node, Driver, Pool, Age."""
    spec = obj.get("spec") or {}
    return [
        name(obj),
        spec.get("nodeName") or "",
        spec.get("driver", ""),
        part(spec, "pool", "name") or "",
        age(obj, now),
    ]


def taint_rule(obj: Obj, now: float) -> list[Json]:
    """Name, Key, Value, Effect, TimeAdded, Age."""
    taint = part(obj, "spec", "taint") or {}
    return [
        name(obj),
        *(taint.get(field, "") for field in ("key", "value", "effect")),
        since(taint.get("timeAdded"), now),
        age(obj, now),
    ]


CELLS: dict[str, Cells] = {
    "resourceclaims.resource.k8s.io": claim,
    "resourceslices.resource.k8s.io": resource_slice,
    "devicetaintrules.resource.k8s.io": taint_rule,
}
