"""Storage in use is not taken away: deleted claims and volumes stay until nobody needs them.

Admission gives both the finalizer that these controllers take off again, and give back to those that lost it.
Source: pkg/controller/volume/{pvcprotection,pvprotection} of k8s.io/kubernetes 1.37.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.embedded.actions import Update, UpdateStatus
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, own_key
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import conditions, metadata, volumes
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["ClaimProtection", "VolumeProtection"]

CLAIM_FINALIZER = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER = "kubernetes.io/pv-protection"
_CLAIMS, _VOLUMES = "persistentvolumeclaims", "persistentvolumes"


class ClaimProtection:
    """Lets a deleted claim go once no pod on a node uses it, and says of bound ones whether pods name them."""

    name: ClassVar[str] = "pvc-protection-controller"
    watches: ClassVar[tuple[str, ...]] = (_CLAIMS, "pods")

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The claim itself; those of a pod that comes, ends or goes."""
        if change.resource == _CLAIMS:
            return own_key(change)
        if change.type == "MODIFIED" and not _has_ended(change.obj):
            return ()
        return [Key(metadata.namespace(change.obj), name) for name in volumes.used_claims(change.obj).values()]

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Takes the finalizer off where nothing uses the claim; else notes whether something does."""
        claim = view.get(_CLAIMS, key.namespace, key.name)
        if claim is None:
            return NOTHING_TO_DO
        if _bare(claim, CLAIM_FINALIZER):
            return Reconciled([_protected(claim, CLAIM_FINALIZER)], ("It is not protected.",))
        pods = [pod for pod in view.list("pods", key.namespace) if key.name in volumes.used_claims(pod).values()]
        if not _waits(claim, CLAIM_FINALIZER):
            return _noted(claim, any(not _has_ended(pod) for pod in pods), now)
        users = [metadata.name(pod) for pod in pods if pod["spec"].get("nodeName")]
        if users:
            return Reconciled(analysis=(f"Still used by {', '.join(users)}.",))
        return Reconciled([_released(claim, CLAIM_FINALIZER)], ("Nobody uses it: let it go.",))


def _noted(claim: Obj, used: bool, now: float) -> Reconciled:
    """The condition `Unused` of a bound claim."""
    if volumes.phase(claim) != "Bound":
        return Reconciled(analysis=("It is not bound, and not waiting to go.",))
    words = "A pod is currently referencing this PVC" if used else "No pods are currently referencing this PVC"
    row = {
        "type": "Unused",
        "status": "False" if used else "True",
        "reason": "PodUsingPVC" if used else "NoPodsUsingPVC",
        "message": words,
        "lastProbeTime": None,
    }
    rows = conditions.set_condition(claim["status"].get("conditions"), row, now)
    if rows == claim["status"].get("conditions"):
        return Reconciled(analysis=(f"{words}, as it says.",))
    return Reconciled([UpdateStatus({**claim, "status": {**claim["status"], "conditions": rows}})], (f"{words}.",))


def _has_ended(pod: Obj) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


class VolumeProtection:
    """Lets a deleted volume go once it is bound to no claim."""

    name: ClassVar[str] = "pv-protection-controller"
    watches: ClassVar[tuple[str, ...]] = (_VOLUMES,)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """A volume that is deleted, or that has lost its protection."""
        return own_key(change) if _waits(change.obj, VOLUME_FINALIZER) or _bare(change.obj, VOLUME_FINALIZER) else ()

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Takes the finalizer off where the volume is not bound."""
        volume = view.get(_VOLUMES, "", key.name)
        if volume is None:
            return NOTHING_TO_DO
        if _bare(volume, VOLUME_FINALIZER):
            return Reconciled([_protected(volume, VOLUME_FINALIZER)], ("It is not protected.",))
        if not _waits(volume, VOLUME_FINALIZER):
            return Reconciled(analysis=("It is not waiting to go.",))
        if volumes.phase(volume) == "Bound":
            return Reconciled(analysis=("A claim still has it.",))
        return Reconciled([_released(volume, VOLUME_FINALIZER)], ("No claim has it: let it go.",))


def _waits(obj: Obj, finalizer: str) -> bool:
    return metadata.is_deleting(obj) and finalizer in obj["metadata"].get("finalizers", ())


def _bare(obj: Obj, finalizer: str) -> bool:
    return not metadata.is_deleting(obj) and finalizer not in obj["metadata"].get("finalizers", ())


def _protected(obj: Obj, finalizer: str) -> Update:
    finalizers = [*obj["metadata"].get("finalizers", ()), finalizer]
    return Update({**obj, "metadata": {**obj["metadata"], "finalizers": finalizers}})


def _released(obj: Obj, finalizer: str) -> Update:
    rest = [one for one in obj["metadata"]["finalizers"] if one != finalizer]
    return Update({**obj, "metadata": {**obj["metadata"], "finalizers": rest}})
