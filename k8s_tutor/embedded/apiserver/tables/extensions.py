"""What extends the API: custom kinds, aggregated APIs, admission; devices; what nodes and pods use."""

from __future__ import annotations

from collections.abc import Sequence

from k8s_tutor.embedded.apiserver.tables.words import Cells, age, name, part, since
from k8s_tutor.objects import conditions, jsonpath, metadata
from k8s_tutor.objects.quantity import ZERO, parse
from k8s_tutor.objects.types import Json, Obj

__all__ = ["CELLS", "COLUMNS", "DEVICES", "METRICS", "cells_for", "columns"]


def definition(obj: Obj, _: float) -> list[Json]:
    """Name, Scope, Versions, Created At, Group, Kind, ShortNames, Established."""
    spec = obj.get("spec") or {}
    versions = [row["name"] + ("(storage)" if row.get("storage") else "") for row in spec.get("versions") or ()]
    return [
        name(obj),
        spec.get("scope", ""),
        ",".join(versions),
        part(obj, "metadata", "creationTimestamp"),
        spec.get("group", ""),
        part(spec, "names", "kind") or "",
        ",".join(part(spec, "names", "shortNames") or ()),
        conditions.is_true(obj, "Established"),
    ]


def api_service(obj: Obj, now: float) -> list[Json]:
    """Name, Service, Available, Age."""
    service = part(obj, "spec", "service")
    where = f"{service.get('namespace')}/{service.get('name')}" if service else "Local"
    available = conditions.status(obj, "Available") or "Unknown"
    if available != "True" and conditions.reason(obj, "Available"):
        available += f" ({conditions.reason(obj, 'Available')})"
    return [name(obj), where, available, age(obj, now)]


def component(obj: Obj, _: float) -> list[Json]:
    """Name, Status, Message, Error."""
    healthy: Obj = next((row for row in obj.get("conditions") or () if row.get("type") == "Healthy"), {})
    status = {"True": "Healthy", "False": "Unhealthy"}.get(healthy.get("status", ""), "Unknown")
    return [name(obj), status, healthy.get("message", ""), healthy.get("error", "")]


def webhooks(obj: Obj, now: float) -> list[Json]:
    """Name, Webhooks, Age."""
    return [name(obj), len(obj.get("webhooks") or ()), age(obj, now)]


def validating_policy(obj: Obj, now: float) -> list[Json]:
    """Name, Validations, ParamKind, Age."""
    return [name(obj), len(part(obj, "spec", "validations") or ()), _param_kind(obj), age(obj, now)]


def mutating_policy(obj: Obj, now: float) -> list[Json]:
    """Name, Mutations, ParamKind, Age."""
    return [name(obj), len(part(obj, "spec", "mutations") or ()), _param_kind(obj), age(obj, now)]


def _param_kind(obj: Obj) -> str:
    kind = part(obj, "spec", "paramKind")
    return f"{kind.get('apiVersion')}/{kind.get('kind')}" if kind else "<unset>"


def policy_binding(obj: Obj, now: float) -> list[Json]:
    """Name, PolicyName, ParamRef, Age."""
    given = part(obj, "spec", "paramRef")
    reference = "<unset>"
    if given:
        chosen = given.get("name") or "*"
        reference = f"{given['namespace']}/{chosen}" if given.get("namespace") else chosen
    return [name(obj), part(obj, "spec", "policyName") or "", reference, age(obj, now)]


def migration(obj: Obj, _: float) -> list[Json]:
    """Name, Resource, Status."""
    resource = part(obj, "spec", "resource") or {}
    what = f"{resource.get('resource', '')}.{resource.get('group', '')}".rstrip(".")
    word = next((word for word in ("Succeeded", "Failed", "Running") if conditions.is_true(obj, word)), "Unknown")
    return [name(obj), what, word]


CELLS: dict[str, Cells] = {
    "customresourcedefinitions.apiextensions.k8s.io": definition,
    "componentstatuses": component,
    "storageversionmigrations.storagemigration.k8s.io": migration,
    "apiservices.apiregistration.k8s.io": api_service,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": webhooks,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": webhooks,
    "validatingadmissionpolicies.admissionregistration.k8s.io": validating_policy,
    "mutatingadmissionpolicies.admissionregistration.k8s.io": mutating_policy,
    "validatingadmissionpolicybindings.admissionregistration.k8s.io": policy_binding,
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io": policy_binding,
}


# ---- Cells of custom kinds: their `additionalPrinterColumns`


def columns(printer_columns: Sequence[Obj]) -> list[Obj]:
    """The column definitions: Name, then the custom ones."""
    first = {"name": "Name", "type": "string", "format": "name", "priority": 0, "description": ""}
    return [first] + [
        {
            "name": row["name"],
            "type": row["type"],
            "format": row.get("format", ""),
            "priority": row.get("priority", 0),
            "description": row.get("description", ""),
        }
        for row in printer_columns
    ]


def cells_for(printer_columns: Sequence[Obj]) -> Cells:
    """The function that fills a row; a cell that finds nothing is null."""

    def cells(obj: Obj, now: float) -> list[Json]:
        return [name(obj), *(_cell(obj, row, now) for row in printer_columns)]

    return cells


def _cell(obj: Obj, column: Obj, now: float) -> Json:
    try:
        found = jsonpath.find(column["jsonPath"], obj)
    except jsonpath.JsonPathError:
        return None
    if not found or found[0] is None:
        return None
    return _typed(found[0], column["type"], now)


def _typed(value: Json, wanted: str, now: float) -> Json:
    """A value of another type than its column's is left out, but for text, which takes anything."""
    match wanted:
        case "string":
            return jsonpath.show(value)
        case "date":
            return _date(value, now)
        case "boolean":
            return value if isinstance(value, bool) else None
        case "integer":
            return int(value) if _is_number(value) else None
        case _:
            return value if _is_number(value) else None


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _date(value: Json, now: float) -> Json:
    if not isinstance(value, str):
        return None
    try:
        return since(value, now)
    except ValueError:
        return "<invalid>"


# ---- Dynamic resource allocation: devices, and who claims them


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


DEVICES: dict[str, Cells] = {
    "resourceclaims.resource.k8s.io": claim,
    "resourceslices.resource.k8s.io": resource_slice,
    "devicetaintrules.resource.k8s.io": taint_rule,
}


# ---- What nodes and pods use, with metrics-server's columns

_ROWS: list[list[Json]] = [
    ["Name", "string", "name", 0],
    ["cpu", "string", "quantity", 0],
    ["memory", "string", "quantity", 0],
    ["Window", "string", "duration", 0],
]


def node(obj: Obj, _: float) -> list[Json]:
    """Name, cpu, memory, Window."""
    usage = obj["usage"]
    return [name(obj), usage["cpu"], usage["memory"], obj["window"]]


def pod(obj: Obj, _: float) -> list[Json]:
    """The same, summed over the containers."""
    used = [container["usage"] for container in obj["containers"]]
    sums = [sum((parse(usage[resource]) for usage in used), ZERO) for resource in ("cpu", "memory")]
    return [name(obj), *map(str, sums), obj["window"]]


METRICS: dict[str, Cells] = {"nodes.metrics.k8s.io": node, "pods.metrics.k8s.io": pod}
COLUMNS = dict.fromkeys(METRICS, _ROWS)
