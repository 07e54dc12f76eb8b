"""Nodes, Events, EndpointSlices and Endpoints."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, duplicate, invalid, required, too_many, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import IMMUTABLE
from k8s_tutor.embedded.apiserver.rules.plain import keep_all_but_status
from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.objects import names
from k8s_tutor.objects.types import Obj

__all__ = ["ENDPOINTS", "ENDPOINTSLICE", "EVENT", "NEW_EVENT", "NODE"]

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")


def _default_node(obj: Obj) -> None:
    status = obj["status"]
    if "capacity" in status:
        status.setdefault("allocatable", dict(status["capacity"]))


def _prepare_node_update(new: Obj, old: Obj) -> None:
    new["status"] = old["status"]


def _validate_node(obj: Obj) -> list[FieldError]:
    found: list[FieldError] = []
    seen: list[tuple[str, str]] = []
    for index, taint in enumerate(obj["spec"].get("taints", ())):
        path, key, effect = f"metadata.taints[{index}]", taint["key"], taint["effect"]
        found += [invalid(f"{path}.key", key, problem) for problem in names.qualified_name(key)]
        if problems := names.label_value(taint.get("value", "")):
            found.append(invalid(f"{path}.value", taint["value"], ";".join(problems)))
        if not effect:
            found.append(required(f"{path}.effect"))
        elif effect not in _EFFECTS:
            found.append(unsupported(f"{path}.effect", effect, _EFFECTS, sort=False))
        if (key, effect) in seen:
            shown = {"Key": key, "Value": taint.get("value", ""), "Effect": effect, "TimeAdded": None}
            words = "taints must be unique by key and effect pair"
            found.append(duplicate(path, shown, words))
        seen.append((key, effect))
    return found


def _update_node(new: Obj, old: Obj) -> list[FieldError]:
    found = _validate_node(new)
    provider = old["spec"].get("providerID")
    if provider and new["spec"].get("providerID") != provider:
        words = (
            "node updates may only change labels, taints, or capacity (or configSource, if the DynamicKubeletConfig "
            "feature gate is enabled)"
        )
        found.append(invalid("spec.providerID", new["spec"].get("providerID", ""), words))
    return found


def _validate_event(obj: Obj) -> list[FieldError]:
    namespace, involved = obj["metadata"].get("namespace", ""), obj["involvedObject"].get("namespace", "")
    words = "does not match event.namespace"
    if not obj.get("eventTime"):
        agree = namespace in ("", "default") if not involved else namespace == involved
        return [] if agree else [invalid("involvedObject.namespace", involved, words)]
    found: list[FieldError] = []
    if not involved and namespace not in ("default", "kube-system"):
        found.append(invalid("involvedObject.namespace", involved, words))
    needed = {"reportingComponent": "reportingController", "reportingInstance": "", "action": "", "reason": ""}
    found += [required(name or key) for key, name in needed.items() if not obj.get(key)]
    if len(obj.get("message", "")) > 1024:
        found.append(invalid("message", "", "can have at most 1024 characters"))
    return found


def _validate_new_event(obj: Obj) -> list[FieldError]:
    """What `events.k8s.io/v1` asks for beyond the old API."""
    found = [] if obj.get("eventTime") else [required("eventTime")]
    kind = obj.get("type", "")
    if kind not in ("Normal", "Warning"):
        found.append(invalid("type", "", f"has invalid value: {kind}"))
    unset = {
        "deprecatedFirstTimestamp": "firstTimestamp",
        "deprecatedLastTimestamp": "lastTimestamp",
        "deprecatedCount": "count",
    }
    found += [invalid(name, "", "needs to be unset") for key, name in unset.items() if obj.get(key)]
    if any((obj.get("deprecatedSource") or {}).values()):
        found.append(invalid("source", "", "needs to be unset"))
    return found


def _default_slice(obj: Obj) -> None:
    for port in obj.get("ports", ()):
        port.setdefault("name", "")
        port.setdefault("protocol", "TCP")


def _validate_slice(obj: Obj) -> list[FieldError]:
    kind = obj["addressType"]
    found = (
        []
        if kind in _ADDRESS_TYPES
        else [unsupported("addressType", kind, _ADDRESS_TYPES) if kind else required("addressType")]
    )
    endpoints = obj.get("endpoints", [])
    if len(endpoints) > 1000:
        found.append(too_many("endpoints", len(endpoints), 1000))
    found += [
        required(f"endpoints[{index}].addresses")
        for index, endpoint in enumerate(endpoints)
        if not endpoint.get("addresses")
    ]
    return found + _validate_slice_ports(obj.get("ports", []))


def _validate_slice_ports(ports: list[Obj]) -> list[FieldError]:
    found: list[FieldError] = []
    seen: list[str] = []
    for index, port in enumerate(ports):
        path, name = f"ports[{index}].name", port["name"]
        if name in seen:
            found.append(duplicate(path, name))
        seen.append(name)
        found += [invalid(path, name, problem) for problem in names.dns1123_label(name) if name]
    return found


def _update_slice(new: Obj, old: Obj) -> list[FieldError]:
    found = _validate_slice(new)
    return found if new["addressType"] == old["addressType"] else [*found, invalid("addressType", None, IMMUTABLE)]


def _count_slice_changes(new: Obj, old: Obj) -> None:
    """An EndpointSlice has no spec: any change of its content counts."""
    content = ("addressType", "endpoints", "ports")
    if any(new.get(key) != old.get(key) for key in content):
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1


def _default_endpoints(obj: Obj) -> None:
    for subset in obj.get("subsets", ()):
        for port in subset.get("ports", ()):
            port.setdefault("protocol", "TCP")


NODE = Rules(
    default=_default_node,
    prepare_update=_prepare_node_update,
    prepare_status=keep_all_but_status,
    validate=_validate_node,
    validate_update=_update_node,
)
EVENT = Rules(validate=_validate_event, validate_update=lambda new, _: _validate_event(new), upsert=True)
NEW_EVENT = Rules(validate=_validate_new_event, upsert=True)
ENDPOINTSLICE = Rules(
    default=_default_slice,
    prepare_update=_count_slice_changes,
    validate=_validate_slice,
    validate_update=_update_slice,
    generation=True,
)
ENDPOINTS = Rules(default=_default_endpoints, upsert=True)
