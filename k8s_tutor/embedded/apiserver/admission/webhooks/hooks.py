"""The configured webhooks, and which of them a write concerns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from k8s_tutor.embedded.apiserver.admission.attributes import Attributes
from k8s_tutor.embedded.apiserver.admission.matching import matches
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["MUTATING", "VALIDATING", "Hook", "configured", "hooks", "matching_kind"]

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
    """The kind in whose version the webhook wants to see the write; None where it is not asked."""
    return matches({**hook.settings, "resourceRules": hook.settings.get("rules") or []}, attributes)
