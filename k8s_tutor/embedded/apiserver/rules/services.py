"""Services: defaults and rules. Addresses and ports are allocated in `apiserver.allocation`.

Source: pkg/apis/core and pkg/registry/core/service of k8s.io/kubernetes 1.37, checked against a real server.
Not checked: IPv6 and dual stack (this cluster has one IPv4 range, as kind's default).
"""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, duplicate, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import (
    ip_address,
    ip_network,
    name_problems,
    one_of,
    port_name_or_number,
    port_number,
)
from k8s_tutor.embedded.apiserver.rules.metadata import Rules, check_labels
from k8s_tutor.embedded.apiserver.rules.plain import keep_all_but_status, keep_status
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["SERVICE"]

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_EXTERNAL = ("LoadBalancer", "NodePort")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_DISTRIBUTIONS = ("PreferClose", "PreferSameZone", "PreferSameNode")
_THREE_HOURS = 10800
_ONE_DAY = 86400


def _default(obj: Obj) -> None:
    spec = obj["spec"]
    affinity = spec.setdefault("sessionAffinity", "None")
    if affinity == "None":
        spec.pop("sessionAffinityConfig", None)
    elif affinity == "ClientIP" and not _affinity_timeout(spec):
        spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": _THREE_HOURS}}
    kind = spec.setdefault("type", "ClusterIP")
    for port in spec.get("ports", ()):
        port.setdefault("protocol", "TCP")
        if port.get("targetPort", 0) in (0, ""):
            port["targetPort"] = port["port"]
    if kind in _EXTERNAL or (kind == "ClusterIP" and spec.get("externalIPs")):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind in (*_EXTERNAL, "ClusterIP"):
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
        for ingress in obj["status"]["loadBalancer"].get("ingress", ()):
            if ingress.get("ip"):
                ingress.setdefault("ipMode", "VIP")


def _affinity_timeout(spec: Obj) -> int | None:
    client = (spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}
    seconds: int | None = client.get("timeoutSeconds")
    return seconds


def _prepare_create(obj: Obj) -> None:
    obj["status"] = {"loadBalancer": {}}
    _sync_addresses(obj["spec"], None)
    _drop_unused(obj["spec"], None)


def _prepare_update(new: Obj, old: Obj) -> None:
    keep_status(new, old)
    spec, before = new["spec"], old["spec"]
    if spec["type"] != "ExternalName" and before["type"] != "ExternalName":
        for key in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if key in before and key not in spec:
                spec[key] = before[key]
        _keep_node_ports(spec, before)
    if before.get("healthCheckNodePort") and _needs_health_check(spec) and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = before["healthCheckNodePort"]
    _sync_addresses(spec, before)
    _drop_unused(spec, before)
    if before["type"] == "LoadBalancer" and spec["type"] != "LoadBalancer":
        new["status"] = {**new["status"], "loadBalancer": {}}


def _keep_node_ports(spec: Obj, before: Obj) -> None:
    """Ports that a client leaves out keep the number they have."""
    if spec["type"] not in _EXTERNAL or before["type"] not in _EXTERNAL:
        return
    known = {
        (port["protocol"], port["port"]): port["nodePort"] for port in before.get("ports", ()) if "nodePort" in port
    }
    taken = [port["nodePort"] for port in spec.get("ports", ()) if port.get("nodePort")]
    for port in spec.get("ports", ()):
        number = known.get((port["protocol"], port["port"]))
        if not port.get("nodePort") and number and number not in taken:
            port["nodePort"] = number
            taken.append(number)


def _sync_addresses(spec: Obj, before: Obj | None) -> None:
    """`clusterIP` and `clusterIPs[0]` are one field; whichever the client changed counts."""
    single, several = spec.get("clusterIP"), spec.get("clusterIPs")
    if before is not None and single != before.get("clusterIP") and several == before.get("clusterIPs"):
        several = None
    changed_several = before is not None and single == before.get("clusterIP")
    if single and not several:
        spec["clusterIPs"] = [single]
    elif several and (changed_several or (before is None and not single)):
        spec["clusterIP"] = several[0]


