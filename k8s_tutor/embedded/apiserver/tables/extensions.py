"""What extends the API: custom kinds, aggregated APIs, admission."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.tables.words import Cells, age, name, part
from k8s_tutor.objects import conditions
from k8s_tutor.objects.types import Json, Obj

__all__ = ["CELLS"]


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
