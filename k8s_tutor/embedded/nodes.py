"""The cluster's machines: Node objects as kind's are, their leases, a kubelet on each, and one network between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

from k8s_tutor.api.status import StatusError, failure
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.core import Core, User
from k8s_tutor.embedded.events import EventRecorder
from k8s_tutor.embedded.kubelet.heartbeat import Heartbeat
from k8s_tutor.embedded.kubelet.kubelet import Kubelet
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.registration import capacity, node_object
from k8s_tutor.embedded.network.addresses import AddressPool
from k8s_tutor.embedded.network.namespace import Namespace
from k8s_tutor.embedded.network.network import Network
from k8s_tutor.embedded.nodeservices import ExecSession, Feed, HttpAnswer, HttpRequest, LogQuery, PodPort, Usage
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import volumes
from k8s_tutor.objects.types import Obj

__all__ = ["Nodes"]


class Nodes:
    """All nodes. Implements `NodeServices`.

    Attributes:
        network: Between pods, nodes and Services; also for requests from outside (`t.traffic`).
        kubelets: By node name.

    Args:
        core: The cluster's shared ground.
        count: How many, the control plane first.
    """

    def __init__(self, core: Core, count: int) -> None:
        self._core = core
        # Drawn once: what happens on the nodes later does not shift the names of later objects.
        seed = core.random.getrandbits(64)
        self.network = Network(core.store, core.loop, Random(seed))
        self.kubelets: dict[str, Kubelet] = {}
        for number, name in enumerate(_names(count)):
            self.kubelets[name] = Kubelet(self._node(name, number, seed))

    def start(self) -> None:
        """Registers the nodes and begins to look after their pods."""
        for number, kubelet in enumerate(self.kubelets.values()):
            node = kubelet.node
            self.network.attach(Namespace(node.address, node=node.name))
            registered = node.api.create(node_object(node, number, kubelet.puller.present()))
            node.api.update_status(registered)
            Heartbeat(node, registered).start()
        self._core.store.subscribe(self._pod_changed, "pods")
        self._core.store.subscribe(self._volume_changed, "persistentvolumes")
        for resource in ("configmaps", "secrets"):
            self._core.store.subscribe(self._source_changed, resource)

    def _node(self, name: str, number: int, seed: int) -> Node:
        core = self._core
        api = Local(core.api, User(f"system:node:{name}", ("system:nodes", "system:authenticated")))
        return Node(
            name=name,
            address=f"172.18.0.{2 + number}",
            capacity=capacity(),
            loop=core.loop,
            store=core.store,
            api=api,
            recorder=EventRecorder(api, core.loop.clock, "kubelet", name),
            network=self.network,
            pool=AddressPool(f"10.244.{number}.0/24"),
            random=Random(seed + number + 1),
        )

    def _pod_changed(self, change: Change) -> None:
        kubelet = self.kubelets.get(change.obj["spec"].get("nodeName", ""))
        if kubelet is not None:
            kubelet.notice(change)

    def _volume_changed(self, change: Change) -> None:
        """With a volume that was provided goes its directory."""
        volume = change.obj
        if change.type == "DELETED" and volumes.is_provided(volume) and "hostPath" in volume["spec"]:
            for kubelet in self.kubelets.values():
                kubelet.node.disk.remove(volume["spec"]["hostPath"]["path"])

    def _source_changed(self, change: Change) -> None:
        if change.type == "MODIFIED":
            for kubelet in self.kubelets.values():
                kubelet.notice_source()

    # --- NodeServices -------------------------------------------------------------------------------------------------

    def logs(self, pod: Obj, query: LogQuery) -> bytes:
        """The log as it stands."""
        kubelet = self._of(pod)
        return kubelet.logs(pod, query) if kubelet else b""

    def follow_logs(self, pod: Obj, query: LogQuery) -> Feed[bytes]:
        """The log and all that is to come."""
        kubelet = self._of(pod)
        if kubelet is None:
            raise _no_host(pod)
        return kubelet.follow_logs(pod, query)

    def exec(self, pod: Obj, container: str, command: Sequence[str], *, stdin: bool, tty: bool) -> ExecSession:
        """Runs a command in a container."""
        kubelet = self._of(pod)
        if kubelet is None:
            raise _no_host(pod)
        return kubelet.exec(pod, container, command, stdin=stdin, tty=tty)

    def attach(self, pod: Obj, container: str, *, stdin: bool, tty: bool) -> ExecSession:
        """Attaches to a container's own process."""
        kubelet = self._of(pod)
        if kubelet is None:
            raise _no_host(pod)
        return kubelet.attach(pod, container, stdin=stdin, tty=tty)

    def pod_usage(self, pod: Obj) -> Mapping[str, Usage]:
        """What each running container used."""
        kubelet = self._of(pod)
        return kubelet.usage(pod) if kubelet else {}

    def node_usage(self, name: str) -> Usage | None:
        """What a node used, its system included."""
        kubelet = self.kubelets.get(name)
        return kubelet.node_usage() if kubelet else None

    def ports(self, pod: Obj) -> Callable[[int], PodPort]:
        """Connects to the pod's ports from inside."""
        kubelet = self._of(pod)
        if kubelet is None:
            raise _no_host(pod)
        return kubelet.ports(pod)

    def http(self, pod: Obj, port: int, request: HttpRequest) -> HttpAnswer:
        """An HTTP request to a pod's own address."""
        kubelet = self._of(pod)
        if kubelet is None:
            raise ConnectionRefusedError(f"pod {pod['metadata']['name']} has no address yet")
        return kubelet.http(pod, port, request)

    def _of(self, pod: Obj) -> Kubelet | None:
        return self.kubelets.get(pod["spec"].get("nodeName", ""))


def _names(count: int) -> list[str]:
    """As kind names them: a control plane, a worker, worker2, worker3 …"""
    workers = ["k8s-tutor-worker", *(f"k8s-tutor-worker{number}" for number in range(2, count))]
    return ["k8s-tutor-control-plane", *workers][:count]


def _no_host(pod: Obj) -> StatusError:
    words = f"pod {pod['metadata']['name']} does not have a host assigned"
    return StatusError(failure(400, "BadRequest", words))
