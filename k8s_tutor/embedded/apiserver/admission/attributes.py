"""What admission is told about a write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.options import DeleteOptions
from k8s_tutor.embedded.apiserver.versions import storage_kind
from k8s_tutor.objects import selectors
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Attributes", "Operation", "delete_attributes", "matches", "write_attributes"]

Operation = Literal["CREATE", "UPDATE", "DELETE", "CONNECT"]

_META = "meta.k8s.io/v1"


@dataclass(slots=True)
class Attributes:
    """One write, on its way to the store.

    Attributes:
        call: The request it belongs to.
        kind: Of the object, in its storage version.
        operation: What is done.
        obj: The object as it shall be; None for a deletion.
        old: The object as it is; None for a creation.
        said: Gives the request's options, an object of `meta.k8s.io/v1`.
        name: `""` while it is still to be generated.
    """

    call: Call
    kind: Kind
    operation: Operation
    obj: Obj | None
    old: Obj | None
    said: Callable[[], Obj]
    name: str

    @property
    def namespace(self) -> str:
        """Where it happens; `""` for cluster scope."""
        return self.call.route.namespace

    @property
    def subresource(self) -> str:
        """`""` for the object itself."""
        return self.call.route.subresource

    @property
    def display_name(self) -> str:
        """As refusals call the object: one without a name yet by what its name will begin with."""
        metadata = (self.obj or {}).get("metadata") or {}
        return self.name or metadata.get("name") or metadata.get("generateName") or "Unknown"


def write_attributes(call: Call, kind: Kind, obj: Obj, old: Obj | None = None) -> Attributes:
    """Those of a creation, or of an update where there is an old object."""
    operation: Operation = "CREATE" if old is None else "UPDATE"
    name = call.route.name or obj["metadata"].get("name", "")
    return Attributes(call, kind, operation, obj, old, partial(_write_options, call.request, operation), name)


def _write_options(request: Request, operation: Operation) -> Obj:
    options: dict[str, Json] = {"kind": f"{operation.capitalize()}Options", "apiVersion": _META}
    if request.params("dryRun"):
        options["dryRun"] = request.params("dryRun")
    return options | {key: value for key in ("fieldManager", "fieldValidation") if (value := request.param(key))}


def delete_attributes(call: Call, kind: Kind, old: Obj, options: DeleteOptions) -> Attributes:
    """Those of a deletion; one of a collection's has no name."""
    return Attributes(call, kind, "DELETE", None, old, partial(_delete_options, options), call.route.name)


def _delete_options(options: DeleteOptions) -> Obj:
    said: dict[str, Json] = {"kind": "DeleteOptions", "apiVersion": _META}
    preconditions = {"uid": options.uid, "resourceVersion": options.resource_version}
    known = {
        "gracePeriodSeconds": options.grace_seconds,
        "preconditions": {key: value for key, value in preconditions.items() if value} or None,
        "orphanDependents": options.orphan_dependents,
        "propagationPolicy": options.propagation or None,
        "dryRun": ["All"] if options.dry_run else None,
    }
    return said | {key: value for key, value in known.items() if value is not None}


# ---- Which writes the rules and selectors of webhooks and admission policies mean


def matches(constraints: Obj, attributes: Attributes) -> Kind | None:
    """The kind under which the constraints know a write; None where they do not mean it.

    That is the request's kind, or one that is the same in another version. Without rules all kinds are meant.
    What configures admission is never put before it: nobody may lock himself out.
    """
    requested = attributes.call.kind
    if requested.group == "admissionregistration.k8s.io" or not _selects(constraints, attributes):
        return None
    if any(_covers(rule, requested, attributes) for rule in constraints.get("excludeResourceRules") or ()):
        return None
    rules = constraints.get("resourceRules")
    if rules is None or any(_covers(rule, requested, attributes) for rule in rules):
        return requested
    if constraints.get("matchPolicy") == "Exact":
        return None
    for kind in _equivalents(requested, attributes):
        if any(_covers(rule, kind, attributes) for rule in rules):
            return kind
    return None


def _equivalents(kind: Kind, attributes: Attributes) -> Iterator[Kind]:
    context = attributes.call.context
    for other in context.kinds:
        if other is kind or other.kind != kind.kind:
            continue
        same_custom = (other.group, other.plural) == (kind.group, kind.plural)
        if same_custom or storage_kind(other) == storage_kind(kind):
            yield other


def _covers(rule: Obj, kind: Kind, attributes: Attributes) -> bool:
    scope = rule.get("scope", "*")
    if scope != "*" and (scope == "Namespaced") != bool(attributes.namespace and kind.kind != "Namespace"):
        return False
    if rule.get("resourceNames") and attributes.name not in rule["resourceNames"]:
        return False
    return (
        _names(rule.get("operations"), attributes.operation)
        and _names(rule.get("apiGroups"), kind.group)
        and _names(rule.get("apiVersions"), kind.version)
        and any(_is_about(pattern, kind.plural, attributes.subresource) for pattern in rule.get("resources") or ())
    )


def _names(words: list[str] | None, word: str) -> bool:
    return words is not None and ("*" in words or word in words)


def _is_about(pattern: str, plural: str, subresource: str) -> bool:
    resource, _, part = pattern.partition("/")
    return resource in ("*", plural) and (part in ("*", subresource) if part else not subresource)


def _selects(settings: Obj, attributes: Attributes) -> bool:
    return _selects_namespace(settings.get("namespaceSelector"), attributes) and _selects_object(
        settings.get("objectSelector"), attributes
    )


def _selects_namespace(selector: Obj | None, attributes: Attributes) -> bool:
    if not selector:
        return True
    if attributes.kind.group_resource == "namespaces" and attributes.obj is not None:
        return selectors.matches(selector, attributes.obj["metadata"].get("labels"))
    if not attributes.namespace:
        return True
    namespace = attributes.call.context.store.get("namespaces", "", attributes.namespace)
    return namespace is not None and selectors.matches(selector, namespace["metadata"].get("labels"))


def _selects_object(selector: Obj | None, attributes: Attributes) -> bool:
    if not selector:
        return True
    objects = [obj for obj in (attributes.obj, attributes.old) if obj is not None]
    return any(selectors.matches(selector, (obj.get("metadata") or {}).get("labels")) for obj in objects)
