"""Describing what leads to Pods: Services, Endpoints, EndpointSlices, Ingresses, and NetworkPolicies."""

from __future__ import annotations

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.kubectl.describe.page import Page, plain_labels, selector_text
from k8s_tutor.kubectl.task import Task
from k8s_tutor.objects.types import Obj

__all__ = [
    "describe_endpoints",
    "describe_endpointslice",
    "describe_ingress",
    "describe_ingress_class",
    "describe_network_policy",
    "describe_service",
]

_SHOWN = 3  # addresses


def _slices(task: Task, place: str, service: str) -> list[Obj]:
    return task.client.list("endpointslices", place, labels=f"kubernetes.io/service-name={service}")


def _addresses(slices: list[Obj], port_name: str) -> str:
    if not slices:
        return "<none>"
    found: list[str] = []
    for one in slices:
        ready = [row for row in one.get("endpoints") or () if (row.get("conditions") or {}).get("ready") is not False]
        ports = one.get("ports") or ()
        if not ports:
            found += [row["addresses"][0] for row in ready]
        for port in ports:
            if port.get("name", "") == port_name:
                found += [_joined(row["addresses"][0], port.get("port")) for row in ready]
    more = f" + {len(found) - _SHOWN} more..." if len(found) > _SHOWN else ""
    return ",".join(found[:_SHOWN]) + more


def _joined(address: str, port: object) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def describe_service(task: Task, obj: Obj, page: Page) -> None:
    """Writes a Service."""
    spec, meta = obj["spec"], obj["metadata"]
    page.named(obj)
    page.row(0, "Selector:", plain_labels(spec.get("selector")))
    page.row(0, "Type:", spec.get("type", ""))
    if spec.get("ipFamilyPolicy"):
        page.row(0, "IP Family Policy:", spec["ipFamilyPolicy"])
    page.row(0, "IP Families:", ",".join(spec.get("ipFamilies") or ()) or "<none>")
    page.row(0, "IP:", spec.get("clusterIP", ""))
    page.row(0, "IPs:", ",".join(spec.get("clusterIPs") or ()) or "<none>")
    if spec.get("externalIPs"):
        page.row(0, "External IPs:", ",".join(spec["externalIPs"]))
    for title, key in (("Desired LoadBalancer IP", "loadBalancerIP"), ("External Name", "externalName")):
        if spec.get(key):
            page.row(0, f"{title}:", spec[key])
    ingress = ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress")
    if ingress:
        page.row(0, "LoadBalancer Ingress:", ", ".join(_ingress(row) for row in ingress))
    slices = _slices(task, meta["namespace"], meta["name"])
    for port in spec.get("ports") or ():
        _write_port(page, port, slices)
    _write_traffic(page, spec)


def _write_traffic(page: Page, spec: Obj) -> None:
    page.row(0, "Session Affinity:", spec.get("sessionAffinity", ""))
    for title, key in (
        ("External Traffic Policy", "externalTrafficPolicy"),
        ("Internal Traffic Policy", "internalTrafficPolicy"),
        ("HealthCheck NodePort", "healthCheckNodePort"),
    ):
        if spec.get(key):
            page.row(0, f"{title}:", spec[key])
    if spec.get("loadBalancerSourceRanges"):
        page.row(0, "LoadBalancer Source Ranges:", ",".join(spec["loadBalancerSourceRanges"]))
    if spec.get("trafficDistribution"):
        page.row(0, "Traffic Distribution:", spec["trafficDistribution"])


def _ingress(row: Obj) -> str:
    if row.get("ip"):
        return f"{row['ip']} ({row['ipMode']})" if row.get("ipMode") else str(row["ip"])
    return str(row.get("hostname", ""))


