"""ServiceAccounts: each namespace has one called `default`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.embedded.actions import Create
from k8s_tutor.embedded.controllers.controller import Reconciled
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key

__all__ = ["ServiceAccountController"]


class ServiceAccountController:
    """Makes the account that pods run as when they name none, and makes it again when it is deleted."""

    name: ClassVar[str] = "service-account-controller"
    watches: ClassVar[tuple[str, ...]] = ("namespaces", "serviceaccounts")

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The namespace."""
        if change.resource == "namespaces":
            return () if change.type == "DELETED" else (Key("", metadata.name(change.obj)),)
        return (Key("", metadata.namespace(change.obj)),) if change.type == "DELETED" else ()

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Creates `default` where it is missing."""
        namespace = view.get("namespaces", "", key.name)
        if namespace is None or metadata.is_deleting(namespace):
            return Reconciled(analysis=("The namespace ends.",))
        if view.get("serviceaccounts", key.name, "default") is not None:
            return Reconciled(analysis=("It has its default account.",))
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": key.name}}
        return Reconciled([Create(account)], ("It has no default account: create it.",))
