"""Ingresses, IngressClasses, NetworkPolicies.

Source: pkg/apis/networking/validation of k8s.io/kubernetes 1.37, recorded from a real server.
"""

from __future__ import annotations

import re

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import immutable, port_name_or_number, validate_label_selector
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["update_ingress_class", "validate_ingress", "validate_network_policy"]

_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_WILDCARD = re.compile(rf"\*\.{_LABEL}(\.{_LABEL})*")
_WILDCARD_WORDS = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', "
    rf"regex used for validation is '\*\.{_LABEL}(\.{_LABEL})*')"
)
_FORBIDDEN_PARTS = ("//", "/./", "/../", "%2f", "%2F")


def validate_ingress(obj: Obj) -> list[FieldError]:
    """What is wrong with an Ingress."""
    spec = obj["spec"]
    rules, default = spec.get("rules") or [], spec.get("defaultBackend")
    found: list[FieldError] = []
    for index, entry in enumerate(spec.get("tls") or ()):
        path = f"spec.tls[{index}]"
        for number, host in enumerate(entry.get("hosts") or ()):
            found += _validate_host(host, f"{path}.hosts[{number}]")
        if name := entry.get("secretName"):
            found += [invalid(f"{path}.secretName", name, problem) for problem in metadata.dns1123_subdomain(name)]
    if not rules and default is None:
        found.append(invalid("spec", None, "either `defaultBackend` or `rules` must be specified"))
    if default is not None:
        found += _validate_backend(default, "spec.defaultBackend")
    for index, rule in enumerate(rules):
        path = f"spec.rules[{index}]"
        if rule.get("host"):
            found += _validate_host(rule["host"], f"{path}.host")
        for number, row in enumerate((rule.get("http") or {}).get("paths") or ()):
            found += _validate_path(row, f"{path}.http.paths[{number}]")
    if chosen := spec.get("ingressClassName"):
        found += [invalid("spec.ingressClassName", chosen, problem) for problem in metadata.dns1123_subdomain(chosen)]
    return found


def _validate_host(host: str, path: str) -> list[FieldError]:
    if "*" in host:
        return [] if _WILDCARD.fullmatch(host) else [invalid(path, host, _WILDCARD_WORDS)]
    return [invalid(path, host, problem) for problem in metadata.dns1123_subdomain(host)]


def _validate_path(row: Obj, path: str) -> list[FieldError]:
    kind, text = row.get("pathType"), row.get("path", "")
    found: list[FieldError] = []
    if kind is None:
        return [required(f"{path}.pathType", "pathType must be specified")]
    if kind not in _TYPES:
        found.append(unsupported(f"{path}.pathType", kind, _TYPES))
    elif kind in ("Exact", "Prefix"):
        if not text.startswith("/"):
            found.append(invalid(f"{path}.path", text, "must be an absolute path"))
        words = [f"must not contain '{part}'" for part in _FORBIDDEN_PARTS if part in text]
        found += [invalid(f"{path}.path", text, word) for word in words]
    elif text and not text.startswith("/"):
        found.append(invalid(f"{path}.path", text, "must be an absolute path"))
    return found + _validate_backend(row.get("backend") or {}, f"{path}.backend")


def _validate_backend(backend: Obj, path: str) -> list[FieldError]:
    service, resource = backend.get("service"), backend.get("resource")
    if service is None and resource is None:
        return [invalid(path, "", "resource or service backend is required")]
    if service is not None and resource is not None:
        return [invalid(path, "", "cannot set both resource and service backends")]
    if service is None:
        return []
    name, port = service.get("name", ""), service.get("port") or {}
    found = [] if name else [required(f"{path}.service.name")]
    if name:
        found += [invalid(f"{path}.service.name", name, problem) for problem in metadata.dns1035_label(name)]
    if port.get("name") and port.get("number"):
        found.append(invalid(path, "", "cannot set both port name & port number"))
    elif port.get("name"):
        found += port_name_or_number(port["name"], f"{path}.service.port.name")
    elif port.get("number"):
        found += port_name_or_number(port["number"], f"{path}.service.port.number")
    else:
        found.append(required(path, "port name or number is required"))
    return found


def update_ingress_class(new: Obj, old: Obj) -> list[FieldError]:
    """What is wrong with a change of an IngressClass."""
    return immutable(new["spec"].get("controller"), old["spec"].get("controller"), "spec.controller")


def validate_network_policy(obj: Obj) -> list[FieldError]:
    """What is wrong with a NetworkPolicy."""
    spec = obj["spec"]
    found = validate_label_selector(spec.get("podSelector"), "spec.podSelector")
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or ()):
            found += _validate_flow(rule, f"spec.{direction}[{index}]", side)
    for index, kind in enumerate(spec.get("policyTypes") or ()):
        if kind not in ("Ingress", "Egress"):
            found.append(unsupported(f"spec.policyTypes[{index}]", kind, ("Ingress", "Egress"), sort=False))
    return found


def _validate_flow(rule: Obj, path: str, side: str) -> list[FieldError]:
    found: list[FieldError] = []
    for index, port in enumerate(rule.get("ports") or ()):
        field_path, protocol = f"{path}.ports[{index}]", port.get("protocol", "TCP")
        if protocol not in ("TCP", "UDP", "SCTP"):
            known = ("TCP", "UDP", "SCTP")
            found.append(unsupported(f"{field_path}.protocol", protocol, known, sort=False))
        if "port" in port:
            found += port_name_or_number(port["port"], f"{field_path}.port")
    for index, peer in enumerate(rule.get(side) or ()):
        field_path = f"{path}.{side}[{index}]"
        if not any(key in peer for key in ("podSelector", "namespaceSelector", "ipBlock")):
            found.append(required(field_path, "must specify a peer"))
        for key in ("podSelector", "namespaceSelector"):
            found += validate_label_selector(peer.get(key), f"{field_path}.{key}")
    return found
