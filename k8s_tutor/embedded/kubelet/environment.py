"""A container's environment variables: its own, those from ConfigMaps and Secrets, those of Services."""

from __future__ import annotations

import re
from collections.abc import Mapping

from k8s_tutor.embedded.kubelet.sources import Place, SourceMissing, config_map, field_value, resource_value, secret
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

__all__ = ["environment", "expand"]

_REFERENCE = re.compile(r"\$(\$|\(([^)]*)\))")


def expand(text: str, values: Mapping[str, str]) -> str:
    """Replaces `$(NAME)`; an unknown name stays as it is, `$$` is a dollar."""

    def one(match: re.Match[str]) -> str:
        if match.group(1) == "$":
            return "$"
        return values.get(match.group(2), match.group(0))

    return _REFERENCE.sub(one, text)


def environment(store: Store, pod: Obj, spec: Obj, place: Place) -> dict[str, str]:
    """All variables of a container, in order.

    Raises:
        SourceMissing: a ConfigMap, a Secret or a key is not there and not optional.
    """
    services = _service_variables(store, pod)
    values: dict[str, str] = {}
    for source in spec.get("envFrom", []):
        values |= _whole(store, pod, source)
    for variable in spec.get("env", []):
        value: str | None = variable.get("value", "")
        if value:
            value = expand(value, {**services, **values})
        elif variable.get("valueFrom"):
            value = _taken(store, pod, spec, variable["valueFrom"], place)
        if value is not None:
            values[variable["name"]] = value
    return {**values, **{name: value for name, value in services.items() if name not in values}}


def _whole(store: Store, pod: Obj, source: Obj) -> dict[str, str]:
    """`envFrom`: every key of an object."""
    namespace, prefix = pod["metadata"]["namespace"], source.get("prefix", "")
    reference, read = (
        (source["configMapRef"], config_map) if "configMapRef" in source else (source["secretRef"], secret)
    )
    try:
        data = read(store, namespace, reference["name"])
    except SourceMissing:
        if reference.get("optional"):
            return {}
        raise
    return {prefix + key: data[key].decode(errors="replace") for key in sorted(data)}


def _taken(store: Store, pod: Obj, spec: Obj, source: Obj, place: Place) -> str | None:
    """`valueFrom`; None where something optional is not there."""
    if "fieldRef" in source:
        return field_value(pod, source["fieldRef"]["fieldPath"], place)
    if "resourceFieldRef" in source:
        return resource_value(pod, spec["name"], source["resourceFieldRef"], place)
    namespace = pod["metadata"]["namespace"]
    kind, read = ("ConfigMap", config_map) if "configMapKeyRef" in source else ("Secret", secret)
    reference = source["configMapKeyRef" if kind == "ConfigMap" else "secretKeyRef"]
    key, optional = reference["key"], reference.get("optional")
    try:
        data = read(store, namespace, reference["name"])
    except SourceMissing:
        if optional:
            return None
        raise
    if key in data:
        return data[key].decode(errors="replace")
    if optional:
        return None
    raise SourceMissing(f"couldn't find key {key} in {kind} {namespace}/{reference['name']}")


def _service_variables(store: Store, pod: Obj) -> dict[str, str]:
    """`KUBERNETES_SERVICE_HOST` and its kin, for Services that were there before the container."""
    namespace = pod["metadata"]["namespace"]
    services = [store.get("services", "default", "kubernetes")]
    if pod["spec"].get("enableServiceLinks", True):
        services += store.list("services", namespace)
    values: dict[str, str] = {}
    for service in services:
        if service is not None and service["spec"].get("clusterIP", "None") not in ("", "None"):
            values |= _links(service)
    return values


def _links(service: Obj) -> dict[str, str]:
    address, ports = service["spec"]["clusterIP"], service["spec"]["ports"]
    prefix = service["metadata"]["name"].replace("-", "_").upper()
    values = {f"{prefix}_SERVICE_HOST": address, f"{prefix}_SERVICE_PORT": str(ports[0]["port"])}
    for port in ports:
        if port.get("name"):
            values[f"{prefix}_SERVICE_PORT_{port['name'].replace('-', '_').upper()}"] = str(port["port"])
    for number, port in enumerate(ports):
        protocol = port.get("protocol", "TCP").lower()
        url = f"{protocol}://{address}:{port['port']}"
        if number == 0:
            values[f"{prefix}_PORT"] = url
        own = f"{prefix}_PORT_{port['port']}_{protocol.upper()}"
        values |= {own: url, f"{own}_PROTO": protocol, f"{own}_PORT": str(port["port"]), f"{own}_ADDR": address}
    return values
