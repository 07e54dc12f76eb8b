"""One look at a volume: free, bound, or left behind by its claim."""

from __future__ import annotations

import re

from k8s_tutor.embedded.actions import Delete, EmitEvent, Update
from k8s_tutor.embedded.controllers.controller import Reconciled
from k8s_tutor.embedded.controllers.storage.claim import CLAIMS, in_phase
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.objects import metadata, volumes
from k8s_tutor.objects.types import Obj

__all__ = ["sync_volume"]

_DELETED_HERE = re.compile(r"/tmp/.+")
_LEFT = ("Released", "Failed")


def sync_volume(view: View, volume: Obj, now: float) -> Reconciled:
    """The phase that follows from whom the volume is reserved for."""
    reference = volume["spec"].get("claimRef")
    if not reference:
        return Reconciled(in_phase(volume, "Available", now), ("It is free.",))
    if not reference.get("uid"):
        return Reconciled(in_phase(volume, "Available", now), ("It is kept for a claim that has not come.",))
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
        return Reconciled(analysis=("Its claim is about to be bound to it.",))
    return Reconciled(in_phase(volume, "Bound", now), ("It is bound.",))


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
    return Reconciled([Update(freed), *in_phase(freed, "Available", now)], ("Its claim has another volume.",))


def _reclaim(volume: Obj, now: float) -> Reconciled:
    """Its claim is gone: what its reclaim policy says."""
    released = [] if volumes.phase(volume) in _LEFT else in_phase(volume, "Released", now)
    policy = _policy(volume)
    if policy == "Retain":
        return Reconciled(released, ("Its claim is gone; it is kept as it is.",))
    if volumes.PROVISIONED_BY in metadata.annotations(volume):
        return Reconciled(released, ("Its claim is gone; whoever provided it deletes it.",))
    why = _undeletable(volume) if policy == "Delete" else "recycling volumes is not simulated on the embedded cluster"
    if not why:
        return Reconciled([*released, Delete(volume)], ("Its claim is gone, and so is it.",))
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
