"""Storage in use is not taken away: deleted claims and volumes stay until nobody needs them.

Admission gives both the finalizer that these controllers take off again.
Source: pkg/controller/volume/{pvcprotection,pvprotection} of k8s.io/kubernetes 1.37.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.embedded.actions import Update
from k8s_tutor.embedded.controllers.controller import Reconciled, own_key
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["ClaimProtection", "VolumeProtection"]

CLAIM_FINALIZER = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER = "kubernetes.io/pv-protection"
_CLAIMS, _VOLUMES = "persistentvolumeclaims", "persistentvolumes"


class ClaimProtection:
    """Lets a deleted claim go once no pod on a node uses it."""

    name: ClassVar[str] = "pvc-protection-controller"
    watches: ClassVar[tuple[str, ...]] = (_CLAIMS, "pods")

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """A claim that is deleted; those of a pod that is gone."""
        if change.resource == _CLAIMS:
            return own_key(change) if _waits(change.obj, CLAIM_FINALIZER) else ()
        if change.type != "DELETED":
            return ()
        return [Key(metadata.namespace(change.obj), name) for name in _used(change.obj)]

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Takes the finalizer off where nothing uses the claim."""
        claim = view.get(_CLAIMS, key.namespace, key.name)
        if claim is None or not _waits(claim, CLAIM_FINALIZER):
            return Reconciled(analysis=("It is not waiting to go.",))
        users = [
            metadata.name(pod)
            for pod in view.list("pods", key.namespace)
            if pod["spec"].get("nodeName") and key.name in _used(pod)
        ]
        if users:
            return Reconciled(analysis=(f"Still used by {', '.join(users)}.",))
        return Reconciled([_released(claim, CLAIM_FINALIZER)], ("Nobody uses it: let it go.",))


class VolumeProtection:
    """Lets a deleted volume go once it is bound to no claim."""

    name: ClassVar[str] = "pv-protection-controller"
    watches: ClassVar[tuple[str, ...]] = (_VOLUMES,)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """A volume that is deleted."""
        return own_key(change) if _waits(change.obj, VOLUME_FINALIZER) else ()

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Takes the finalizer off where the volume is not bound."""
        volume = view.get(_VOLUMES, "", key.name)
        if volume is None or not _waits(volume, VOLUME_FINALIZER):
            return Reconciled(analysis=("It is not waiting to go.",))
        if (volume.get("status") or {}).get("phase") == "Bound":
            return Reconciled(analysis=("A claim still has it.",))
        return Reconciled([_released(volume, VOLUME_FINALIZER)], ("No claim has it: let it go.",))


def _waits(obj: Obj, finalizer: str) -> bool:
    return metadata.is_deleting(obj) and finalizer in obj["metadata"].get("finalizers", ())


def _released(obj: Obj, finalizer: str) -> Update:
    rest = [one for one in obj["metadata"]["finalizers"] if one != finalizer]
    return Update({**obj, "metadata": {**obj["metadata"], "finalizers": rest}})


def _used(pod: Obj) -> list[str]:
    """The claims a pod mounts."""
    named = [
        volume["persistentVolumeClaim"]["claimName"]
        for volume in pod["spec"].get("volumes") or ()
        if volume.get("persistentVolumeClaim")
    ]
    own = [
        f"{metadata.name(pod)}-{volume['name']}" for volume in pod["spec"].get("volumes") or () if "ephemeral" in volume
    ]
    return named + own
