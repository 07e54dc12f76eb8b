"""Field selectors: `kubectl get pods --field-selector status.phase=Running`.

Each kind supports a few fields only; which ones is the API server's answer (see tests/unit/objects).
"""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.objects.kinds import Kind, builtin_kinds
from k8s_tutor.objects.types import Obj

__all__ = ["FieldRequirement", "FieldSelector", "FieldSelectorError", "parse_fields", "supported_fields"]

_EVENT_SUBJECT = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")

_SUPPORTED: dict[str, tuple[str, ...]] = {
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    "nodes": ("spec.unschedulable",),
    "namespaces": ("status.phase",),
    "secrets": ("type",),
    "services": ("spec.clusterIP", "spec.type"),
    "replicationcontrollers": ("status.replicas",),
    "jobs.batch": ("status.successful",),
    "certificatesigningrequests.certificates.k8s.io": ("spec.signerName",),
    "resourceslices.resource.k8s.io": ("spec.nodeName", "spec.driver"),
    "events": (
        *(f"involvedObject.{field}" for field in _EVENT_SUBJECT),
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "events.events.k8s.io": (
        *(f"regarding.{field}" for field in _EVENT_SUBJECT),
        "reason",
        "reportingController",
        "type",
    ),
}


class FieldSelectorError(ValueError):
    """A field selector that cannot be understood or is not supported; the message is Kubernetes' own."""


@dataclass(frozen=True, slots=True)
class FieldRequirement:
    """One field and the value it must (or with `equal` False: must not) have."""

    field: str
    value: str
    equal: bool = True

    def matches(self, obj: Obj) -> bool:
        """Whether the object meets it. A missing field counts as empty."""
        return (_text(obj, self.field) == self.value) is self.equal


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """Requirements that must all be met."""

    requirements: tuple[FieldRequirement, ...] = ()

    def matches(self, obj: Obj) -> bool:
        """Whether the object is selected."""
        return all(requirement.matches(obj) for requirement in self.requirements)

    def required(self, field: str) -> str | None:
        """The value a field is pinned to (`metadata.name=x`), None when it is free."""
        for requirement in self.requirements:
            if requirement.field == field and requirement.equal:
                return requirement.value
        return None


def supported_fields(kind: Kind) -> tuple[str, ...]:
    """The fields that can be selected by, `metadata.name` always among them."""
    own = _SUPPORTED.get(kind.group_resource)
    if own is None:
        return ("metadata.name", "metadata.namespace")
    return ("metadata.name", "metadata.namespace", *own) if kind.namespaced else ("metadata.name", *own)


def parse_fields(text: str, kind: Kind | None = None, own: tuple[str, ...] = ()) -> FieldSelector:
    """A field selector as in a request's `fieldSelector`; with a kind its fields are checked.

    Args:
        text: The selector.
        kind: What is selected.
        own: Fields that a custom kind's definition makes selectable.

    Raises:
        FieldSelectorError: not a field selector, or a field this kind does not support.
    """
    found = [_requirement(term, text) for term in _split(text) if term]
    if kind is not None:
        for requirement in found:
            if requirement.field not in own:
                _check(requirement.field, kind)
    return FieldSelector(tuple(found))


def _check(field: str, kind: Kind) -> None:
    if field in supported_fields(kind):
        return
    if kind.group_resource in _SUPPORTED or builtin_kinds().of(kind.api_version, kind.kind) is None:
        raise FieldSelectorError(f"field label not supported: {field}")
    raise FieldSelectorError(f'"{field}" is not a known field selector: only "metadata.name", "metadata.namespace"')


def _split(text: str) -> list[str]:
    """At commas, but not at escaped ones."""
    terms, term, escaped = [], "", False
    for char in text:
        if char == "," and not escaped:
            terms.append(term)
            term = ""
            continue
        escaped = char == "\\" and not escaped
        term += char
    return [*terms, term]


def _requirement(term: str, text: str) -> FieldRequirement:
    for index in range(len(term)):
        for operator in ("!=", "==", "="):
            if term.startswith(operator, index):
                value = _unescape(term[index + len(operator) :])
                return FieldRequirement(term[:index], value, operator != "!=")
    raise FieldSelectorError(f"invalid selector: '{text}'; can't understand '{term}'")


def _unescape(value: str) -> str:
    plain, chars = "", iter(value)
    for char in chars:
        if char in ",=":
            raise FieldSelectorError(f"invalid field selector: unescaped character in value: {ord(char)}")
        if char == "\\":
            escaped = next(chars, "")
            if escaped not in ("\\", ",", "="):
                raise FieldSelectorError(f"invalid field selector: invalid escape sequence: \\{escaped}")
            plain += escaped
        else:
            plain += char
    return plain


def _text(obj: Obj, field: str) -> str:
    if field == "source":  # an Event's reporter, by either of its names
        return str((obj.get("source") or {}).get("component") or obj.get("reportingComponent", ""))
    value: object = obj
    parts = field.split(".")
    if field == "status.podIPs":
        return ",".join(row.get("ip", "") for row in (obj.get("status") or {}).get("podIPs") or ())
    for part in parts:
        if not isinstance(value, dict):
            return ""
        value = value.get(part)
    if value is None:
        return _ABSENT.get(field, "")
    return str(value).lower() if isinstance(value, bool) else str(value)


# Fields whose zero value is not the empty text once the server has decoded the object.
_ABSENT = {
    "spec.hostNetwork": "false",
    "spec.unschedulable": "false",
    "status.replicas": "0",
    "status.successful": "0",
}
