"""ConfigMaps, Secrets, ServiceAccounts."""

from __future__ import annotations

import base64
import json

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required, too_long
from k8s_tutor.embedded.apiserver.rules.checks import immutable
from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.embedded.apiserver.rules.volumevalidation import config_key_problems
from k8s_tutor.objects.types import Obj

__all__ = ["CONFIGMAP", "SECRET", "SERVICEACCOUNT"]

_LIMIT = 1024 * 1024
_FROZEN = "field is immutable when `immutable` is set"
_ACCOUNT_ANNOTATION = "kubernetes.io/service-account.name"
_NEEDED = {  # keys a Secret of a type must have
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


def _validate_configmap(obj: Obj) -> list[FieldError]:
    data, binary = obj.get("data", {}), obj.get("binaryData", {})
    found = _validate_keys(data, "data")
    found += [invalid(f"data[{key}]", key, "duplicate of key present in binaryData") for key in data if key in binary]
    found += _validate_keys(binary, "binaryData")
    size = sum(len(value.encode()) for value in data.values())
    size += sum(len(base64.b64decode(value)) for value in binary.values())
    return found + ([too_long("[]", _LIMIT)] if size > _LIMIT else [])


def _update_configmap(new: Obj, old: Obj) -> list[FieldError]:
    return _validate_frozen(new, old, ("data", "binaryData")) + _validate_configmap(new)


def _default_secret(obj: Obj) -> None:
    obj.setdefault("type", "Opaque")
    for key, text in obj.pop("stringData", {}).items():
        obj.setdefault("data", {})[key] = base64.b64encode(text.encode()).decode()


def _validate_secret(obj: Obj) -> list[FieldError]:
    data, kind = obj.get("data", {}), obj["type"]
    found = _validate_keys(data, "data")
    if sum(len(base64.b64decode(value)) for value in data.values()) > _LIMIT:
        found.append(too_long("data", _LIMIT))
    if kind == "kubernetes.io/service-account-token":
        if not obj["metadata"].get("annotations", {}).get(_ACCOUNT_ANNOTATION):
            found.append(required(f"metadata.annotations[{_ACCOUNT_ANNOTATION}]"))
    elif kind == "kubernetes.io/basic-auth":
        if "username" not in data and "password" not in data:
            found += [required("data[username]"), required("data[password]")]
    else:
        missing = [required(f"data[{key}]") for key in _NEEDED.get(kind, ()) if key not in data]
        found += missing or _validate_docker(data, kind)
    return found


def _validate_docker(data: Obj, kind: str) -> list[FieldError]:
    if not kind.startswith("kubernetes.io/docker"):
        return []
    key = _NEEDED[kind][0]
    try:
        json.loads(base64.b64decode(data[key]))
    except ValueError:
        return [
            invalid(f"data[{key}]", "<secret contents redacted>", "invalid character looking for beginning of value")
        ]
    return []


def _update_secret(new: Obj, old: Obj) -> list[FieldError]:
    found = immutable(new["type"], old["type"], "type")
    return found + _validate_frozen(new, old, ("data",)) + _validate_secret(new)


def _prepare_secret_update(new: Obj, old: Obj) -> None:
    if not new.get("type"):
        new["type"] = old["type"]


def _validate_keys(data: Obj, path: str) -> list[FieldError]:
    return [invalid(f"{path}[{key}]", key, problem) for key in data for problem in config_key_problems(key)]


def _validate_frozen(new: Obj, old: Obj, keys: tuple[str, ...]) -> list[FieldError]:
    if not old.get("immutable"):
        return []
    found = [] if new.get("immutable") else [forbidden("immutable", _FROZEN)]
    return found + [forbidden(key, _FROZEN) for key in keys if new.get(key, {}) != old.get(key, {})]


def _prepare_account(obj: Obj) -> None:
    obj.pop("secrets", None)


CONFIGMAP = Rules(validate=_validate_configmap, validate_update=_update_configmap)
SECRET = Rules(
    default=_default_secret,
    validate=_validate_secret,
    validate_update=_update_secret,
    prepare_update=_prepare_secret_update,
)
SERVICEACCOUNT = Rules(prepare_create=_prepare_account, returns_deleted=True)
