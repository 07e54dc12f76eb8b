"""Nodes, Events, EndpointSlices and Endpoints."""

from __future__ import annotations

import base64
import re
from binascii import Error as NotBase64
from functools import partial

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, duplicate, invalid, required, too_many, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import IMMUTABLE, immutable, validate_label_selector
from k8s_tutor.embedded.apiserver.rules.metadata import Rules, any_path_segment
from k8s_tutor.embedded.apiserver.rules.plain import drop_status, keep_all_but_status
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = [
    "BINDING",
    "CLUSTER_BINDING",
    "CLUSTER_ROLE",
    "ENDPOINTS",
    "ENDPOINTSLICE",
    "EVENT",
    "NEW_EVENT",
    "NODE",
    "ROLE",
    "SIGNING_REQUEST",
]

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
        found += [invalid(f"{path}.key", key, problem) for problem in metadata.qualified_name(key)]
        if problems := metadata.label_value(taint.get("value", "")):
            found.append(invalid(f"{path}.value", taint["value"], ";".join(problems)))
        if not effect:
            found.append(required(f"{path}.effect"))
        elif effect not in _EFFECTS:
            found.append(unsupported(f"{path}.effect", effect, _EFFECTS, sort=False))
        if (key, effect) in seen:
            printed = {"Key": key, "Value": taint.get("value", ""), "Effect": effect, "TimeAdded": None}
            words = "taints must be unique by key and effect pair"
            found.append(duplicate(path, printed, words))
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
        found += [invalid(path, name, problem) for problem in metadata.dns1123_label(name) if name]
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


# ---- Requests for certificates. Source: pkg/{apis,registry}/certificates of k8s.io/kubernetes (1.37)

_USAGES = (
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
)
_SHORTEST = 600  # seconds
_PEM = re.compile(
    rb"-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----\n[A-Za-z0-9+/=\s]+-----END (?:NEW )?CERTIFICATE REQUEST-----"
)
_SIGNER = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+/[a-zA-Z0-9].*")


def _validate(obj: Obj) -> list[FieldError]:
    spec = obj["spec"]
    found: list[FieldError] = []
    if not _is_request(spec.get("request", "")):
        found.append(invalid("spec.request", spec.get("request", ""), "PEM block type must be CERTIFICATE REQUEST"))
    usages = spec.get("usages") or []
    if not usages:
        found.append(required("spec.usages"))
    found += [
        unsupported(f"spec.usages[{index}]", usage, _USAGES)
        for index, usage in enumerate(usages)
        if usage not in _USAGES
    ]
    found += [
        duplicate(f"spec.usages[{index}]", usage) for index, usage in enumerate(usages) if usage in usages[:index]
    ]
    if not _SIGNER.fullmatch(spec.get("signerName", "")):
        words = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        found.append(invalid("spec.signerName", spec.get("signerName", ""), words))
    seconds = spec.get("expirationSeconds")
    if seconds is not None and seconds < _SHORTEST:
        words = "may not specify a duration less than 600 seconds (10 minutes)"
        found.append(invalid("spec.expirationSeconds", seconds, words))
    return found


def _is_request(data: str) -> bool:
    try:
        return _PEM.search(base64.b64decode(data, validate=True)) is not None
    except NotBase64:
        return False


def _keep_all(new: Obj, old: Obj) -> None:
    """A main update changes metadata only."""
    new["spec"], new["status"] = old["spec"], old["status"]


SIGNING_REQUEST = Rules(
    prepare_create=drop_status,
    prepare_update=_keep_all,
    prepare_status=keep_all_but_status,
    validate=_validate,
)


# ---- Roles and their bindings. Source: pkg/apis/rbac of k8s.io/kubernetes (1.37), checked against a real server

_GROUP = "rbac.authorization.k8s.io"


def _default_binding(obj: Obj) -> None:
    obj["roleRef"]["apiGroup"] = obj["roleRef"].get("apiGroup") or _GROUP
    for subject in obj.get("subjects") or ():
        if subject.get("kind") in ("User", "Group"):
            subject["apiGroup"] = subject.get("apiGroup") or _GROUP


def _default_role(obj: Obj) -> None:
    obj.setdefault("rules", None)  # as Go prints a role without any


def _validate_role(obj: Obj, *, namespaced: bool) -> list[FieldError]:
    rules = obj.get("rules") or ()
    found = [problem for index, rule in enumerate(rules) for problem in _rule(rule, f"rules[{index}]", namespaced)]
    if obj.get("aggregationRule") is not None:
        found += _aggregation(obj["aggregationRule"])
    return found + [required(f"rules[{index}].verbs") for index, rule in enumerate(rules) if not rule.get("verbs")]


