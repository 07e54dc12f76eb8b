"""What a pod takes from other objects and from itself: ConfigMaps, Secrets, its own fields. Words as the kubelet's."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from k8s_tutor.api.status import StatusError
from k8s_tutor.embedded.kubelet.container import Runtime, spec_of
from k8s_tutor.embedded.kubelet.disk import Disk
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.quantity import Quantity, parse
from k8s_tutor.objects.types import Obj

__all__ = ["Place", "SourceMissing", "config_map", "field_value", "place_of", "resource_value", "secret"]

_KEYED = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


class SourceMissing(Exception):
    """Something the pod refers to is not there; the message is the kubelet's.

    Attributes:
        operation: What the kubelet was about to do, where that is not the setting up of a volume of the pod's own.
    """

    def __init__(self, message: str, operation: str = "") -> None:
        super().__init__(message)
        self.operation = operation


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pod runs, as the downward API tells it.

    Attributes:
        capacity: What the node has to give: stands in for a limit that is not set.
        token: The pod's token for a `serviceAccountToken` of a projected volume; `SourceMissing` where there is none.
        disk: The node's own files.
    """

    node: str
    host_ip: str
    pod_ip: str
    capacity: Obj
    token: Callable[[Obj], bytes]
    disk: Disk


def place_of(node: Node, pod: Obj, runtime: Runtime) -> Place:
    """What the downward API tells about where the pod runs."""
    address = node.address if pod["spec"].get("hostNetwork") else (runtime.net.address if runtime.net else "")

    def token(projection: Obj) -> bytes:
        try:
            return runtime.tokens.get(node.api, pod, projection, node.now())
        except StatusError as error:
            raise SourceMissing(f"failed to fetch token: {error.what}") from error

    return Place(node.name, node.address, address, node.capacity, token, node.disk)


def config_map(store: Store, namespace: str, name: str) -> dict[str, bytes]:
    """A ConfigMap's data, text and binary.

    Raises:
        SourceMissing: there is none of that name.
    """
    found = store.get("configmaps", namespace, name)
    if found is None:
        raise SourceMissing(f'configmap "{name}" not found')
    data = {key: str(value).encode() for key, value in (found.get("data") or {}).items()}
    return {**data, **{key: base64.b64decode(value) for key, value in (found.get("binaryData") or {}).items()}}


def secret(store: Store, namespace: str, name: str) -> dict[str, bytes]:
    """A Secret's data.

    Raises:
        SourceMissing: there is none of that name.
    """
    found = store.get("secrets", namespace, name)
    if found is None:
        raise SourceMissing(f'secret "{name}" not found')
    return {key: base64.b64decode(value) for key, value in (found.get("data") or {}).items()}


def field_value(pod: Obj, path: str, place: Place) -> str:
    """A `fieldRef`: one of the pod's own fields as text."""
    keyed = _KEYED.fullmatch(path)
    if keyed is not None:
        return str((pod["metadata"].get(keyed.group(1)) or {}).get(keyed.group(2), ""))
    own = {
        "spec.nodeName": place.node,
        "status.hostIP": place.host_ip,
        "status.hostIPs": place.host_ip,
        "status.podIP": place.pod_ip,
        "status.podIPs": place.pod_ip,
    }
    if path in own:
        return own[path]
    value: object = pod
    for step in path.split("."):
        value = value.get(step, "") if isinstance(value, dict) else ""
    if isinstance(value, dict):  # labels and annotations in a volume: one line each
        return "\n".join(f"{key}={json.dumps(str(value[key]), ensure_ascii=False)}" for key in sorted(value))
    return str(value)


def resource_value(pod: Obj, container: str, reference: Obj, place: Place) -> str:
    """A `resourceFieldRef`: a container's request or limit in units of the divisor, rounded up."""
    spec = spec_of(pod, reference.get("containerName") or container) or {}
    which, _, name = str(reference["resource"]).partition(".")
    resources = spec.get("resources") or {}
    amount = (resources.get(which) or {}).get(name)
    if amount is None and which == "limits":
        amount = place.capacity.get(name)
    divisor = reference.get("divisor") or "0"
    unit = parse(divisor) if parse(divisor) else Quantity(10**9)
    return str(-(-parse(amount or "0").nanos // unit.nanos))
