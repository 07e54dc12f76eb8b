"""What containers and nodes use, as metrics-server would have read it off this kubelet.

CPU is what the simulated programs did in the last whole window of 15 s, and what their image uses when idle; memory is
what their image keeps in use and what they took. The figures of images and of nodes were measured on a real cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from k8s_tutor.embedded.kubelet.container import Container, Runtime, spec_of
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.work import WINDOW
from k8s_tutor.embedded.nodeservices import Usage
from k8s_tutor.objects.quantity import parse
from k8s_tutor.objects.types import Obj

__all__ = ["measured_at", "node_usage", "pod_usage"]

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
