"""What is wrong with volumes and mounts."""

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
from k8s_tutor.embedded.apiserver.rules.checks import name_problems
from k8s_tutor.objects import quantity
from k8s_tutor.objects.types import Obj

__all__ = ["config_key_problems", "validate_mounts", "validate_volumes"]

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
        place, name = f"{path}[{index}]", volume.get("name", "")
        problems = _validate_source(volume, place)
        problems += name_problems(name, f"{place}.name") if name else [required(f"{place}.name")]
        if name in valid:
            problems.append(duplicate(f"{place}.name", name))
        if not problems:
            valid.add(name)
        found += problems
    return valid, found


def validate_mounts(mounts: list[Obj], volumes: set[str], path: str) -> list[FieldError]:
    """A container's mounts, which must lead to volumes of its pod."""
    found: list[FieldError] = []
    taken: set[str] = set()
    for index, mount in enumerate(mounts):
        place, name, target = f"{path}[{index}]", mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            found.append(required(f"{place}.name"))
        if name not in volumes:
            found.append(not_found(f"{place}.name", name))
        if not target:
            found.append(required(f"{place}.mountPath"))
        if target in taken:
            found.append(invalid(f"{place}.mountPath", target, "must be unique"))
        taken.add(target)
        for key in ("subPath", "subPathExpr"):
            found += _descending(mount.get(key, ""), f"{path}.{key}")
        if mount.get("subPath") and mount.get("subPathExpr"):
            found.append(
                invalid(f"{place}.subPathExpr", mount["subPathExpr"], "subPathExpr and subPath are mutually exclusive")
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
    place = f"{path}.{kind}"
    match kind:
        case "emptyDir":
            limit = source.get("sizeLimit")
            if limit is not None and quantity.parse(limit) < quantity.ZERO:
                return [forbidden(f"{place}.sizeLimit", "SizeLimit field must be a valid resource quantity")]
        case "hostPath":
            return _validate_host_path(source, place)
        case "secret":
            return _named(source, "secretName", place) + _validate_items(source, place)
        case "configMap":
            return _named(source, "name", place) + _validate_items(source, place)
        case "persistentVolumeClaim":
            return _named(source, "claimName", place)
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
        place = f"{path}.items[{index}]"
        if not item.get("key"):
            found.append(required(f"{place}.key"))
        if not item.get("path"):
            found.append(required(f"{place}.path"))
        found += _descending(item.get("path", ""), f"{place}.path")
    return found


def _descending(target: str, path: str) -> list[FieldError]:
    if target.startswith("/"):
        return [invalid(path, target, "must be a relative path")]
    return [invalid(path, target, "must not contain '..'")] if ".." in target.split("/") else []
