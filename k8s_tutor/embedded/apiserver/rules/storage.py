"""PersistentVolumeClaims, PersistentVolumes, StorageClasses.

Source: pkg/apis/{core,storage}/validation of k8s.io/kubernetes 1.37, recorded from a real server.
"""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import IMMUTABLE, immutable
from k8s_tutor.embedded.apiserver.rules.godiff import go_diff
from k8s_tutor.objects import names
from k8s_tutor.objects.quantity import ZERO, parse
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "update_claim",
    "update_storage_class",
    "update_volume",
    "validate_claim",
    "validate_storage_class",
    "validate_volume",
]

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_VOLUME_MODES = ("Block", "Filesystem")
_CLAIM_FIELDS = (
    "accessModes",
    "selector",
    "resources",
    "volumeName",
    "storageClassName",
    "volumeMode",
    "dataSource",
    "dataSourceRef",
    "volumeAttributesClassName",
)
_SOURCES = (  # in the order of the real server's type
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "hostPath",
    "glusterfs",
    "nfs",
    "rbd",
    "iscsi",
    "cinder",
    "cephfs",
    "fc",
    "flocker",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "local",
    "storageos",
    "csi",
)
_GO_NAMES = {
    "gcePersistentDisk": "GCEPersistentDisk",
    "awsElasticBlockStore": "AWSElasticBlockStore",
    "nfs": "NFS",
    "rbd": "RBD",
    "iscsi": "ISCSI",
    "fc": "FC",
    "csi": "CSI",
    "cephfs": "CephFS",
}
_FIXED_CLAIM = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"
)


def validate_claim(obj: Obj) -> list[FieldError]:
    """What is wrong with a PersistentVolumeClaim."""
    spec = obj["spec"]
    modes = spec.get("accessModes") or []
    found = _validate_modes(modes) if modes else [required("spec.accessModes", "at least 1 access mode is required")]
    path, size = "spec.resources[storage]", ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if size is None:
        found.append(required(path))
    elif parse(size) <= ZERO:
        found.append(invalid(path, size, "must be greater than zero"))
    if chosen := spec.get("storageClassName"):
        found += [invalid("spec.storageClassName", chosen, problem) for problem in names.dns1123_subdomain(chosen)]
    return found + _validate_volume_mode(spec)