def _rule(rule: Obj, path: str, namespaced: bool) -> list[FieldError]:
    found: list[FieldError] = []
    if urls := rule.get("nonResourceURLs"):
        if namespaced:
            words = "namespaced rules cannot apply to non-resource URLs"
            found.append(invalid(f"{path}.nonResourceURLs", urls, words))
        if any(rule.get(key) for key in ("apiGroups", "resources", "resourceNames")):
            words = "rules cannot apply to both regular resources and non-resource URLs"
            found.append(invalid(f"{path}.nonResourceURLs", urls, words))
        return found
    if not rule.get("apiGroups"):
        found.append(required(f"{path}.apiGroups", "resource rules must supply at least one api group"))
    if not rule.get("resources"):
        found.append(required(f"{path}.resources", "resource rules must supply at least one resource"))
    return found


def _aggregation(rule: Obj) -> list[FieldError]:
    path, selectors = "aggregationRule.clusterRoleSelectors", rule.get("clusterRoleSelectors") or ()
    if not selectors:
        return [required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")]
    found: list[FieldError] = []
    for index, selector in enumerate(selectors):
        problems = validate_label_selector(selector, f"{path}[{index}]")
        if problems:
            problems.append(invalid(f"{path}[{index}]", None, "invalid label selector."))
        found += problems
    return found


def _validate_binding(obj: Obj, *, namespaced: bool) -> list[FieldError]:
    role, subjects = obj["roleRef"], obj.get("subjects") or ()
    known = ("Role", "ClusterRole") if namespaced else ("ClusterRole",)
    found: list[FieldError] = []
    if role.get("apiGroup") != _GROUP:
        found.append(unsupported("roleRef.apiGroup", role.get("apiGroup", ""), (_GROUP,)))
    if role.get("kind") not in known:
        found.append(unsupported("roleRef.kind", role.get("kind", ""), known, sort=False))
    found += [invalid("roleRef.name", role["name"], problem) for problem in any_path_segment(role.get("name", ""))]
    for index, subject in enumerate(subjects):
        found += _subject(subject, f"subjects[{index}]", namespaced)
    found += [required(f"subjects[{index}].name") for index, subject in enumerate(subjects) if not subject.get("name")]
    if not role.get("name"):
        found.append(required("roleRef.name"))
    return found


def _subject(subject: Obj, path: str, namespaced: bool) -> list[FieldError]:
    kind, name, group = subject.get("kind", ""), subject.get("name", ""), subject.get("apiGroup", "")
    if kind in ("User", "Group"):
        return [] if group == _GROUP else [unsupported(f"{path}.apiGroup", group, (_GROUP,))]
    if kind != "ServiceAccount":
        return [unsupported(f"{path}.kind", kind, ("ServiceAccount", "User", "Group"), sort=False)]
    found = [invalid(f"{path}.name", name, problem) for problem in (metadata.dns1123_subdomain(name) if name else ())]
    if group:
        found.append(unsupported(f"{path}.apiGroup", group, ("",)))
    if not namespaced and not subject.get("namespace"):
        found.append(required(f"{path}.namespace"))
    return found


def _update_role(new: Obj, _: Obj, *, namespaced: bool) -> list[FieldError]:
    return _validate_role(new, namespaced=namespaced)


def _update_binding(new: Obj, old: Obj, *, namespaced: bool) -> list[FieldError]:
    found = _validate_binding(new, namespaced=namespaced)
    if new["roleRef"] != old["roleRef"]:
        printed = {f"{key[0].upper()}{key[1:]}".replace("Api", "API"): value for key, value in new["roleRef"].items()}
        found += immutable(printed, None, "roleRef")
    return found


def _role(*, namespaced: bool) -> Rules:
    return Rules(
        default=_default_role,
        validate=partial(_validate_role, namespaced=namespaced),
        validate_update=partial(_update_role, namespaced=namespaced),
        name=any_path_segment,
        upsert=True,
    )


def _binding(*, namespaced: bool) -> Rules:
    return Rules(
        default=_default_binding,
        validate=partial(_validate_binding, namespaced=namespaced),
        validate_update=partial(_update_binding, namespaced=namespaced),
        name=any_path_segment,
        upsert=True,
    )


ROLE, CLUSTER_ROLE = _role(namespaced=True), _role(namespaced=False)
BINDING, CLUSTER_BINDING = _binding(namespaced=True), _binding(namespaced=False)
