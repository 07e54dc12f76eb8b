"""What a pod asks for: CPU and memory and the quality of service; ConfigMaps, Secrets and its own fields."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.embedded.kubelet.container import Container, Runtime, is_sidecar, spec_of
from k8s_tutor.embedded.kubelet.node import WINDOW, Disk, Node
from k8s_tutor.embedded.nodeservices import Usage
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.quantity import Quantity, canonical, parse
from k8s_tutor.objects.types import Obj

__all__ = [
    "PodLocation",
    "SourceMissing",
    "allocated",
    "config_map",
    "field_value",
    "locate_pod",
    "measured_at",
    "memory_limit",
    "node_usage",
    "pod_usage",
    "resource_value",
    "secret",
    "total_resources",
]


def memory_limit(spec: Obj) -> int | None:
    """A container's memory limit in bytes; None for none."""
    limit = (spec.get("resources", {}).get("limits") or {}).get("memory")
    return parse(limit).value if limit else None


def allocated(spec: Obj) -> Obj:
    """`allocatedResources` of a container status, where it asks for anything."""
    requests = (spec.get("resources") or {}).get("requests")
    return {"allocatedResources": requests} if requests else {}


def total_resources(spec: Obj) -> Obj:
    """A pod's `allocatedResources`, where it asks for anything, and `resources`: what its cgroup is set to."""
    requests, limits = _total(spec, "requests"), _total(spec, "limits")
    result: Obj = {"allocatedResources": requests} if requests else {}
    held = {"limits": _in_cgroups(limits), "requests": _in_cgroups(requests)}
    return {**result, "resources": {key: value for key, value in held.items() if value}}


def _in_cgroups(amounts: dict[str, str]) -> dict[str, str]:
    return {name: amount for name, amount in amounts.items() if name != "ephemeral-storage"}


def _total(spec: Obj, which: str) -> dict[str, str]:
    """The sum of what runs side by side, at least what the greediest init container needs; or what the pod says."""
    sidecars = [one for one in spec.get("initContainers", []) if is_sidecar(one)]
    first = [one for one in spec.get("initContainers", []) if not is_sidecar(one)]
    together = _sum([*spec["containers"], *sidecars], which)
    for one in first:
        for name, amount in ((one.get("resources") or {}).get(which) or {}).items():
            if name not in together or parse(together[name]) < parse(amount):
                together[name] = amount
    together |= (spec.get("resources") or {}).get(which) or {}
    return {name: canonical(amount) for name, amount in together.items()}


def _sum(containers: Sequence[Obj], which: str) -> dict[str, str]:
    total: dict[str, str] = {}
    for container in containers:
        for name, amount in ((container.get("resources") or {}).get(which) or {}).items():
            total[name] = str(parse(total[name]) + parse(amount)) if name in total else amount
    return total


# ---- What containers and nodes use, as metrics-server would have read it off this kubelet
#
# CPU is what the simulated programs did in the last whole window of 15 s, and what their image uses when idle; memory
# is what their image keeps in use and what they took. The figures of images and of nodes were measured on a real
# cluster.

_PROCESS = 250 << 10  # bytes of a small program beside the image's own
_WORKER = Usage(0.035, 220 << 20)  # kubelet, container runtime, kube-proxy, network
_CONTROL_PLANE = Usage(0.19, 1100 << 20)  # and etcd, API server, controllers, scheduler, DNS


def measured_at(now: float) -> float:
    """When the last window ended."""
    return now // WINDOW * WINDOW


def pod_usage(pod: Obj, runtime: Runtime, now: float) -> Mapping[str, Usage]:
    """By container; empty where one of them has not run for a whole window yet: then metrics-server has nothing."""
    running = runtime.running()
    if any(container.started_at > measured_at(now) - WINDOW for container in running):
        return {}
    return {container.name: _container(spec_of(pod, container.name) or {}, container, now) for container in running}


def node_usage(node: Node, used: Sequence[Usage]) -> Usage:
    """The pods' use and the system's."""
    system = _CONTROL_PLANE if node.name.endswith("control-plane") else _WORKER
    return Usage(system.cpu + sum(one.cpu for one in used), system.memory + sum(one.memory for one in used))


def _container(spec: Obj, container: Container, now: float) -> Usage:
    process, machine = container.process, container.machine
    assert process is not None
    assert machine is not None
    image = machine.image
    own = (*image.entrypoint, *image.cmd)[:1] == process.args[:1]
    beside = len(machine.own) - (1 if own else 0)
    cpu = machine.work.rate(now) + (image.idle if own else 0.0)
    memory = machine.memory + (image.memory if own else 0) + beside * _PROCESS
    limits = (spec.get("resources") or {}).get("limits") or {}
    if "cpu" in limits:  # throttled
        cpu = min(cpu, parse(limits["cpu"]).nanos / 1e9)
    return Usage(cpu, memory)


# ---- What a pod takes from other objects and from itself: ConfigMaps, Secrets, its own fields. Words as the kubelet's

_NOBODY_SIGNS = 501
_NO_TOKEN = b"# No token: this cluster was started without a key that signs tokens.\n"
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
class PodLocation:
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


def locate_pod(node: Node, pod: Obj, runtime: Runtime) -> PodLocation:
    """What the downward API tells about where the pod runs."""
    address = node.address if pod["spec"].get("hostNetwork") else (runtime.net.address if runtime.net else "")

    def token(projection: Obj) -> bytes:
        try:
            return runtime.tokens.get(node.api, pod, projection, node.now())
        except StatusError as error:
            if error.code == _NOBODY_SIGNS:
                return _NO_TOKEN  # a cluster without a key is one for tests and tools: its pods run all the same
            raise SourceMissing(f"failed to fetch token: {error.what}") from error

    return PodLocation(node.name, node.address, address, node.capacity, token, node.disk)


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


def field_value(pod: Obj, path: str, location: PodLocation) -> str:
    """A `fieldRef`: one of the pod's own fields as text."""
    keyed = _KEYED.fullmatch(path)
    if keyed is not None:
        return str((pod["metadata"].get(keyed.group(1)) or {}).get(keyed.group(2), ""))
    own = {
        "spec.nodeName": location.node,
        "status.hostIP": location.host_ip,
        "status.hostIPs": location.host_ip,
        "status.podIP": location.pod_ip,
        "status.podIPs": location.pod_ip,
    }
    if path in own:
        return own[path]
    value: object = pod
    for step in path.split("."):
        value = value.get(step, "") if isinstance(value, dict) else ""
    if isinstance(value, dict):  # labels and annotations in a volume: one line each
        return "\n".join(f"{key}={json.dumps(str(value[key]), ensure_ascii=False)}" for key in sorted(value))
    return str(value)


def resource_value(pod: Obj, container: str, reference: Obj, location: PodLocation) -> str:
    """A `resourceFieldRef`: a container's request or limit in units of the divisor, rounded up."""
    spec = spec_of(pod, reference.get("containerName") or container) or {}
    which, _, name = str(reference["resource"]).partition(".")
    resources = spec.get("resources") or {}
    amount = (resources.get(which) or {}).get(name)
    if amount is None and which == "limits":
        amount = location.capacity.get(name)
    divisor = reference.get("divisor") or "0"
    unit = parse(divisor) if parse(divisor) else Quantity(10**9)
    return str(-(-parse(amount or "0").nanos // unit.nanos))
