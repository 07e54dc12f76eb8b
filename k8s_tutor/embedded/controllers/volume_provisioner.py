"""What kind brings along to provide volumes: directories on the nodes, by rancher's local-path-provisioner.

The real one runs a pod on the node for each directory that it makes or removes; here only the time passes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, Requeue
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.controllers.volume_binder import CLAIMS, CLASSES, RESYNC, VOLUMES
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import msg
from k8s_tutor.objects import metadata, volumes
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["EphemeralVolumeController", "LocalPathProvisioner"]

_DIRECTORY = "/var/local-path-provisioner"  # as kind configures it
_SECONDS = 3.0  # what the helper pod takes
_POSSIBLE = ("ReadWriteOnce", "ReadWriteOncePod")
_HOSTNAME = "kubernetes.io/hostname"


class LocalPathProvisioner:
    """Makes a volume for each claim that the binder and the scheduler have prepared, and removes it when released."""

    name: ClassVar[str] = "rancher.io/local-path"
    watches: ClassVar[tuple[str, ...]] = (CLAIMS, VOLUMES)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """A claim that asks for a volume; a volume of its own that is released."""
        notes = metadata.annotations(change.obj)
        asked = change.resource == CLAIMS and notes.get(volumes.STORAGE_PROVISIONER) == self.name
        released = notes.get(volumes.PROVISIONED_BY) == self.name and volumes.phase(change.obj) == "Released"
        return own_key(change) if asked or released else ()

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Makes a claim's volume, or deletes a volume."""
        if not key.namespace:
            volume = view.get(VOLUMES, "", key.name)
            return NOTHING_TO_DO if volume is None else _withdraw(volume, now)
        claim = view.get(CLAIMS, key.namespace, key.name)
        if claim is None:
            return NOTHING_TO_DO
        class_ = view.get(CLASSES, "", volumes.class_of(claim))
        node = metadata.annotations(claim).get(volumes.SELECTED_NODE, "")
        if class_ is None or claim["spec"].get("volumeName") or view.get(VOLUMES, "", _name(claim)):
            return Reconciled(analysis=(msg("It needs no volume."),))
        if class_.get("volumeBindingMode") == "WaitForFirstConsumer" and not node:
            return Reconciled(analysis=(msg("Its node is not chosen yet."),))
        return self._provide(view, claim, class_, now)

    def _provide(self, view: View, claim: Obj, class_: Obj, now: float) -> Reconciled:
        if claim["spec"].get("volumeMode") == "Block":
            words = f"{self.name} does not support block volume provisioning"
            return Reconciled([EmitEvent(claim, "Warning", "ProvisioningFailed", words)], (words,))
        words = f'External provisioner is provisioning volume for claim "{metadata.key(claim)}"'
        begin = EmitEvent(claim, "Normal", "Provisioning", words)
        why = _refusal(claim)
        if why:
            words = f'failed to provision volume with StorageClass "{metadata.name(class_)}": {why}'
            failed = EmitEvent(claim, "Warning", "ProvisioningFailed", words)
            return Reconciled([begin, failed, Requeue(RESYNC)], (why,))
        begun = _begun(view, claim)
        if begun is None:
            return Reconciled([begin, Requeue(_SECONDS)], (msg("Make its directory on the node."),))
        if now < begun + _SECONDS:
            return Reconciled([Requeue(begun + _SECONDS - now)], (msg("Its directory is being made."),))
        words = "Successfully provisioned volume {name}"
        done = EmitEvent(claim, "Normal", "ProvisioningSucceeded", words)
        return Reconciled([Create(_volume(view, claim, class_), done)], (msg("Its directory is there."),))


def _refusal(claim: Obj) -> str:
    """Why this provisioner cannot make what a claim asks for."""
    if claim["spec"].get("selector"):
        return "claim.Spec.Selector is not supported"
    if any(mode not in _POSSIBLE for mode in claim["spec"].get("accessModes") or ()):
        return "NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes"
    if volumes.SELECTED_NODE not in metadata.annotations(claim):
        return "configuration error, no node was specified"
    return ""


def _begun(view: View, claim: Obj) -> float | None:
    """When the work for a claim began, as its event says."""
    times = [
        from_rfc3339(event["lastTimestamp"])
        for event in view.list("events", metadata.namespace(claim))
        if event.get("reason") == "Provisioning" and event["involvedObject"].get("uid") == metadata.uid(claim)
    ]
    return max(times, default=None)


def _volume(view: View, claim: Obj, class_: Obj) -> Obj:
    node = metadata.annotations(claim)[volumes.SELECTED_NODE]
    host = metadata.labels(view.get("nodes", "", node) or {}).get(_HOSTNAME, node)
    name, key = _name(claim), metadata.key(claim)
    reference = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": key.namespace,
        "name": key.name,
        "uid": metadata.uid(claim),
        "resourceVersion": claim["metadata"]["resourceVersion"],
    }
    notes = {"local.path.provisioner/selected-node": node, volumes.PROVISIONED_BY: LocalPathProvisioner.name}
    path = f"{_DIRECTORY}/{name}_{key.namespace}_{key.name}"
    there = {"matchExpressions": [{"key": _HOSTNAME, "operator": "In", "values": [host]}]}
    options = {"mountOptions": class_["mountOptions"]} if class_.get("mountOptions") else {}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": notes},
        "spec": {
            "accessModes": claim["spec"]["accessModes"],
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "claimRef": reference,
            "hostPath": {"path": path, "type": "DirectoryOrCreate"},
            **options,
            "nodeAffinity": {"required": {"nodeSelectorTerms": [there]}},
            "persistentVolumeReclaimPolicy": class_.get("reclaimPolicy", "Delete"),
            "storageClassName": metadata.name(class_),
            "volumeMode": claim["spec"].get("volumeMode", "Filesystem"),
        },
    }


def _name(claim: Obj) -> str:
    return f"pvc-{metadata.uid(claim)}"


def _withdraw(volume: Obj, now: float) -> Reconciled:
    """A released volume goes, directory and all, where its policy says so."""
    spec, since = volume["spec"], (volume.get("status") or {}).get("lastPhaseTransitionTime")
    gone = metadata.is_deleting(volume) or volumes.phase(volume) != "Released"
    if gone or spec.get("persistentVolumeReclaimPolicy") != "Delete":
        return Reconciled(analysis=(msg("It stays, or is going already."),))
    due = (from_rfc3339(since) if since else now) + _SECONDS
    if now < due:
        return Reconciled([Requeue(due - now)], (msg("Its directory is being removed."),))
    return Reconciled([Delete(volume)], (msg("Its claim is gone, and so is its directory."),))


# ---- Ephemeral volumes: a claim for each, made for its pod and owned by it
#
# See kubernetes.io/docs/concepts/storage/ephemeral-volumes (Generic ephemeral volumes).
# Source: pkg/controller/volume/ephemeral of k8s.io/kubernetes 1.37.


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
        return Reconciled(actions, (msg("{count} of its claims are missing.", count=len(actions)),))


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
