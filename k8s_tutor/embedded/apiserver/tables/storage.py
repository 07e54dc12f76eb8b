"""Configuration and storage."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.tables.words import Cells, age, name, part
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Json, Obj

__all__ = ["CELLS"]

_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def config_map(obj: Obj, now: float) -> list[Json]:
    """Name, Data, Age."""
    return [name(obj), len(obj.get("data") or ()) + len(obj.get("binaryData") or ()), age(obj, now)]


def secret(obj: Obj, now: float) -> list[Json]:
    """Name, Type, Data, Age."""
    return [name(obj), obj.get("type", ""), len(obj.get("data") or ()), age(obj, now)]


def claim(obj: Obj, now: float) -> list[Json]:
    """Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age, VolumeMode."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    volume = spec.get("volumeName") or ""
    return [
        name(obj),
        "Terminating" if metadata.is_deleting(obj) else status.get("phase", ""),
        volume,
        (part(status, "capacity", "storage") or "0") if volume else "",
        _modes(status) if volume else "",
        _class(obj),
        spec.get("volumeAttributesClassName") or "<unset>",
        age(obj, now),
        spec.get("volumeMode") or "<unset>",
    ]


def volume(obj: Obj, now: float) -> list[Json]:
    """Name, Capacity, Access Modes, Reclaim Policy, Status, Claim, classes, Reason, Age, VolumeMode."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    claimed = spec.get("claimRef")
    return [
        name(obj),
        part(spec, "capacity", "storage") or "0",
        _modes(spec),
        spec.get("persistentVolumeReclaimPolicy", ""),
        "Terminating" if metadata.is_deleting(obj) else status.get("phase", ""),
        f"{claimed.get('namespace', '')}/{claimed.get('name', '')}" if claimed else "",
        _class(obj),
        spec.get("volumeAttributesClassName") or "<unset>",
        status.get("reason", ""),
        age(obj, now),
        spec.get("volumeMode") or "<unset>",
    ]


def _modes(holder: Obj) -> str:
    given = dict.fromkeys(holder.get("accessModes") or ())
    return ",".join(short for long, short in _MODES.items() if long in given)


def _class(obj: Obj) -> str:
    return metadata.annotations(obj).get(_CLASS_ANNOTATION) or part(obj, "spec", "storageClassName") or ""


def storage_class(obj: Obj, now: float) -> list[Json]:
    """Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age."""
    default = " (default)" if metadata.annotations(obj).get(_DEFAULT_CLASS) == "true" else ""
    return [
        name(obj) + default,
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy") or "Delete",
        obj.get("volumeBindingMode") or "Immediate",
        bool(obj.get("allowVolumeExpansion")),
        age(obj, now),
    ]


def csi_driver(obj: Obj, now: float) -> list[Json]:
    """Name, AttachRequired, PodInfoOnMount, StorageCapacity, TokenRequests, RequiresRepublish, Modes, Age."""
    spec = obj.get("spec") or {}
    audiences = [row.get("audience", "") for row in spec.get("tokenRequests") or ()]
    return [
        name(obj),
        spec.get("attachRequired", True),
        bool(spec.get("podInfoOnMount")),
        bool(spec.get("storageCapacity")),
        ",".join(audiences) if audiences else "<unset>",
        bool(spec.get("requiresRepublish")),
        ",".join(spec.get("volumeLifecycleModes") or ()) or "<none>",
        age(obj, now),
    ]


def csi_node(obj: Obj, now: float) -> list[Json]:
    """Name, Drivers, Age."""
    return [name(obj), len(part(obj, "spec", "drivers") or ()), age(obj, now)]


def volume_attachment(obj: Obj, now: float) -> list[Json]:
    """Name, Attacher, PV, Node, Attached, Age."""
    spec = obj.get("spec") or {}
    return [
        name(obj),
        spec.get("attacher", ""),
        part(spec, "source", "persistentVolumeName") or "",
        spec.get("nodeName", ""),
        bool(part(obj, "status", "attached")),
        age(obj, now),
    ]


def attributes_class(obj: Obj, now: float) -> list[Json]:
    """Name, DriverName, Age."""
    return [name(obj), obj.get("driverName", ""), age(obj, now)]


CELLS: dict[str, Cells] = {
    "configmaps": config_map,
    "secrets": secret,
    "persistentvolumeclaims": claim,
    "persistentvolumes": volume,
    "storageclasses.storage.k8s.io": storage_class,
    "csidrivers.storage.k8s.io": csi_driver,
    "csinodes.storage.k8s.io": csi_node,
    "volumeattachments.storage.k8s.io": volume_attachment,
    "volumeattributesclasses.storage.k8s.io": attributes_class,
}
