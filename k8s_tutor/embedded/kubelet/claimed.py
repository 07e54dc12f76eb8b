"""Volumes behind claims: the node's directory that a bound claim stands for. Words as the kubelet's."""

from __future__ import annotations

from k8s_tutor.embedded.images.files import Volume
from k8s_tutor.embedded.kubelet.disk import Disk
from k8s_tutor.embedded.kubelet.sources import SourceMissing
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects import metadata, volumes
from k8s_tutor.objects.types import Obj

__all__ = ["claimed", "unready"]


def unready(store: Store, pod: Obj, spec: Obj) -> str:
    """Why the claim of one of the pod's volumes cannot be used yet; `""` where it can, or where there is no claim."""
    name = volumes.used_claims(pod).get(spec["name"])
    if name is None:
        return ""
    namespace = metadata.namespace(pod)
    claim = store.get("persistentvolumeclaims", namespace, name)
    if claim is None:
        why = f'failed to fetch PVC from API server: persistentvolumeclaims "{name}" not found'
    elif metadata.is_deleting(claim):
        why = "PVC is being deleted"
    elif volumes.phase(claim) != "Bound":
        why = "PVC is not bound"
    else:
        return ""
    return f"error processing PVC {namespace}/{name}: {why}"


def claimed(store: Store, pod: Obj, spec: Obj, disk: Disk) -> Volume:
    """What a bound claim gives to mount.

    Raises:
        SourceMissing: the volume is not there, or of a kind that is not simulated.
    """
    name = volumes.used_claims(pod)[spec["name"]]
    claim = store.get("persistentvolumeclaims", metadata.namespace(pod), name) or {"spec": {}}
    volume_name = claim["spec"].get("volumeName", "")
    volume = store.get("persistentvolumes", "", volume_name)
    if volume is None:
        raise SourceMissing(f'persistentvolumes "{volume_name}" not found')
    read_only = bool((spec.get("persistentVolumeClaim") or {}).get("readOnly"))
    if "hostPath" in volume["spec"]:
        return disk.directory(volume["spec"]["hostPath"]["path"], read_only=read_only)
    if "local" in volume["spec"]:
        path = volume["spec"]["local"]["path"]
        if not disk.holds(path):
            words = f'MountVolume.NewMounter initialization failed for volume "{volume_name}" : '
            raise SourceMissing(f'path "{path}" does not exist', words)
        return disk.directory(path, read_only=read_only)
    kinds = ", ".join(key for key in volume["spec"] if key not in _NO_SOURCE)
    raise SourceMissing(f"persistent volumes of kind {kinds} are not simulated on the embedded cluster")


_NO_SOURCE = (
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
)