def _validate_modes(modes: list[str]) -> list[FieldError]:
    found = [unsupported("spec.accessModes", mode, _MODES) for mode in modes if mode not in _MODES]
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        found.append(forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes"))
    return found


def _validate_volume_mode(spec: Obj) -> list[FieldError]:
    mode = spec.get("volumeMode", "Filesystem")
    return [] if mode in _VOLUME_MODES else [unsupported("spec.volumeMode", mode, _VOLUME_MODES)]


def update_claim(new: Obj, old: Obj) -> list[FieldError]:
    """What is wrong with a change of a PersistentVolumeClaim."""
    found = validate_claim(new)
    now, before = dict(new["spec"]), dict(old["spec"])
    bound = (old.get("status") or {}).get("phase") == "Bound"
    if "volumeName" not in before and "volumeName" in now:
        before["volumeName"] = now["volumeName"]  # whoever binds it says so, once
    if bound:
        found += _validate_growth(now, before, old)
        now["resources"] = before.get("resources")
        now["volumeAttributesClassName"] = before.get("volumeAttributesClassName")
    after, earlier = _claim_as_go(now), _claim_as_go(before)
    if after != earlier:
        found.append(forbidden("spec", _FIXED_CLAIM + go_diff(earlier, after, named=True)))
    return found + immutable(now.get("volumeMode"), before.get("volumeMode"), "volumeMode")


def _validate_growth(now: Obj, before: Obj, old: Obj) -> list[FieldError]:
    wanted, present = (parse((spec["resources"].get("requests") or {}).get("storage", 0)) for spec in (now, before))
    granted = parse(((old.get("status") or {}).get("capacity") or {}).get("storage", 0))
    if wanted >= present or wanted > granted:
        return []
    return [forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")]


def _claim_as_go(spec: Obj) -> Obj:
    """The whole type with Go's names, as a difference shows it."""
    shown: Obj = {_go_name(key): spec.get(key) for key in _CLAIM_FIELDS}
    resources = spec.get("resources") or {}
    shown["Resources"] = {"Limits": resources.get("limits"), "Requests": resources.get("requests")}
    shown["VolumeName"] = spec.get("volumeName", "")
    return shown


def _go_name(key: str) -> str:
    return _GO_NAMES.get(key) or key[:1].upper() + key[1:]


def validate_volume(obj: Obj) -> list[FieldError]:
    """What is wrong with a PersistentVolume."""
    spec = obj["spec"]
    modes, capacity = spec.get("accessModes") or [], spec.get("capacity") or None
    found = _validate_modes(modes) if modes else [required("spec.accessModes")]
    if capacity is None:
        found.append(required("spec.capacity"))
    if capacity is None or list(capacity) != ["storage"]:
        found.append(unsupported("spec.capacity", capacity and dict(sorted(capacity.items())), ("storage",)))
    sources = [key for key in ("hostPath", *_SOURCES) if key in spec]
    sources = list(dict.fromkeys(sources))
    if not sources:
        found.append(required("spec", "must specify a volume type"))
    found += [forbidden(f"spec.{key}", "may not specify more than 1 volume type") for key in sources[1:]]
    path = (spec.get("hostPath") or {}).get("path", "")
    if ".." in path.split("/"):
        found.append(invalid("spec.hostPath.path", path, "must not contain '..'"))
    policy = spec.get("persistentVolumeReclaimPolicy")
    if policy not in ("Delete", "Recycle", "Retain"):
        found.append(unsupported("spec.persistentVolumeReclaimPolicy", policy, ("Delete", "Recycle", "Retain")))
    return found + _validate_volume_mode(spec)


def update_volume(new: Obj, old: Obj) -> list[FieldError]:
    """What is wrong with a change of a PersistentVolume."""
    found = validate_volume(new)
    after, earlier = _source_as_go(new["spec"]), _source_as_go(old["spec"])
    if after != earlier:
        path = "spec.persistentvolumesource"
        words = f"{path} is immutable after creation\n{go_diff(earlier, after, named=True)}"
        found.append(forbidden(path, words))
    return found + immutable(new["spec"].get("volumeMode"), old["spec"].get("volumeMode"), "volumeMode")


def _source_as_go(spec: Obj) -> Obj:
    shown: Obj = {}
    for key in _SOURCES:
        source: Json = spec.get(key)
        if isinstance(source, dict):
            source = {_go_name(name): value for name, value in source.items()}
            if key in ("nfs", "iscsi", "rbd", "glusterfs"):
                source.setdefault("ReadOnly", False)
        shown[_go_name(key)] = source
    return shown


def validate_storage_class(obj: Obj) -> list[FieldError]:
    """What is wrong with a StorageClass."""
    name = obj.get("provisioner", "")
    found = [] if name else [required("provisioner")]
    if name:
        found += [invalid("provisioner", name.lower(), problem) for problem in names.qualified_name(name.lower())]
    policy, mode = obj.get("reclaimPolicy"), obj.get("volumeBindingMode")
    if policy not in ("Delete", "Retain"):
        found.append(unsupported("reclaimPolicy", policy, ("Delete", "Retain")))
    if mode not in ("Immediate", "WaitForFirstConsumer"):
        found.append(unsupported("volumeBindingMode", mode, ("Immediate", "WaitForFirstConsumer")))
    return found


def update_storage_class(new: Obj, old: Obj) -> list[FieldError]:
    """What is wrong with a change of a StorageClass."""
    fixed = ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode")
    return [invalid(key, None, IMMUTABLE) for key in fixed if new.get(key) != old.get(key)]
