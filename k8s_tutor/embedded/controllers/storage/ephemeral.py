"""Ephemeral volumes: a claim for each, made for its pod and owned by it.

See kubernetes.io/docs/concepts/storage/ephemeral-volumes (Generic ephemeral volumes).
Source: pkg/controller/volume/ephemeral of k8s.io/kubernetes 1.37.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.embedded.actions import Action, Create, EmitEvent
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, own_key
from k8s_tutor.embedded.controllers.storage.claim import CLAIMS
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["EphemeralVolumeController"]


class EphemeralVolumeController:
    """Makes the claims that pods describe in themselves; with the pod they go."""

    name: ClassVar[str] = "ephemeral-volume-controller"
    watches: ClassVar[tuple[str, ...]] = ("pods", CLAIMS)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """A pod that describes claims; the owner of a claim that is gone."""
        if change.resource == "pods":
            return own_key(change) if change.type == "ADDED" and _ephemeral(change.obj) else ()
        owner = metadata.controller_of(change.obj)
        if change.type != "DELETED" or owner is None or owner["kind"] != "Pod":
            return ()
        return (Key(metadata.namespace(change.obj), owner["name"]),)

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Makes what is missing; another's claim of that name is in the way."""
        pod = view.get("pods", key.namespace, key.name)
        if pod is None or metadata.is_deleting(pod):
            return NOTHING_TO_DO
        actions: list[Action] = []
        for volume in _ephemeral(pod):
            claim = _claim(pod, volume)
            there = view.get(CLAIMS, key.namespace, metadata.name(claim))
            if there is None:
                words = f"ephemeral volume {volume['name']}: create PVC {metadata.name(claim)}: {{error}}"
                failed = EmitEvent(pod, "Warning", "FailedCreate", words)
                actions.append(Create(claim, failure=failed))
            elif not metadata.is_controlled_by(there, pod):
                words = f"PVC {metadata.key(there)} was not created for pod {key} (pod is not owner)"
                return Reconciled(failure=words)
        return Reconciled(actions, (f"{len(actions)} of its claims are missing.",))


def _ephemeral(pod: Obj) -> list[Obj]:
    return [volume for volume in pod["spec"].get("volumes") or () if volume.get("ephemeral")]


def _claim(pod: Obj, volume: Obj) -> Obj:
    template = volume["ephemeral"]["volumeClaimTemplate"]
    given = template.get("metadata") or {}
    meta = {field: given[field] for field in ("labels", "annotations") if given.get(field)}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            **meta,
            "name": f"{metadata.name(pod)}-{volume['name']}",
            "namespace": metadata.namespace(pod),
            "ownerReferences": [metadata.owner_reference(pod)],
        },
        "spec": template["spec"],
    }
