"""ResourceQuota: counts what a namespace uses. Admission adds to it in between; this takes off what is gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.embedded.actions import UpdateStatus
from k8s_tutor.embedded.apiserver.quota.amounts import Amounts, add, only, texts
from k8s_tutor.embedded.apiserver.quota.scopes import in_scope
from k8s_tutor.embedded.apiserver.quota.usage import CHANGING, counted, usage
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, own_key
from k8s_tutor.embedded.controllers.pods import is_terminal
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.quantity import ZERO
from k8s_tutor.objects.types import Obj

__all__ = ["ResourceQuotaController"]

QUOTAS = "resourcequotas"


class ResourceQuotaController:
    """Keeps `status.hard` and `status.used` of quotas right."""

    name: ClassVar[str] = "resourcequota-controller"
    watches: ClassVar[tuple[str, ...]] = ("*",)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """A quota that was made or changed; all of a namespace in which something gave back what it used."""
        if change.resource == QUOTAS and change.type != "DELETED":
            return own_key(change)
        if not metadata.namespace(change.obj) or not _gives_back(change):
            return ()
        return [metadata.key(quota) for quota in view.list(QUOTAS, metadata.namespace(change.obj))]

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Counts anew, and writes down what has changed."""
        quota = view.get(QUOTAS, key.namespace, key.name)
        if quota is None:
            return NOTHING_TO_DO
        hard: Obj = quota["spec"].get("hard") or {}
        used: Amounts = dict.fromkeys(hard, ZERO)
        for resource in view.resources():
            if limited := counted(resource, hard):
                for obj in view.list(resource, key.namespace):
                    if in_scope(quota, resource, obj):
                        used = add(used, only(usage(resource, obj, now), limited))
        status = {"hard": hard, "used": texts(used)}
        if quota.get("status") == status:
            return Reconciled(analysis=("The status says so already.",))
        return Reconciled([UpdateStatus({**quota, "status": status})], (f"In use: {status['used']}.",))


def _gives_back(change: Change) -> bool:
    if change.type == "DELETED":
        return True
    if change.previous is None:
        return False
    if change.resource == "pods":
        return is_terminal(change.obj) and not is_terminal(change.previous)
    return change.resource in CHANGING and change.obj["spec"] != change.previous["spec"]
