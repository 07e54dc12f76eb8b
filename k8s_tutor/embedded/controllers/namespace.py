"""Namespace: when one is deleted, all that is in it goes first: pods, then the rest, then the namespace itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.actions import Action, Delete, Requeue, Update, UpdateStatus
from k8s_tutor.embedded.apiserver.quotausage import CHANGING, Amounts, add, counted, in_scope, only, texts, usage
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.controllers.pods import is_terminal
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import msg
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.quantity import ZERO
from k8s_tutor.objects.types import Obj

__all__ = ["NamespaceController", "ResourceQuotaController"]

DELAY = 5.0
"""Seconds after the deletion in which all API servers learn of it; then nothing new can be made there."""
FINALIZER_ESTIMATE = 15


class NamespaceController:
    """Empties a namespace that is being deleted, says how far it is, and lets it go."""

    name: ClassVar[str] = "namespace-controller"
    watches: ClassVar[tuple[str, ...]] = ("namespaces",)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """A namespace that is being deleted."""
        return own_key(change) if metadata.is_deleting(change.obj) and change.type != "DELETED" else ()

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Deletes content; lets the namespace go when none is left."""
        namespace = view.get("namespaces", "", key.name)
        if namespace is None or not metadata.is_deleting(namespace):
            return NOTHING_TO_DO
        deleted = from_rfc3339(namespace["metadata"]["deletionTimestamp"])
        if now < deleted + DELAY:
            return Reconciled([Requeue(deleted + DELAY - now)], (msg("Deletion begins in a moment."),))
        if "kubernetes" not in (namespace["spec"].get("finalizers") or ()):
            return Reconciled(analysis=(msg("Others still hold it."),))
        inside = view.list("pods", key.name)
        if inside:
            return _pods_first(namespace, inside, now, elapsed=now - deleted)
        content = {
            resource: objects
            for resource in view.resources()
            if (objects := [obj for obj in view.list(resource, key.name) if metadata.namespace(obj) == key.name])
        }
        return _the_rest(namespace, content, now)


def _pods_first(namespace: Obj, inside: Sequence[Obj], now: float, *, elapsed: float) -> Reconciled:
    deletions: list[Action] = [Delete(pod) for pod in inside if not metadata.is_deleting(pod)]
    graces = [int(pod["spec"].get("terminationGracePeriodSeconds", 30)) for pod in inside if not pods.is_terminal(pod)]
    estimate = max(graces, default=0)
    words = msg("{count} pods are still there: wait for them.", count=len(inside))
    if not any(pod["spec"].get("nodeName") for pod in inside):
        return Reconciled([*deletions, Requeue(0)], (words,))  # No kubelet holds them: they go at once.
    if elapsed < estimate:
        return Reconciled([*deletions, *_report(namespace, _Remains(), now), Requeue(estimate / 2 + 1)], (words,))
    name = metadata.name(namespace)
    failure = f"unexpected items still remain in namespace: {name} for gvr: /v1, Resource=pods"
    actions = [*deletions, *_report(namespace, _Remains(failures=[failure]), now)]
    return Reconciled(actions, (words,), failure=failure)


