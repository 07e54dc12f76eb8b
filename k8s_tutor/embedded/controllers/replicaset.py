"""ReplicaSet: as many pods of one template as asked for, no more and no less."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, UpdateStatus
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.controllers.pods import claim, claimants, first_to_go, would_adopt
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import msg
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["ReplicaSetController", "ReplicationManager"]


class ReplicaSetController:
    """Counts the pods its selector matches and makes up the difference."""

    name: ClassVar[str] = "replicaset-controller"
    watches: ClassVar[tuple[str, ...]] = ("replicasets.apps", "pods")
    kind: ClassVar[str] = "ReplicaSet"

    def selecting(self, owner: Obj) -> Obj:
        """The object with its selector as a ReplicaSet has it."""
        return owner

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The ReplicaSet itself; a pod's controller, before and now; for a pod that nobody controls, who might."""
        if change.resource != "pods":
            return own_key(change)

        def takes(owner: Obj, pod: Obj) -> bool:
            return would_adopt(self.selecting(owner), pod)

        return claimants(change, view, self.kind, self.watches[0], takes)

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Claims, creates or deletes pods; then says how it stands."""
        stored = view.get(self.watches[0], key.namespace, key.name)
        if stored is None:
            return NOTHING_TO_DO
        owner = self.selecting(stored)
        everything = view.list("pods", key.namespace)
        claimed = claim(owner, (pod for pod in everything if not pods.is_terminal(pod)))
        active = [pod for pod in claimed.kept if not metadata.is_deleting(pod)]
        leaving = sum(1 for pod in claimed.kept if metadata.is_deleting(pod))
        wanted = int(owner["spec"].get("replicas", 1))
        difference = wanted - len(active)
        actions: list[Action] = [*claimed.patches]
        words = [
            msg(
                "{wanted} wanted, {count} there: difference {difference:+d}.",
                wanted=wanted,
                count=len(active),
                difference=difference,
            )
        ]
        words += [
            msg("Pod {name} matches the selector and has no controller: adopt it.", name=metadata.name(pod))
            for pod in claimed.adopted
        ]
        words += [
            msg("Pod {name} no longer matches the selector: release it.", name=metadata.name(pod))
            for pod in claimed.released
        ]
        if metadata.is_deleting(owner):
            words.append(msg("It is being deleted: its pods are left to the garbage collector."))
        elif difference > 0:
            actions += _creations(owner, min(difference, pods.BURST))
        elif difference < 0:
            ranked = first_to_go(active, _related(view, owner, everything), now)
            actions += [_deletion(owner, pod) for pod in ranked[: min(-difference, pods.BURST)]]
        state = _State(owner, active, leaving, now)
        status = state.status(None, difference)
        if status != owner.get("status"):
            actions.append(UpdateStatus({**stored, "status": status}))
        actions += pods.until_available(owner, active, now)

        def failed(error: StatusError) -> Sequence[Action]:
            return [UpdateStatus({**stored, "status": state.status(error.what, difference)})]

        return Reconciled(actions, words, failed)


class ReplicationManager(ReplicaSetController):
    """Does the same for ReplicationControllers, which ReplicaSets replaced: their selectors are plain labels."""

    name: ClassVar[str] = "replication-controller"
    watches: ClassVar[tuple[str, ...]] = ("replicationcontrollers", "pods")
    kind: ClassVar[str] = "ReplicationController"

    def selecting(self, owner: Obj) -> Obj:
        """See `ReplicaSetController`."""
        return {**owner, "spec": {**owner["spec"], "selector": {"matchLabels": owner["spec"].get("selector") or {}}}}


@dataclass(frozen=True, slots=True)
class _State:
    """What a ReplicaSet's status says."""

    owner: Obj
    active: Sequence[Obj]
    leaving: int
    now: float

    def status(self, failure: str | None, difference: int) -> Obj:
        """The status as it shall be; counts of zero are left out, as the API does."""
        template_labels = metadata.labels(self.owner["spec"]["template"]).items()
        wait = pods.min_ready_seconds(self.owner)
        counts = {
            "availableReplicas": sum(pods.is_available(pod, wait, self.now) for pod in self.active),
            "fullyLabeledReplicas": sum(template_labels <= metadata.labels(pod).items() for pod in self.active),
            "readyReplicas": sum(pods.is_ready(pod) for pod in self.active),
        }
        status: Obj = {name: count for name, count in counts.items() if count}
        status["observedGeneration"] = self.owner["metadata"].get("generation", 0)
        status["replicas"] = len(self.active)
        if self.owner["kind"] == "ReplicaSet":
            status["terminatingReplicas"] = self.leaving
        if rows := self._conditions(failure, difference):
            status["conditions"] = rows
        return status

    def _conditions(self, failure: str | None, difference: int) -> list[Obj]:
        rows = (self.owner.get("status") or {}).get("conditions") or []
        if failure is None:
            return conditions.remove(rows, "ReplicaFailure")
        if conditions.get(self.owner, "ReplicaFailure") is not None:
            return list(rows)  # The first failure stays until it is over.
        reason = "FailedCreate" if difference > 0 else "FailedDelete"
        condition = {"type": "ReplicaFailure", "status": "True", "reason": reason, "message": failure}
        return conditions.set_condition(rows, condition, self.now)


def _creations(owner: Obj, count: int) -> Iterable[Create]:
    """Slow start: one, then two, then four …, so that a hopeless template costs one refusal, not hundreds."""
    template = owner["spec"]["template"]
    meta = template.get("metadata") or {}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": f"{metadata.name(owner)}-",
            "namespace": metadata.namespace(owner),
            **{field: meta[field] for field in ("labels", "annotations", "finalizers") if meta.get(field)},
            "ownerReferences": [metadata.owner_reference(owner)],
        },
        "spec": template["spec"],
    }
    created = EmitEvent(owner, "Normal", "SuccessfulCreate", "Created pod: {name}")
    refused = EmitEvent(owner, "Warning", "FailedCreate", "Error creating: {error}")
    return [Create(pod, created, refused, batch=(number + 1).bit_length()) for number in range(count)]


def _deletion(owner: Obj, pod: Obj) -> Delete:
    name = metadata.name(pod)
    deleted = EmitEvent(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {name}")
    return Delete(pod, success=deleted, failure=EmitEvent(owner, "Warning", "FailedDelete", "Error deleting: {error}"))


def _related(view: View, owner: Obj, everything: Sequence[Obj]) -> Iterable[Obj]:
    """Active pods of this ReplicaSet and of its siblings under one owner (a Deployment's other versions)."""
    parent = metadata.controller_of(owner)
    family = {metadata.uid(owner)}
    if parent is not None:
        siblings = view.list("replicasets.apps", metadata.namespace(owner))
        family |= {
            metadata.uid(one) for one in siblings if (metadata.controller_of(one) or {}).get("uid") == parent["uid"]
        }
    return [
        pod for pod in everything if pods.is_active(pod) and (metadata.controller_of(pod) or {}).get("uid") in family
    ]