def _drop_unused(spec: Obj, before: Obj | None) -> None:
    """When the type changes, what only the old type used goes with it."""
    if before is None:
        return
    unused: list[str] = []
    if spec["type"] == "ExternalName" != before["type"]:
        unused += ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy")
    if before["type"] in _EXTERNAL and spec["type"] not in _EXTERNAL:
        old_ports = [port.get("nodePort") for port in before.get("ports", ())]
        for port in spec.get("ports", ()):
            if port.get("nodePort") in old_ports:
                port.pop("nodePort", None)
        unused += () if spec.get("externalIPs") else ("externalTrafficPolicy",)
    if before["type"] == "LoadBalancer" != spec["type"]:
        unused += ("allocateLoadBalancerNodePorts", "loadBalancerClass", "healthCheckNodePort")
    for key in unused:
        if spec.get(key) == before.get(key):
            spec.pop(key, None)


def _validate(obj: Obj) -> list[FieldError]:
    spec = obj["spec"]
    kind, ports = spec["type"], spec.get("ports", [])
    headless = spec.get("clusterIP") == "None"
    found: list[FieldError] = []
    if not ports and not headless and kind != "ExternalName":
        found.append(required("spec.ports"))
    found += _validate_type(spec, headless=headless)
    found += _validate_ports(ports, internal=kind == "ClusterIP")
    found += check_labels(spec.get("selector"), "spec.selector")
    if spec["sessionAffinity"] not in ("ClientIP", "None"):
        found.append(unsupported("spec.sessionAffinity", spec["sessionAffinity"], ("ClientIP", "None")))
    elif spec["sessionAffinity"] == "ClientIP":
        found += _validate_affinity(spec)
    found += _validate_addresses(spec)
    if kind not in _TYPES:
        found.append(unsupported("spec.type", kind, _TYPES))
    distribution = spec.get("trafficDistribution")
    if distribution is not None and distribution not in _DISTRIBUTIONS:
        found.append(unsupported("spec.trafficDistribution", distribution, _DISTRIBUTIONS, sort=False))
    return found + _validate_policies(spec)


def _validate_type(spec: Obj, *, headless: bool) -> list[FieldError]:
    kind = spec["type"]
    if kind in _EXTERNAL and headless:
        return [invalid("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services")]
    if kind != "ExternalName":
        return []
    found: list[FieldError] = []
    if spec.get("clusterIPs"):
        found.append(forbidden("spec.clusterIPs", "may not be set for ExternalName services"))
    name = spec.get("externalName", "").rstrip(".")
    if not name:
        return [*found, required("spec.externalName")]
    return found + [invalid("spec.externalName", name, problem) for problem in metadata.dns1123_subdomain(name)]


def _validate_ports(ports: list[Obj], *, internal: bool) -> list[FieldError]:
    found: list[FieldError] = []
    taken: set[str] = set()
    for index, port in enumerate(ports):
        path, name = f"spec.ports[{index}]", port.get("name", "")
        if len(ports) > 1 and not name:
            found.append(required(f"{path}.name"))
        elif name:
            found += name_problems(name, f"{path}.name")
            if name in taken:
                found.append(duplicate(f"{path}.name", name))
            taken.add(name)
        found += port_number(port["port"], f"{path}.port")
        found += one_of(port["protocol"], _PROTOCOLS, f"{path}.protocol")
        found += port_name_or_number(port["targetPort"], f"{path}.targetPort")
    return found + _validate_uniqueness(ports, internal=internal)


def _validate_uniqueness(ports: list[Obj], *, internal: bool) -> list[FieldError]:
    found: list[FieldError] = []
    seen: set[tuple[str, int]] = set()
    seen_nodes: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}]"
        key, node = (port["protocol"], port["port"]), port.get("nodePort")
        if node and internal:
            found.append(forbidden(f"{path}.nodePort", "may not be used when `type` is 'ClusterIP'"))
        if node and (port["protocol"], node) in seen_nodes:
            found.append(duplicate(f"{path}.nodePort", node))
        if node:
            seen_nodes.add((port["protocol"], node))
        if key in seen:
            found.append(duplicate(path, _internal(port)))
        seen.add(key)
    return found


def _internal(port: Obj) -> Obj:
    """A port as the real server's message shows it: by Go's field names, reduced to what must be unique."""
    return {
        "Name": "",
        "Protocol": port["protocol"],
        "AppProtocol": None,
        "Port": port["port"],
        "TargetPort": 0,
        "NodePort": 0,
    }


def _validate_affinity(spec: Obj) -> list[FieldError]:
    seconds = _affinity_timeout(spec) or 0
    if 0 < seconds <= _ONE_DAY:
        return []
    path = "spec.sessionAffinityConfig.clientIP.timeoutSeconds"
    return [invalid(path, seconds, f"must be greater than 0 and less than {_ONE_DAY}")]