def _write_port(page: Page, port: Obj, slices: list[Obj]) -> None:
    name, protocol = port.get("name") or "<unset>", port.get("protocol", "TCP")
    page.row(0, "Port:", name, f"{port['port']}/{protocol}")
    page.row(0, "TargetPort:", f"{port.get('targetPort', 0)}/{protocol}")
    if port.get("appProtocol"):
        page.row(0, "AppProtocol:", port["appProtocol"])
    if port.get("nodePort"):
        page.row(0, "NodePort:", name, f"{port['nodePort']}/{protocol}")
    page.row(0, "Endpoints:", _addresses(slices, port.get("name", "")))


def describe_endpoints(_task: Task, obj: Obj, page: Page) -> None:
    """Writes Endpoints."""
    page.named(obj)
    page.row(0, "Subsets:")
    for subset in obj.get("subsets") or ():
        for title, key in (("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")):
            page.row(1, f"{title}:", ",".join(str(row["ip"]) for row in subset.get(key) or ()) or "<none>")
        if subset.get("ports"):
            page.row(1, "Ports:")
            page.heading(2, "Name", "Port", "Protocol")
        for port in subset.get("ports") or ():
            page.row(2, port.get("name") or "<unset>", port["port"], port.get("protocol", "TCP"))
        page.row(0)


def describe_endpointslice(_task: Task, obj: Obj, page: Page) -> None:
    """Writes an EndpointSlice."""
    page.named(obj)
    page.row(0, "AddressType:", obj.get("addressType", ""))
    ports = obj.get("ports") or ()
    page.row(0, "Ports:" if ports else "Ports: <unset>")
    if ports:
        page.heading(1, "Name", "Port", "Protocol")
    for port in ports:
        page.row(1, port.get("name") or "<unset>", port.get("port", "<unset>"), port.get("protocol", ""))
    endpoints = obj.get("endpoints") or ()
    page.row(0, "Endpoints:" if endpoints else "Endpoints: <none>")
    for row in endpoints:
        ready = (row.get("conditions") or {}).get("ready")
        page.row(1, "- Addresses:", ", ".join(row.get("addresses") or ()) or "<none>")
        page.row(2, "Conditions:")
        page.row(3, "Ready:", "<unset>" if ready is None else str(ready).lower())
        page.row(2, "Hostname:", row.get("hostname", "<unset>"))
        if row.get("targetRef"):
            page.row(2, "TargetRef:", f"{row['targetRef'].get('kind')}/{row['targetRef'].get('name')}")
        page.row(2, "NodeName:", row.get("nodeName", "<unset>"))
        page.row(2, "Zone:", row.get("zone", "<unset>"))


# ---- Ingress


def describe_ingress(task: Task, obj: Obj, page: Page) -> None:
    """Writes an Ingress."""
    meta, spec = obj["metadata"], obj["spec"]
    page.row(0, "Name:", meta["name"])
    page.labels("Labels", meta.get("labels"))
    page.row(0, "Namespace:", meta["namespace"])
    ingress = ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    page.row(0, "Address:", ",".join(sorted({row.get("ip") or row.get("hostname", "") for row in ingress})))
    page.row(0, "Ingress Class:", spec.get("ingressClassName", "<none>"))
    default = spec.get("defaultBackend")
    shown = _backend(task, meta["namespace"], default) if default else "<default>"
    page.row(0, "Default backend:", shown)
    if spec.get("tls"):
        page.row(0, "TLS:")
    for row in spec.get("tls") or ():
        hosts = ",".join(row.get("hosts") or ())
        page.row(1, f"{row['secretName']} terminates {hosts}" if row.get("secretName") else f"SNI routes {hosts}")
    page.row(0, "Rules:")
    page.heading(1, "Host", "Path", "Backends")
    rules = [rule for rule in spec.get("rules") or () if rule.get("http")]
    for rule in rules:
        page.row(1, rule.get("host") or "*", "")
        for path in rule["http"].get("paths") or ():
            page.row(2, "", f"{path.get('path', '')} ", _backend(task, meta["namespace"], path["backend"]))
    if not rules:
        page.row(1, "*", "*", shown)
    page.annotations("Annotations", meta.get("annotations"))


