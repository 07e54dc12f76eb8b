"""ConfigMaps, Secrets, ServiceAccounts."""

from __future__ import annotations

import base64
import json

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required, too_long, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import (
    IMMUTABLE,
    immutable,
    name_problems,
    share_problems,
    validate_label_selector,
)
from k8s_tutor.embedded.apiserver.rules.containers import validate_quantities
from k8s_tutor.embedded.apiserver.rules.metadata import Rules
from k8s_tutor.embedded.apiserver.rules.storage import config_key_problems
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = [
    "CONFIGMAP",
    "NAMESPACE",
    "SECRET",
    "SERVICEACCOUNT",
    "SYSTEM_PRIORITIES",
    "update_priority_class",
    "update_runtime_class",
    "validate_budget",
    "validate_priority_class",
    "validate_runtime_class",
]

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


# ---- Namespaces: a finalizer of their own, a phase, a label with their name

_NAME_LABEL = "kubernetes.io/metadata.name"


def _default(obj: Obj) -> None:
    if name := obj.setdefault("metadata", {}).get("name"):
        obj["metadata"].setdefault("labels", {})[_NAME_LABEL] = name


def _prepare_create(obj: Obj) -> None:
    _default(obj)  # once more: the name may just have been generated
    obj["status"] = {"phase": "Active"}
    finalizers = obj["spec"].get("finalizers", [])
    obj["spec"]["finalizers"] = [*(one for one in finalizers if one != "kubernetes"), "kubernetes"]


def _prepare_update(new: Obj, old: Obj) -> None:
    new["spec"]["finalizers"] = old["spec"].get("finalizers", [])
    new["status"] = old["status"]
    if not new["spec"]["finalizers"]:
        del new["spec"]["finalizers"]


def _prepare_status(new: Obj, old: Obj) -> None:
    new["spec"] = old["spec"]


def _held(obj: Obj) -> bool:
    return bool(obj["spec"].get("finalizers"))


def _terminating(obj: Obj) -> Obj:
    return {**obj, "status": {**obj["status"], "phase": "Terminating"}}


NAMESPACE = Rules(
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    prepare_status=_prepare_status,
    name=metadata.dns1123_label,
    returns_deleted=True,
    held=_held,
    terminating=_terminating,
)


# ---- PriorityClasses, RuntimeClasses, PodDisruptionBudgets
#
# Source: pkg/apis/{scheduling,node,policy}/validation of k8s.io/kubernetes 1.37, checked against a real server.

SYSTEM_PRIORITIES = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}
_HIGHEST = 1000000000
_POLICIES = ("PreemptLowerPriority", "Never")


def validate_priority_class(obj: Obj) -> list[FieldError]:
    """What is wrong with a PriorityClass."""
    name, value = obj["metadata"].get("name", ""), obj.get("value", 0)
    found: list[FieldError] = []
    if name.startswith("system-"):
        if problem := _system_problem(name, value):
            words = "priority class names with 'system-' prefix are reserved for system use only. error: "
            found.append(forbidden("metadata.name", words + problem))
    elif value > _HIGHEST:
        found.append(forbidden("value", f"maximum allowed value of a user defined priority is {_HIGHEST}"))
    policy = obj.get("preemptionPolicy", "")
    if policy not in _POLICIES:
        found.append(unsupported("preemptionPolicy", policy, _POLICIES, sort=False))
    return found


def _system_problem(name: str, value: int) -> str:
    if name not in SYSTEM_PRIORITIES:
        return f"{name} is not a known system priority class"
    wanted = SYSTEM_PRIORITIES[name]
    return "" if value == wanted else f"value of {name} PriorityClass must be {wanted}"


def update_priority_class(new: Obj, old: Obj) -> list[FieldError]:
    """What is wrong with a change of a PriorityClass."""
    found: list[FieldError] = []
    if new.get("value", 0) != old.get("value", 0):
        found.append(forbidden("value", "may not be changed in an update."))
    return found + immutable(new.get("preemptionPolicy"), old.get("preemptionPolicy"), "preemptionPolicy")


def validate_runtime_class(obj: Obj) -> list[FieldError]:
    """What is wrong with a RuntimeClass."""
    handler = obj.get("handler", "")
    found = name_problems(handler, "handler") if handler else [required("handler")]
    return found + validate_quantities((obj.get("overhead") or {}).get("podFixed"), "overhead.podFixed")


def update_runtime_class(new: Obj, old: Obj) -> list[FieldError]:
    """What is wrong with a change of a RuntimeClass."""
    if new.get("handler") == old.get("handler"):
        return []
    return [invalid("handler", None, IMMUTABLE)]


def validate_budget(obj: Obj) -> list[FieldError]:
    """What is wrong with a PodDisruptionBudget."""
    spec = obj["spec"]
    found: list[FieldError] = []
    if "minAvailable" in spec and "maxUnavailable" in spec:
        printed = {
            "MinAvailable": spec["minAvailable"],
            "Selector": spec.get("selector"),
            "MaxUnavailable": spec["maxUnavailable"],
            "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
        }
        found.append(invalid("spec", printed, "minAvailable and maxUnavailable cannot be both set"))
    for key in ("minAvailable", "maxUnavailable"):
        if key in spec:
            found += share_problems(spec[key], f"spec.{key}")
    found += validate_label_selector(spec.get("selector"), "spec.selector")
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None and policy not in ("AlwaysAllow", "IfHealthyBudget"):
        known = ("AlwaysAllow", "IfHealthyBudget")
        found.append(unsupported("spec.unhealthyPodEvictionPolicy", policy, known))
    return found