def _validate_addresses(spec: Obj) -> list[FieldError]:
    if spec["type"] == "ExternalName":
        return []
    found: list[FieldError] = []
    for index, address in enumerate(spec.get("clusterIPs", ())):
        if index == 0 and address == "None":
            continue
        found += ip_address(address, f"spec.clusterIPs[{index}]")
    for index, address in enumerate(spec.get("externalIPs", ())):
        found += ip_address(address, f"spec.externalIPs[{index}]")
    return found


def _validate_policies(spec: Obj) -> list[FieldError]:
    found: list[FieldError] = []
    outer, inner = spec.get("externalTrafficPolicy", ""), spec.get("internalTrafficPolicy")
    accessible = spec["type"] in _EXTERNAL or (spec["type"] == "ClusterIP" and spec.get("externalIPs"))
    if not accessible and outer:
        words = "may only be set for externally-accessible services"
        found.append(invalid("spec.externalTrafficPolicy", outer, words))
    elif accessible and outer not in ("Cluster", "Local"):
        found.append(unsupported("spec.externalTrafficPolicy", outer, ("Cluster", "Local")))
    if inner is not None and inner not in ("Cluster", "Local"):
        found.append(unsupported("spec.internalTrafficPolicy", inner, ("Cluster", "Local")))
    if spec.get("healthCheckNodePort") and not _needs_health_check(spec):
        words = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        found.append(invalid("spec.healthCheckNodePort", spec["healthCheckNodePort"], words))
    for index, cidr in enumerate(spec.get("loadBalancerSourceRanges", ())):
        found += ip_network(cidr.strip(), f"spec.LoadBalancerSourceRanges[{index}]")
    if spec["type"] != "LoadBalancer" and "loadBalancerClass" in spec:
        words = "may only be used when `type` is 'LoadBalancer'"
        found.append(forbidden("spec.loadBalancerClass", words))
    if chosen := spec.get("loadBalancerClass"):
        found += [invalid("spec.loadBalancerClass", chosen, words) for words in metadata.qualified_name(chosen)]
    if spec["type"] != "LoadBalancer" and "allocateLoadBalancerNodePorts" in spec:
        words = "may only be used when `type` is 'LoadBalancer'"
        found.append(forbidden("spec.allocateLoadBalancerNodePorts", words))
    return found


def _needs_health_check(spec: Obj) -> bool:
    return spec["type"] == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _validate_update(new: Obj, old: Obj) -> list[FieldError]:
    now, before = new["spec"], old["spec"]
    found: list[FieldError] = []
    if "ExternalName" not in (now["type"], before["type"]):
        wanted, present = now.get("clusterIPs", []), before.get("clusterIPs", [])
        if present and not wanted:
            found.append(invalid("spec.clusterIPs[0]", None, "primary clusterIP can not be unset"))
        elif present and wanted[0] != present[0]:
            found.append(invalid("spec.clusterIPs[0]", wanted, "may not change once set"))
    if now["type"] == before["type"] == "LoadBalancer":
        chosen, earlier = now.get("loadBalancerClass"), before.get("loadBalancerClass")
        if chosen != earlier:
            found.append(invalid("spec.loadBalancerClass", chosen, "may not change once set"))
    return found + _validate(new)


def _warn(obj: Obj) -> list[str]:
    """What is written, and does nothing."""
    spec = obj["spec"]
    found: list[str] = []
    if spec.get("clusterIP") == "None":
        ignored = {
            "loadBalancerIP": spec.get("loadBalancerIP"),
            "externalIPs": spec.get("externalIPs"),
            "SessionAffinity": spec["sessionAffinity"] == "ClientIP",
        }
        found += [f"spec.{key} is ignored for headless services" for key, written in ignored.items() if written]
    if spec["type"] == "ExternalName" and spec.get("externalIPs"):
        found.append('spec.externalIPs is ignored when spec.type is "ExternalName"')
    if spec["type"] != "ExternalName" and spec.get("externalName"):
        found.append('spec.externalName is ignored when spec.type is not "ExternalName"')
    if spec.get("trafficDistribution") == "PreferClose":
        found.append('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
    return found


def _validate_status(new: Obj, _: Obj) -> list[FieldError]:
    if new["spec"]["type"] == "LoadBalancer" or not new["status"]["loadBalancer"].get("ingress"):
        return []
    return [forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'")]


SERVICE = Rules(
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    prepare_status=keep_all_but_status,
    validate=_validate,
    validate_update=_validate_update,
    validate_status=_validate_status,
    warn=_warn,
    name=metadata.dns1123_label,
    upsert=True,
    returns_deleted=True,
)
