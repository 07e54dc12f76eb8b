"""A Node object as a kubelet of a kind node registers it."""

from __future__ import annotations

from collections.abc import Sequence

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.images.image import Image
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.objects.types import Obj

__all__ = ["VERSION", "capacity", "node_conditions", "node_object"]

VERSION = "v1.37.2"

_CONDITIONS = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


def capacity() -> Obj:
    """What each node has to give: a small laptop's worth, so that a request can be too large for all of them."""
    return {
        "cpu": "4",
        "ephemeral-storage": "61202244Ki",
        "hugepages-1Gi": "0",
        "hugepages-2Mi": "0",
        "memory": "8388608Ki",
        "pods": "110",
    }


def node_conditions(now: float, since: float) -> list[Obj]:
    """A healthy node's conditions: heard of at `now`, so since `since`."""
    return [
        {
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastHeartbeatTime": rfc3339(now),
            "lastTransitionTime": rfc3339(since),
        }
        for kind, status, reason, message in _CONDITIONS
    ]


def node_object(node: Node, number: int, images: Sequence[Image]) -> Obj:
    """The Node of a kind node; number 0 is the control plane.

    Args:
        node: Name, address, capacity.
        number: Its place in the cluster; gives its range of pod addresses.
        images: What is on it.
    """
    control_plane = number == 0
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
    }
    if control_plane:
        labels |= {
            "node-role.kubernetes.io/control-plane": "",
            "node.kubernetes.io/exclude-from-external-load-balancers": "",
        }
    spec: Obj = {
        "podCIDR": f"10.244.{number}.0/24",
        "podCIDRs": [f"10.244.{number}.0/24"],
        "providerID": f"kind://docker/k8s-tutor/{node.name}",
    }
    if control_plane:
        spec["taints"] = [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": node.name,
            "labels": labels,
            "annotations": {
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": spec,
        "status": _status(node, images),
    }


def _status(node: Node, images: Sequence[Image]) -> Obj:
    def number(bits: int) -> str:
        return f"{node.random.getrandbits(bits):0{bits // 4}x}"

    machine, boot = number(128), number(128)
    return {
        "addresses": [
            {"type": "InternalIP", "address": node.address},
            {"type": "Hostname", "address": node.name},
        ],
        "capacity": node.capacity,
        "allocatable": node.capacity,
        "conditions": node_conditions(node.now(), node.now()),
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "images": [{"names": [image.id, image.name], "sizeBytes": image.size} for image in images],
        "nodeInfo": {
            "architecture": "amd64",
            "bootID": f"{boot[:8]}-{boot[8:12]}-{boot[12:16]}-{boot[16:20]}-{boot[20:]}",
            "containerRuntimeVersion": "containerd://2.1.4",
            "kernelVersion": "6.18.44",
            "kubeProxyVersion": "",
            "kubeletVersion": VERSION,
            "machineID": machine,
            "operatingSystem": "linux",
            "osImage": "k8s-tutor embedded (simulated)",
            "systemUUID": machine,
        },
    }