def _the_rest(namespace: Obj, content: Mapping[str, Sequence[Obj]], now: float) -> Reconciled:
    remains = _Remains()
    deletions: list[Action] = []
    for resource, objects in content.items():
        deletions += [Delete(obj, propagation="Background") for obj in objects if not metadata.is_deleting(obj)]
        held = [obj for obj in objects if obj["metadata"].get("finalizers")]
        remains.hold(resource, held)
    report = _report(namespace, remains, now)
    if remains.resources:
        words = msg("Finalizers hold some content: wait for whoever put them there.")
        return Reconciled([*deletions, *report, Requeue(FINALIZER_ESTIMATE // 2 + 1)], (words,))
    finalizers = [name for name in namespace["spec"]["finalizers"] if name != "kubernetes"]
    done = Update({**namespace, "spec": {**namespace["spec"], "finalizers": finalizers}}, "finalize")
    words = msg("{count} objects to delete, then it is empty: let it go.", count=len(deletions))
    return Reconciled([*deletions, *report, done], (words,))


@dataclass
class _Remains:
    """What a namespace still holds.

    Attributes:
        resources: Objects by resource (`configmaps.`, `deployments.apps`).
        finalizers: Objects by finalizer.
        failures: What went wrong, a sentence each.
    """

    resources: dict[str, int] = field(default_factory=dict)
    finalizers: dict[str, int] = field(default_factory=dict)
    failures: Sequence[str] = ()

    def hold(self, resource: str, objects: Sequence[Obj]) -> None:
        """Counts objects that stay because of their finalizers."""
        if objects:
            self.resources[resource if "." in resource else f"{resource}."] = len(objects)
        for obj in objects:
            for finalizer in obj["metadata"]["finalizers"]:
                self.finalizers[finalizer] = self.finalizers.get(finalizer, 0) + 1

    def conditions(self) -> Iterable[tuple[str, bool, str, str]]:
        """Type, whether it is a problem, reason and message of each condition."""
        discovered = "All resources successfully discovered"
        yield "NamespaceDeletionDiscoveryFailure", False, "ResourcesDiscovered", discovered
        parsed = "All legacy kube types successfully parsed"
        yield "NamespaceDeletionGroupVersionParsingFailure", False, "ParsedGroupVersions", parsed
        yield "NamespaceDeletionContentFailure", *self._deletion()
        yield "NamespaceContentRemaining", *self._content()
        yield "NamespaceFinalizersRemaining", *self._finalizers()

    def _deletion(self) -> tuple[bool, str, str]:
        if not self.failures:
            return False, "ContentDeleted", "All content successfully deleted, may be waiting on finalization"
        text = f"Failed to delete all resource types, {len(self.failures)} remaining: {', '.join(self.failures)}"
        return True, "ContentDeletionFailed", text

    def _content(self) -> tuple[bool, str, str]:
        if not self.resources:
            return False, "ContentRemoved", "All content successfully removed"
        rows = sorted(f"{resource} has {count} resource instances" for resource, count in self.resources.items())
        return True, "SomeResourcesRemain", f"Some resources are remaining: {', '.join(rows)}"

    def _finalizers(self) -> tuple[bool, str, str]:
        if not self.finalizers:
            return False, "ContentHasNoFinalizers", "All content-preserving finalizers finished"
        rows = sorted(f"{finalizer} in {count} resource instances" for finalizer, count in self.finalizers.items())
        text = f"Some content in the namespace has finalizers remaining: {', '.join(rows)}"
        return True, "SomeFinalizersRemain", text


def _report(namespace: Obj, remains: _Remains, now: float) -> list[Action]:
    """The status, where it changes."""
    status = namespace.get("status") or {}
    before = status.get("conditions") or []
    rows = before
    for type_, problem, reason, message in remains.conditions():
        condition = {"type": type_, "status": str(problem), "reason": reason, "message": message}
        rows = conditions.set_condition(rows, condition, now)
    if rows == before:
        return []
    # A change of the namespace brings it back after the same delay as its deletion did.
    return [UpdateStatus({**namespace, "status": {**status, "conditions": rows}}), Requeue(DELAY)]


# ---- ResourceQuota: counts what a namespace uses. Admission adds to it in between; this takes off what is gone

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
            return Reconciled(analysis=(msg("The status says so already."),))
        return Reconciled([UpdateStatus({**quota, "status": status})], (msg("In use: {used}.", used=status["used"]),))


def _gives_back(change: Change) -> bool:
    if change.type == "DELETED":
        return True
    if change.previous is None:
        return False
    if change.resource == "pods":
        return is_terminal(change.obj) and not is_terminal(change.previous)
    return change.resource in CHANGING and change.obj["spec"] != change.previous["spec"]
