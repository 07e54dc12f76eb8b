"""Which writes the rules and selectors of webhooks and admission policies mean."""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.embedded.apiserver.versions import storage_kind
from k8s_tutor.objects import selectors
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["matches"]


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
    ground = attributes.call.ground
    for other in ground.kinds:
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
    namespace = attributes.call.ground.store.get("namespaces", "", attributes.namespace)
    return namespace is not None and selectors.matches(selector, namespace["metadata"].get("labels"))


def _selects_object(selector: Obj | None, attributes: Attributes) -> bool:
    if not selector:
        return True
    objects = [obj for obj in (attributes.obj, attributes.old) if obj is not None]
    return any(selectors.matches(selector, (obj.get("metadata") or {}).get("labels")) for obj in objects)
