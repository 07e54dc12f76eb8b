"""Configuration and storage; Services and what stands around them."""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.embedded.apiserver.tables.words import (
    Cells,
    age,
    join_some,
    labels_text,
    name,
    part,
    selector_text,
)
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Json, Obj

__all__ = ["CELLS", "NETWORKING"]

_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def config_map(obj: Obj, now: float) -> list[Json]:
    """Name, Data, Age."""
    return [name(obj), len(obj.get("data") or ()) + len(obj.get("binaryData") or ()), age(obj, now)]


def secret(obj: Obj, now: float) -> list[Json]:
    """Name, Type, Data, Age."""
    return [name(obj), obj.get("type", ""), len(obj.get("data") or ()), age(obj, now)]


def claim(obj: Obj, now: float) -> list[Json]:
    """Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age, VolumeMode."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    volume = spec.get("volumeName") or ""
    return [
        name(obj),
        "Terminating" if metadata.is_deleting(obj) else status.get("phase", ""),
        volume,
        (part(status, "capacity", "storage") or "0") if volume else "",
        _modes(status) if volume else "",
        _class(obj),
        spec.get("volumeAttributesClassName") or "<unset>",
        age(obj, now),
        spec.get("volumeMode") or "<unset>",
    ]


def volume(obj: Obj, now: float) -> list[Json]:
    """Name, Capacity, Access Modes, Reclaim Policy, Status, Claim, classes, Reason, Age, VolumeMode."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    claimed = spec.get("claimRef")
    return [
        name(obj),
        part(spec, "capacity", "storage") or "0",
        _modes(spec),
        spec.get("persistentVolumeReclaimPolicy", ""),
        "Terminating" if metadata.is_deleting(obj) else status.get("phase", ""),
        f"{claimed.get('namespace', '')}/{claimed.get('name', '')}" if claimed else "",
        _class(obj),
        spec.get("volumeAttributesClassName") or "<unset>",
        status.get("reason", ""),
        age(obj, now),
        spec.get("volumeMode") or "<unset>",
    ]


def _modes(holder: Obj) -> str:
    given = dict.fromkeys(holder.get("accessModes") or ())
    return ",".join(short for long, short in _MODES.items() if long in given)


def _class(obj: Obj) -> str:
    return metadata.annotations(obj).get(_CLASS_ANNOTATION) or part(obj, "spec", "storageClassName") or ""


def storage_class(obj: Obj, now: float) -> list[Json]:
    """Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age."""
    default = " (default)" if metadata.annotations(obj).get(_DEFAULT_CLASS) == "true" else ""
    return [
        name(obj) + default,
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy") or "Delete",
        obj.get("volumeBindingMode") or "Immediate",
        bool(obj.get("allowVolumeExpansion")),
        age(obj, now),
    ]


def csi_driver(obj: Obj, now: float) -> list[Json]:
    """Name, AttachRequired, PodInfoOnMount, StorageCapacity, TokenRequests, RequiresRepublish, Modes, Age."""
    spec = obj.get("spec") or {}
    audiences = [row.get("audience", "") for row in spec.get("tokenRequests") or ()]
    return [
        name(obj),
        spec.get("attachRequired", True),
        bool(spec.get("podInfoOnMount")),
        bool(spec.get("storageCapacity")),
        ",".join(audiences) if audiences else "<unset>",
        bool(spec.get("requiresRepublish")),
        ",".join(spec.get("volumeLifecycleModes") or ()) or "<none>",
        age(obj, now),
    ]


def csi_node(obj: Obj, now: float) -> list[Json]:
    """Name, Drivers, Age."""
    return [name(obj), len(part(obj, "spec", "drivers") or ()), age(obj, now)]


def volume_attachment(obj: Obj, now: float) -> list[Json]:
    """Name, Attacher, PV, Node, Attached, Age."""
    spec = obj.get("spec") or {}
    return [
        name(obj),
        spec.get("attacher", ""),
        part(spec, "source", "persistentVolumeName") or "",
        spec.get("nodeName", ""),
        bool(part(obj, "status", "attached")),
        age(obj, now),
    ]


def attributes_class(obj: Obj, now: float) -> list[Json]:
    """Name, DriverName, Age."""
    return [name(obj), obj.get("driverName", ""), age(obj, now)]


CELLS: dict[str, Cells] = {
    "configmaps": config_map,
    "secrets": secret,
    "persistentvolumeclaims": claim,
    "persistentvolumes": volume,
    "storageclasses.storage.k8s.io": storage_class,
    "csidrivers.storage.k8s.io": csi_driver,
    "csinodes.storage.k8s.io": csi_node,
    "volumeattachments.storage.k8s.io": volume_attachment,
    "volumeattributesclasses.storage.k8s.io": attributes_class,
}


# ---- Services and what stands around them


