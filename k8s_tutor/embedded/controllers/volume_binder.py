"""The controller that brings claims and volumes together.

Source of rules and words, also of its neighbours: pkg/controller/volume of k8s.io/kubernetes, 1.37; for what kind
brings along, rancher's local-path-provisioner and sig-storage-lib-external-provisioner.
See kubernetes.io/docs/concepts/storage/persistent-volumes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.actions import Action, Delete, EmitEvent, Requeue, Update, UpdateStatus
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata, volumes
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = [
    "CLAIMS",
    "CLASSES",
    "RESYNC",
    "VOLUMES",
    "PersistentVolumeController",
    "in_phase",
    "sync_claim",
    "sync_volume",
]


# ---- One look at a claim: it finds its volume, waits for one, or has lost it

CLAIMS, VOLUMES, CLASSES = "persistentvolumeclaims", "persistentvolumes", "storageclasses.storage.k8s.io"
RESYNC = 15.0  # seconds until a claim that waits is looked at again
_EXTERNAL = (
    "Waiting for a volume to be created either by the external provisioner '{}' or manually by the system "
    "administrator. If volume creation is delayed, please verify that the provisioner is running and correctly "
    "registered."
)
_OLD_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner"


def in_phase(volume: Obj, phase: str, now: float, message: str = "") -> list[Action]:
    """What brings a volume into a phase; nothing where it is there already."""
    status = volume.get("status") or {}
    if status.get("phase") == phase and status.get("message", "") == message:
        return []
    since = status.get("lastPhaseTransitionTime") if status.get("phase") == phase else rfc3339(now)
    words = {"message": message} if message else {}
    return [UpdateStatus({**volume, "status": {"phase": phase, "lastPhaseTransitionTime": since, **words}})]


def sync_claim(view: View, claim: Obj, now: float) -> Reconciled:
    """What the claim's annotations and volume name ask for."""
    if volumes.BIND_COMPLETED in metadata.annotations(claim):
        return _bound(view, claim, now)
    name = claim["spec"].get("volumeName")
    if not name:
        return _search(view, claim, now)
    volume = view.get(VOLUMES, "", name)
    if volume is None:
        return _wait(msg("It asks for volume {name}, which is not there.", name=name))
    return _ask_for(volume, claim, now)


def _ask_for(volume: Obj, claim: Obj, now: float) -> Reconciled:
    """A claim that names its volume gets it, unless it is too little for it or another's."""
    name = metadata.name(volume)
    free = not volume["spec"].get("claimRef")
    if not free and not volumes.reserved_for(volume, claim):
        words = f'volume "{name}" already bound to a different claim.'
        return _wait(words, EmitEvent(claim, "Warning", "FailedBinding", words))
    if free and (why := volumes.misfit(volume, claim)):
        words = f'Cannot bind to requested volume "{name}": {why}'
        return _wait(words, EmitEvent(claim, "Warning", "VolumeMismatch", words))
    return _bind(volume, claim, now)


