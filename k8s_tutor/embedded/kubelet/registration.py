"""A Node object as a kubelet of a kind node registers it."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.embedded.core import Timer
from k8s_tutor.embedded.images.image import Image
from k8s_tutor.embedded.kubelet.logs import stamp
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.objects import conditions
from k8s_tutor.objects.types import Obj

__all__ = ["VERSION", "Heartbeat", "capacity", "list_images", "node_conditions", "node_object"]

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


def node_object(node: Node, number: int, images: Sequence[Image], *, alone: bool = False) -> Obj:
    """The Node of a kind node; number 0 is the control plane.

    Args:
        node: Name, address, capacity.
        number: Its place in the cluster; gives its range of pod addresses.
        images: What is on it.
        alone: It is the only one: then kind lets pods onto the control plane, and load balancers lead to it.
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
        labels["node-role.kubernetes.io/control-plane"] = ""
    if control_plane and not alone:
        labels["node.kubernetes.io/exclude-from-external-load-balancers"] = ""
    spec: Obj = {
        "podCIDR": f"10.244.{number}.0/24",
        "podCIDRs": [f"10.244.{number}.0/24"],
        "providerID": f"kind://docker/k8s-tutor/{node.name}",
    }
    if control_plane and not alone:
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


def list_images(images: Sequence[Image]) -> list[Obj]:
    """As a Node's status has them."""
    return [{"names": [image.id, image.name], "sizeBytes": image.size} for image in images]


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
        "images": list_images(images),
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


# ---- A node's sign of life: a Lease renewed, and the Node's conditions refreshed now and then
#
# On a real node the Lease is renewed every 10 s. Here only every fourth time is written, as an idle cluster should
# have little history; who falls silent writes the last one there was, so that the silence is as long as it would be.

LEASE_SECONDS = 40
BEAT_SECONDS = 10.0
RENEW_SECONDS = 4 * BEAT_SECONDS
REFRESH_SECONDS = 300.0


class Heartbeat:
    """Keeps one node alive in the API server's eyes.

    Args:
        node: Which node.
        registered: Its Node object, as created.
    """

    def __init__(self, node: Node, registered: Obj) -> None:
        self._node = node
        self._registered = registered
        self._began = self._since = node.now()
        self._refreshed = node.now()
        self._timer: Timer | None = None

    def start(self) -> None:
        """Begins."""
        self._renew()

    def stop(self) -> None:
        """Ends, for a kubelet that starts anew."""
        if self._timer is not None:
            self._timer.cancel()

    def fall_silent(self) -> None:
        """Writes the latest renewal that a real node would have written."""
        beats = floor((self._node.now() - self._began) / BEAT_SECONDS)
        if self._is_registered():
            self._write_lease(self._began + beats * BEAT_SECONDS)

    def _renew(self) -> None:
        if self._is_registered():
            self._write_lease(self._node.now())
            if self._node.now() - self._refreshed >= REFRESH_SECONDS or self._is_misjudged():
                self._refresh()
        self._timer = self._node.loop.call_later(RENEW_SECONDS, self._renew, "lease")

    def _is_registered(self) -> bool:
        """Whether the Node is there still: a kubelet does not register a second time of its own accord."""
        known = self._node.store.get("nodes", "", self._node.name)
        return known is not None and known["metadata"]["uid"] == self._registered["metadata"]["uid"]

    def _is_misjudged(self) -> bool:
        """Whether others say of it that it is not well."""
        known = self._node.store.get("nodes", "", self._node.name) or {}
        return any(conditions.status(known, kind) != status for kind, status, _, _ in _CONDITIONS)

    def _write_lease(self, now: float) -> None:
        name = self._node.name
        lease = self._node.store.get("leases.coordination.k8s.io", "kube-node-lease", name)
        renewed = stamp(now).decode()[:26] + "Z"
        try:
            if lease is not None:
                self._node.api.patch(lease, {"spec": {"renewTime": renewed}})
            else:
                self._node.api.create(self._lease(renewed))
        except StatusError:
            return  # no namespace for it (yet): the next beat tries again

    def _lease(self, renewed: str) -> Obj:
        name = self._node.name
        owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": self._registered["metadata"]["uid"]}
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"name": name, "namespace": "kube-node-lease", "ownerReferences": [owner]},
            "spec": {"holderIdentity": name, "leaseDurationSeconds": LEASE_SECONDS, "renewTime": renewed},
        }

    def _refresh(self) -> None:
        now = self._node.now()
        self._refreshed = now
        known = self._node.store.get("nodes", "", self._node.name)
        if known is None:
            return
        changed = [kind for kind, status, _, _ in _CONDITIONS if conditions.status(known, kind) != status]
        if changed:
            self._since = now
        try:
            self._node.api.patch(known, {"status": {"conditions": node_conditions(now, self._since)}}, "status")
        except StatusError:
            return
        for kind in changed:
            self._node.recorder.emit(_tell(self._registered, kind))


def _tell(node: Obj, kind: str) -> EmitEvent:
    """What a kubelet says of a condition that has changed for the better."""
    word = "NodeReady" if kind == "Ready" else next(reason for name, _, reason, _ in _CONDITIONS if name == kind)
    word = word.replace("Kubelet", "Node")
    return EmitEvent(node, "Normal", word, f"Node {node['metadata']['name']} status is now: {word}")
