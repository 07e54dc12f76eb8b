"""PersistentVolumeClaims, PersistentVolumes, StorageClasses.

Source: pkg/apis/{core,storage}/validation of k8s.io/kubernetes 1.37, recorded from a real server.
"""

from __future__ import annotations

import re

from k8s_tutor.embedded.apiserver.fielderrors import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    not_found,
    required,
    unsupported,
)
from k8s_tutor.embedded.apiserver.rules.checks import IMMUTABLE, go_diff, immutable, name_problems
from k8s_tutor.objects import metadata, quantity
from k8s_tutor.objects.quantity import ZERO, parse
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "config_key_problems",
    "update_claim",
    "update_storage_class",
    "update_volume",
    "validate_claim",
    "validate_mounts",
    "validate_storage_class",
    "validate_volume",
    "validate_volumes",
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
        found += [invalid("spec.storageClassName", chosen, problem) for problem in metadata.dns1123_subdomain(chosen)]
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
    printed: Obj = {_go_name(key): spec.get(key) for key in _CLAIM_FIELDS}
    resources = spec.get("resources") or {}
    printed["Resources"] = {"Limits": resources.get("limits"), "Requests": resources.get("requests")}
    printed["VolumeName"] = spec.get("volumeName", "")
    return printed


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
    printed: Obj = {}
    for key in _SOURCES:
        source: Json = spec.get(key)
        if isinstance(source, dict):
            source = {_go_name(name): value for name, value in source.items()}
            if key in ("nfs", "iscsi", "rbd", "glusterfs"):
                source.setdefault("ReadOnly", False)
        printed[_go_name(key)] = source
    return printed


def validate_storage_class(obj: Obj) -> list[FieldError]:
    """What is wrong with a StorageClass."""
    name = obj.get("provisioner", "")
    found = [] if name else [required("provisioner")]
    if name:
        found += [invalid("provisioner", name.lower(), problem) for problem in metadata.qualified_name(name.lower())]
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


# ---- What is wrong with volumes and mounts

_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)


def validate_volumes(volumes: list[Obj], path: str) -> tuple[set[str], list[FieldError]]:
    """The names of the valid volumes, and what is wrong with the others."""
    valid: set[str] = set()
    found: list[FieldError] = []
    for index, volume in enumerate(volumes):
        field_path, name = f"{path}[{index}]", volume.get("name", "")
        problems = _validate_source(volume, field_path)
        problems += name_problems(name, f"{field_path}.name") if name else [required(f"{field_path}.name")]
        if name in valid:
            problems.append(duplicate(f"{field_path}.name", name))
        if not problems:
            valid.add(name)
        found += problems
    return valid, found


def validate_mounts(mounts: list[Obj], volumes: set[str], path: str) -> list[FieldError]:
    """A container's mounts, which must lead to volumes of its pod."""
    found: list[FieldError] = []
    taken: set[str] = set()
    for index, mount in enumerate(mounts):
        field_path, name, target = f"{path}[{index}]", mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            found.append(required(f"{field_path}.name"))
        if name not in volumes:
            found.append(not_found(f"{field_path}.name", name))
        if not target:
            found.append(required(f"{field_path}.mountPath"))
        if target in taken:
            found.append(invalid(f"{field_path}.mountPath", target, "must be unique"))
        taken.add(target)
        for key in ("subPath", "subPathExpr"):
            found += _descending(mount.get(key, ""), f"{path}.{key}")
        if mount.get("subPath") and mount.get("subPathExpr"):
            found.append(
                invalid(
                    f"{field_path}.subPathExpr", mount["subPathExpr"], "subPathExpr and subPath are mutually exclusive"
                )
            )
    return found


def config_key_problems(key: str) -> list[str]:
    """What is wrong with a key of a ConfigMap or Secret."""
    words: list[str] = []
    if len(key) > 253:
        words.append("must be no more than 253 bytes")
    if not _CONFIG_KEY.fullmatch(key):
        words.append(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
            "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
        )
    if key == ".":
        words.append("must not be '.'")
    elif key == "..":
        words.append("must not be '..'")
    elif key.startswith(".."):
        words.append("must not start with '..'")
    return words


def _validate_source(volume: Obj, path: str) -> list[FieldError]:
    kinds = [kind for kind in volume if kind != "name"]
    if not kinds:
        return [required(path, "must specify a volume type")]
    found = _validate_kind(kinds[0], volume[kinds[0]], path)
    return found + [forbidden(f"{path}.{kind}", "may not specify more than 1 volume type") for kind in kinds[1:]]


def _validate_kind(kind: str, source: Obj, path: str) -> list[FieldError]:
    field_path = f"{path}.{kind}"
    match kind:
        case "emptyDir":
            limit = source.get("sizeLimit")
            if limit is not None and quantity.parse(limit) < quantity.ZERO:
                return [forbidden(f"{field_path}.sizeLimit", "SizeLimit field must be a valid resource quantity")]
        case "hostPath":
            return _validate_host_path(source, field_path)
        case "secret":
            return _named(source, "secretName", field_path) + _validate_items(source, field_path)
        case "configMap":
            return _named(source, "name", field_path) + _validate_items(source, field_path)
        case "persistentVolumeClaim":
            return _named(source, "claimName", field_path)
    return []


def _named(source: Obj, key: str, path: str) -> list[FieldError]:
    return [] if source.get(key) else [required(f"{path}.{key}")]


def _validate_host_path(source: Obj, path: str) -> list[FieldError]:
    found = _named(source, "path", path)
    if ".." in source.get("path", "").split("/"):
        found.append(invalid(f"{path}.path", source["path"], "must not contain '..'"))
    if source["type"] not in _HOST_PATH_TYPES:
        found.append(unsupported(f"{path}.type", source["type"], _HOST_PATH_TYPES))
    return found


def _validate_items(source: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    mode = source.get("defaultMode")
    if mode is not None and not 0 <= mode <= 0o777:
        words = "must be a number between 0 and 0777 (octal), both inclusive"
        found.append(invalid(f"{path}.defaultMode", mode, words))
    for index, item in enumerate(source.get("items", ())):
        field_path = f"{path}.items[{index}]"
        if not item.get("key"):
            found.append(required(f"{field_path}.key"))
        if not item.get("path"):
            found.append(required(f"{field_path}.path"))
        found += _descending(item.get("path", ""), f"{field_path}.path")
    return found


def _descending(target: str, path: str) -> list[FieldError]:
    if target.startswith("/"):
        return [invalid(path, target, "must be a relative path")]
    return [invalid(path, target, "must not contain '..'")] if ".." in target.split("/") else []