def _bound(view: View, claim: Obj, now: float) -> Reconciled:
    """A claim that was bound: it still has its volume, or has lost it."""
    name = claim["spec"].get("volumeName")
    if not name:
        return _lose(
            claim, "ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"
        )
    volume = view.get(VOLUMES, "", name)
    if volume is None:
        return _lose(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!")
    if volume["spec"].get("claimRef") and not volumes.reserved_for(volume, claim):
        words = "Two claims are bound to the same volume, this one is bound incorrectly"
        return _lose(claim, "ClaimMisbound", words)
    return _bind(volume, claim, now)


def _lose(claim: Obj, reason: str, words: str) -> Reconciled:
    if volumes.phase(claim) == "Lost":
        return Reconciled(analysis=(words,))
    left = {key: value for key, value in claim["status"].items() if key not in ("accessModes", "capacity")}
    lost = UpdateStatus({**claim, "status": {**left, "phase": "Lost"}})
    return Reconciled([lost, EmitEvent(claim, "Warning", reason, words)], (words,))


def _search(view: View, claim: Obj, now: float) -> Reconciled:
    """A claim that takes any volume: one that is there, or one that is made for it."""
    name = volumes.class_of(claim)
    class_ = view.get(CLASSES, "", name) if name else None
    delayed = (class_ or {}).get("volumeBindingMode") == "WaitForFirstConsumer"
    volume = volumes.best_match(claim, view.list(VOLUMES), delayed=delayed)
    if volume is not None:
        return _bind(volume, claim, now)
    if delayed and volumes.SELECTED_NODE not in metadata.annotations(claim):
        return _wait_for_pod(view, claim)
    if not name:
        words = "no persistent volumes available for this claim and no storage class is set"
        return _wait(words, EmitEvent(claim, "Normal", "FailedBinding", words))
    if class_ is None:
        words = f'storageclass.storage.k8s.io "{name}" not found'
        return _wait(words, EmitEvent(claim, "Warning", "ProvisioningFailed", words))
    return _provide(claim, str(class_["provisioner"]))


def _wait_for_pod(view: View, claim: Obj) -> Reconciled:
    """Nothing happens before the scheduler has chosen a node for the first pod."""
    pods = sorted(
        metadata.name(pod)
        for pod in view.list("pods", metadata.namespace(claim))
        if metadata.name(claim) in volumes.used_claims(pod).values() and not pod["spec"].get("nodeName")
    )
    if pods:
        subject = f"pod {pods[0]}" if len(pods) == 1 else f"pods {','.join(pods)}"
        words = f"waiting for {subject} to be scheduled"
        return _wait(words, EmitEvent(claim, "Normal", "WaitForPodScheduled", words))
    words = "waiting for first consumer to be created before binding"
    return _wait(words, EmitEvent(claim, "Normal", "WaitForFirstConsumer", words))


def _provide(claim: Obj, provisioner: str) -> Reconciled:
    """Asks the class's provisioner, by an annotation, for a volume."""
    if provisioner.startswith("kubernetes.io/"):
        words = f"no volume plugin matched name: {provisioner}"
        return _wait(words, EmitEvent(claim, "Warning", "ProvisioningFailed", words))
    event = EmitEvent(claim, "Normal", "ExternalProvisioning", _EXTERNAL.format(provisioner))
    notes = metadata.annotations(claim)
    if notes.get(volumes.STORAGE_PROVISIONER) == provisioner:
        return _wait(msg("{provisioner} has been asked for a volume.", provisioner=provisioner), event)
    notes = {**notes, _OLD_PROVISIONER: provisioner, volumes.STORAGE_PROVISIONER: provisioner}
    asked = Update({**claim, "metadata": {**claim["metadata"], "annotations": notes}})
    return Reconciled(
        [asked, event, Requeue(RESYNC)], (msg("Ask {provisioner} for a volume.", provisioner=provisioner),)
    )


def _wait(words: Wording, event: EmitEvent | None = None) -> Reconciled:
    said: list[Action] = [event] if event else []
    return Reconciled([*said, Requeue(RESYNC)], (words,))


def _bind(volume: Obj, claim: Obj, now: float) -> Reconciled:
    """Each names the other, the volume first; what is so already is left alone."""
    actions: list[Action] = []
    taken = volumes.reserve(volume, claim)
    if taken is not volume:
        actions.append(Update(taken))
    actions += in_phase(taken, "Bound", now)
    given = _given(claim, metadata.name(volume))
    if given is not claim:
        actions.append(Update(given))
    modes, capacity = volume["spec"].get("accessModes") or [], volume["spec"].get("capacity") or {}
    status = {**(claim.get("status") or {}), "phase": "Bound", "accessModes": modes, "capacity": capacity}
    if status != claim.get("status"):
        actions.append(UpdateStatus({**given, "status": status}))
    return Reconciled(actions, (msg("Volume {name} is its own.", name=metadata.name(volume)),))


def _given(claim: Obj, volume: str) -> Obj:
    """The claim with its volume; who chose it is noted."""
    notes = dict(metadata.annotations(claim))
    if claim["spec"].get("volumeName") != volume:
        notes[volumes.BOUND_BY_CONTROLLER] = "yes"
    elif volumes.BIND_COMPLETED in notes:
        return claim
    notes[volumes.BIND_COMPLETED] = "yes"
    meta = {**claim["metadata"], "annotations": notes}
    return {**claim, "metadata": meta, "spec": {**claim["spec"], "volumeName": volume}}


# ---- One look at a volume: free, bound, or left behind by its claim

_DELETED_HERE = re.compile(r"/tmp/.+")
_LEFT = ("Released", "Failed")


def sync_volume(view: View, volume: Obj, now: float) -> Reconciled:
    """The phase that follows from whom the volume is reserved for."""
    reference = volume["spec"].get("claimRef")
    if not reference:
        return Reconciled(in_phase(volume, "Available", now), (msg("It is free."),))
    if not reference.get("uid"):
        return Reconciled(in_phase(volume, "Available", now), (msg("It is kept for a claim that has not come."),))
    claim = view.get(CLAIMS, reference["namespace"], reference["name"])
    if claim is None or metadata.uid(claim) != reference["uid"]:
        return _reclaim(volume, now)
    chosen = claim["spec"].get("volumeName") or metadata.name(volume)
    if chosen == metadata.name(volume):
        return _keep(volume, claim, now)
    if volumes.is_provided(volume):
        return _reclaim(volume, now)
    return _unbind(volume, now)


def _keep(volume: Obj, claim: Obj, now: float) -> Reconciled:
    if not claim["spec"].get("volumeName"):
        return Reconciled(analysis=(msg("Its claim is about to be bound to it."),))
    return Reconciled(in_phase(volume, "Bound", now), (msg("It is bound."),))


def _unbind(volume: Obj, now: float) -> Reconciled:
    """Its claim has another volume: it is free again, or kept for a claim of that name, as before."""
    notes = dict(metadata.annotations(volume))
    spec = dict(volume["spec"])
    if notes.pop(volumes.BOUND_BY_CONTROLLER, None):
        del spec["claimRef"]
    else:
        spec["claimRef"] = {
            key: value for key, value in spec["claimRef"].items() if key not in ("uid", "resourceVersion")
        }
    freed = {**volume, "metadata": {**volume["metadata"], "annotations": notes}, "spec": spec}
    return Reconciled([Update(freed), *in_phase(freed, "Available", now)], (msg("Its claim has another volume."),))


def _reclaim(volume: Obj, now: float) -> Reconciled:
    """Its claim is gone: what its reclaim policy says."""
    released = [] if volumes.phase(volume) in _LEFT else in_phase(volume, "Released", now)
    policy = _policy(volume)
    if policy == "Retain":
        return Reconciled(released, (msg("Its claim is gone; it is kept as it is."),))
    if volumes.PROVISIONED_BY in metadata.annotations(volume):
        return Reconciled(released, (msg("Its claim is gone; whoever provided it deletes it."),))
    why = _undeletable(volume) if policy == "Delete" else "recycling volumes is not simulated on the embedded cluster"
    if not why:
        return Reconciled([*released, Delete(volume)], (msg("Its claim is gone, and so is it."),))
    failed = in_phase(volume, "Failed", now, why)
    said = [EmitEvent(volume, "Warning", f"VolumeFailed{policy}", why)] if failed else []
    return Reconciled([*released, *failed, *said], (why,))


def _undeletable(volume: Obj) -> str:
    """Why the controller itself cannot delete what is on the volume; `""` where it can."""
    if "hostPath" not in volume["spec"]:
        name = metadata.name(volume)
        return f'error getting deleter volume plugin for volume "{name}": no deletable volume plugin matched'
    path = volume["spec"]["hostPath"].get("path", "")
    return "" if _DELETED_HERE.match(path) else f"host_path deleter only supports /tmp/.+ but received provided {path}"


def _policy(volume: Obj) -> str:
    return str(volume["spec"].get("persistentVolumeReclaimPolicy") or "Retain")


# ---- The controller that brings claims and volumes together


class PersistentVolumeController:
    """Binds claims to volumes one to one, says what a claim waits for, and looks after volumes whose claim is gone."""

    name: ClassVar[str] = "persistentvolume-controller"
    watches: ClassVar[tuple[str, ...]] = (CLAIMS, VOLUMES, CLASSES)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The object itself and its other half; with a volume or a class that comes, the claims that wait for one."""
        if change.resource == CLASSES:
            return _waiting(view, metadata.name(change.obj)) if change.type == "ADDED" else ()
        if change.resource == CLAIMS:
            return [*own_key(change), *_reserved(view, metadata.key(change.obj))]
        versions = [change.obj] if change.previous is None else [change.obj, change.previous]
        claims = [key for volume in versions for key in _named(volume)]
        free = not claims and volumes.phase(change.obj) == "Available"
        waiting = _waiting(view, volumes.class_of(change.obj)) if free else ()
        return dict.fromkeys([*own_key(change), *claims, *waiting])

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """One step for a claim, or for a volume."""
        if key.namespace:
            claim = view.get(CLAIMS, key.namespace, key.name)
            return NOTHING_TO_DO if claim is None else sync_claim(view, claim, now)
        volume = view.get(VOLUMES, "", key.name)
        return NOTHING_TO_DO if volume is None else sync_volume(view, volume, now)


def _waiting(view: View, class_: str) -> list[Key]:
    return [
        metadata.key(claim)
        for claim in view.list(CLAIMS)
        if volumes.class_of(claim) == class_ and not volumes.is_bound(claim)
    ]


def _reserved(view: View, claim: Key) -> list[Key]:
    return [metadata.key(volume) for volume in view.list(VOLUMES) if claim in _named(volume)]


def _named(volume: Obj) -> list[Key]:
    reference = volume["spec"].get("claimRef")
    return [Key(reference.get("namespace", ""), reference.get("name", ""))] if reference else []