def _backend(task: Task, place: str, backend: Obj) -> str:
    resource = backend.get("resource")
    if resource:
        return f"APIGroup: {resource.get('apiGroup', '<none>')}, Kind: {resource['kind']}, Name: {resource['name']}"
    named = backend["service"]
    port = named.get("port") or {}
    title = f"{named['name']}:{port.get('number') or port.get('name', '')}"
    try:
        service = task.client.get("services", named["name"], place)
    except StatusError as error:
        return f"{title} (<error: {error.what}>)"
    matching = [
        row.get("name", "")
        for row in service["spec"].get("ports") or ()
        if row["port"] == port.get("number") or (port.get("name") and row.get("name") == port["name"])
    ]
    return f"{title} ({_addresses(_slices(task, place, named['name']), matching[-1] if matching else '')})"


def describe_ingress_class(_task: Task, obj: Obj, page: Page) -> None:
    """Writes an IngressClass."""
    page.named(obj)
    page.row(0, "Controller:", obj["spec"].get("controller", ""))
    parameters = obj["spec"].get("parameters")
    if parameters:
        page.row(0, "Parameters:")
        for title, key in (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")):
            if key in parameters:
                page.row(1, f"{title}:", parameters[key])


# ---- NetworkPolicy


def describe_network_policy(_task: Task, obj: Obj, page: Page) -> None:
    """Writes a NetworkPolicy."""
    meta, spec = obj["metadata"], obj["spec"]
    page.row(0, "Name:", meta["name"])
    page.row(0, "Namespace:", meta["namespace"])
    page.row(0, "Created on:", meta["creationTimestamp"].replace("T", " ").replace("Z", " +0000 UTC"))
    page.labels("Labels", meta.get("labels"))
    page.annotations("Annotations", meta.get("annotations"))
    page.row(0, "Spec:")
    chosen = selector_text(spec.get("podSelector") or {})
    everybody = "<none> (Allowing the specific traffic to all pods in this namespace)"
    page.row(1, f"PodSelector:     {everybody if chosen == '<none>' else chosen}")
    types = spec.get("policyTypes") or ()
    for word, rules, peers in (("ingress", "ingress", "from"), ("egress", "egress", "to")):
        if word.title() in types:
            page.row(1, f"Allowing {word} traffic:")
            _write_rules(page, spec.get(rules) or [], word, peers)
        else:
            page.row(1, f"Not affecting {word} traffic")
    page.row(1, f"Policy Types: {', '.join(types) or '<none>'}")


def _write_rules(page: Page, rules: list[Obj], word: str, peers: str) -> None:
    if not rules:
        page.row(2, f"<none> (Selected pods are isolated for {word} connectivity)")
    for index, rule in enumerate(rules):
        for port in rule.get("ports") or ():
            protocol, number = port.get("protocol", "TCP"), port.get("port", "<nil>")
            if "endPort" in port:
                page.row(2, f"To Port Range: {number}-{port['endPort']}/{protocol}")
            else:
                page.row(2, f"To Port: {number}/{protocol}")
        if not rule.get("ports"):
            page.row(2, "To Port: <any> (traffic allowed to all ports)")
        restricted = "source" if peers == "from" else "destination"
        if not rule.get(peers):
            page.row(2, f"{peers.title()}: <any> (traffic not restricted by {restricted})")
        for peer in rule.get(peers) or ():
            page.row(2, f"{peers.title()}:")
            _write_peer(page, peer)
        if index != len(rules) - 1:
            page.row(2, "----------")


def _write_peer(page: Page, peer: Obj) -> None:
    for title, key in (("NamespaceSelector", "namespaceSelector"), ("PodSelector", "podSelector")):
        if peer.get(key) is not None:
            page.row(3, f"{title}: {selector_text(peer[key])}")
    block = peer.get("ipBlock")
    if block:
        page.row(3, "IPBlock:")
        page.row(4, f"CIDR: {block['cidr']}")
        page.row(4, f"Except: {', '.join(block.get('except') or ())}")
