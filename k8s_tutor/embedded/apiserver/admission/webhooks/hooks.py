"""The configured webhooks, and which of them a write concerns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.embedded.apiserver.versions import storage_kind
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects import selectors
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["MUTATING", "VALIDATING", "Hook", "configured", "hooks", "matching_kind", "rule_kind"]

_GROUP = "admissionregistration.k8s.io"
MUTATING = f"mutatingwebhookconfigurations.{_GROUP}"
VALIDATING = f"validatingwebhookconfigurations.{_GROUP}"


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook of one configuration.

    Attributes:
        key: Tells it from all others.
        settings: As configured, with defaults.
    """

    key: str
    settings: Obj

    @property
    def name(self) -> str:
        """As in messages."""
        return str(self.settings["name"])

    @property
    def mandatory(self) -> bool:
        """Whether a call that fails refuses the write."""
        return self.settings.get("failurePolicy") != "Ignore"


def configured(store: Store) -> bool:
    """Whether there are any, so that a write may have to wait for the world outside."""
    return bool(store.list(MUTATING) or store.list(VALIDATING))


def hooks(store: Store, resource: str) -> Iterator[Hook]:
    """All of a sort, in the order in which they are called."""
    for configuration in store.list(resource):
        name = configuration["metadata"]["name"]
        for index, settings in enumerate(configuration.get("webhooks", ())):
            yield Hook(f"{name}/{index}/{settings['name']}", settings)


def matching_kind(hook: Hook, attributes: Attributes) -> Kind | None:
    """The kind in whose version the webhook wants to see the write; None where it is not asked.

    A webhook's configuration is never put before a webhook: nobody may lock himself out.
    """
    if attributes.kind.group == _GROUP:
        return None
    if not _selects(hook.settings, attributes):
        return None
    return rule_kind(hook.settings, attributes)


def rule_kind(settings: Obj, attributes: Attributes) -> Kind | None:
    """The kind under which one of the rules knows the write: the request's, or one that is the same in another
    version."""
    requested = attributes.call.kind
    rules = settings.get("rules") or ()
    if any(_covers(rule, requested, attributes) for rule in rules):
        return requested
    if settings.get("matchPolicy") == "Exact":
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