def service(obj: Obj, now: float) -> list[Json]:
    """Name, Type, Cluster-IP, External-IP, Port(s), Age, Selector."""
    spec = obj.get("spec") or {}
    return [
        name(obj),
        spec.get("type", ""),
        (spec.get("clusterIPs") or ["<none>"])[0],
        _external(obj, spec),
        ",".join(_port(row) for row in spec.get("ports") or ()) or "<none>",
        age(obj, now),
        labels_text(spec.get("selector")),
    ]


def _external(obj: Obj, spec: Obj) -> str:
    given = list(spec.get("externalIPs") or ())
    match spec.get("type"):
        case "ClusterIP" | "NodePort":
            return ",".join(given) or "<none>"
        case "LoadBalancer":
            return ",".join([*_ingress(obj), *given]) or "<pending>"
        case "ExternalName":
            return str(spec.get("externalName", ""))
        case _:
            return "<unknown>"


def _ingress(obj: Obj) -> list[str]:
    rows = part(obj, "status", "loadBalancer", "ingress") or ()
    found = [row.get("ip") or row.get("hostname") for row in rows]
    return sorted(dict.fromkeys(address for address in found if address))


def _port(row: Obj) -> str:
    outside = f":{row['nodePort']}" if row.get("nodePort") else ""
    return f"{row.get('port')}{outside}/{row.get('protocol', 'TCP')}"


def endpoints(obj: Obj, now: float) -> list[Json]:
    """Name, Endpoints, Age."""
    return [name(obj), join_some(_addresses(obj)), age(obj, now)]


def _addresses(obj: Obj) -> Iterator[str]:
    for subset in obj.get("subsets") or ():
        addresses = [row.get("ip", "") for row in subset.get("addresses") or ()]
        if not subset.get("ports"):
            yield from addresses
        for port in subset.get("ports") or ():
            yield from (f"{_host(address)}:{port.get('port')}" for address in addresses)


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def endpoint_slice(obj: Obj, now: float) -> list[Json]:
    """Name, AddressType, Ports, Endpoints, Age."""
    ports = [str(row.get("port") or row.get("name") or "*") for row in obj.get("ports") or ()]
    addresses = [address for row in obj.get("endpoints") or () for address in row.get("addresses") or ()]
    return [
        name(obj),
        obj.get("addressType", ""),
        join_some(ports, empty="<unset>"),
        join_some(addresses, empty="<unset>"),
        age(obj, now),
    ]


def ingress(obj: Obj, now: float) -> list[Json]:
    """Name, Class, Hosts, Address, Ports, Age."""
    spec = obj.get("spec") or {}
    hosts = [row["host"] for row in spec.get("rules") or () if row.get("host")]
    return [
        name(obj),
        spec.get("ingressClassName") or "<none>",
        join_some(hosts, empty="*"),
        ",".join(_ingress(obj)),
        "80, 443" if spec.get("tls") else "80",
        age(obj, now),
    ]


def ingress_class(obj: Obj, now: float) -> list[Json]:
    """Name, Controller, Parameters, Age."""
    given = part(obj, "spec", "parameters")
    parameters = "<none>"
    if given:
        group = f".{given['apiGroup']}" if given.get("apiGroup") else ""
        parameters = f"{given.get('kind')}{group}/{given.get('name')}"
    return [name(obj), part(obj, "spec", "controller") or "", parameters, age(obj, now)]


def network_policy(obj: Obj, now: float) -> list[Json]:
    """Name, Pod-Selector, Age."""
    return [name(obj), selector_text(part(obj, "spec", "podSelector")), age(obj, now)]


def ip_address(obj: Obj, now: float) -> list[Json]:
    """Name, ParentRef, and an age that the server sends without a column."""
    parent = part(obj, "spec", "parentRef")
    if not parent:
        return [name(obj), "<none>", age(obj, now)]
    resource = f"{parent.get('resource', '')}.{parent.get('group', '')}".rstrip(".").lower()
    parts = [resource, parent.get("namespace"), parent.get("name")]
    return [name(obj), "/".join(step for step in parts if step), age(obj, now)]


def service_cidr(obj: Obj, now: float) -> list[Json]:
    """Name, CIDRs, Age."""
    return [name(obj), ",".join(part(obj, "spec", "cidrs") or ()), age(obj, now)]


NETWORKING: dict[str, Cells] = {
    "services": service,
    "endpoints": endpoints,
    "endpointslices.discovery.k8s.io": endpoint_slice,
    "ingresses.networking.k8s.io": ingress,
    "ingressclasses.networking.k8s.io": ingress_class,
    "networkpolicies.networking.k8s.io": network_policy,
    "ipaddresses.networking.k8s.io": ip_address,
    "servicecidrs.networking.k8s.io": service_cidr,
}
