"""The embedded Kubernetes, put together: loop, store, API server, controllers, scheduler, nodes.

Everything up to the first instant follows from the seed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random

from k8s_tutor.api.protocol import Request, StatusError, failure
from k8s_tutor.clock import EPOCH, VirtualClock
from k8s_tutor.embedded.apiserver.access.tokens import TokenKey, legacy_token
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.apiserver.server import ApiServer, bootstrap
from k8s_tutor.embedded.controllers.runtime import Controllers
from k8s_tutor.embedded.controllers.serviceaccounts import Signing
from k8s_tutor.embedded.core import ADMIN, Core, Loop, MachineLoop, Providers, ServerAnswer, User
from k8s_tutor.embedded.events import EventRecorder
from k8s_tutor.embedded.kubelet.kubelet import Kubelet
from k8s_tutor.embedded.kubelet.node import Node
from k8s_tutor.embedded.kubelet.registration import Heartbeat, capacity, node_object
from k8s_tutor.embedded.names import AddressPool, Namespace
from k8s_tutor.embedded.network import Network
from k8s_tutor.embedded.nodeservices import ExecSession, Feed, HttpAnswer, HttpRequest, LogQuery, PodPort, Usage
from k8s_tutor.embedded.scheduler import Scheduler
from k8s_tutor.embedded.store import Change, Store
from k8s_tutor.objects import volumes
from k8s_tutor.objects.kinds import KindTable
from k8s_tutor.objects.types import Obj

__all__ = ["EmbeddedKubernetes", "Nodes"]


# ---- The cluster's machines: Node objects as kind's are, their leases, a kubelet on each, and one network between
# them


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
        self._heartbeats: dict[str, Heartbeat] = {}
        for number, name in enumerate(_names(count)):
            self.kubelets[name] = Kubelet(self._node(name, number, seed))

    def start(self) -> None:
        """Registers the nodes and begins to look after their pods."""
        for name in self.kubelets:
            self._register(name)
        self._core.store.subscribe(self._pod_changed, "pods")
        self._core.store.subscribe(self._volume_changed, "persistentvolumes")
        for resource in ("configmaps", "secrets"):
            self._core.store.subscribe(self._source_changed, resource)

    @property
    def workers(self) -> list[str]:
        """The machines beside the control plane."""
        return list(self.kubelets)[1:]

    def switch(self, name: str, *, on: bool) -> None:
        """Switches a machine on or off: see `resume` and `suspend`."""
        (self.resume if on else self.suspend)(name)

    def suspend(self, name: str) -> None:
        """Freezes a machine: its kubelet falls silent, nothing on it goes on, nobody on it answers.

        Raises:
            KeyError: there is no such machine.
        """
        loop = self.kubelets[name].node.loop
        if not loop.suspended:
            self._heartbeats[name].fall_silent()
            loop.suspend()
            self.network.silence(name)

    def resume(self, name: str) -> None:
        """Lets a machine go on. Its kubelet starts anew where its Node was deleted, and so registers again.

        Raises:
            KeyError: there is no such machine.
        """
        self.network.hear(name)
        self.kubelets[name].node.loop.resume()
        if self._core.store.get("nodes", "", name) is None:
            self._heartbeats[name].stop()
            self._register(name)

    def _register(self, name: str) -> None:
        kubelet, number = self.kubelets[name], list(self.kubelets).index(name)
        node = kubelet.node
        self.network.attach(Namespace(node.address, node=node.name))
        alone = len(self.kubelets) == 1
        registered = node.api.create(node_object(node, number, kubelet.puller.present(), alone=alone))
        node.api.update_status(registered)
        self._heartbeats[name] = Heartbeat(node, registered)
        self._heartbeats[name].start()

    def _node(self, name: str, number: int, seed: int) -> Node:
        core = self._core
        api = Local(core.api, User(f"system:node:{name}", ("system:nodes", "system:authenticated")))
        return Node(
            name=name,
            address=f"172.18.0.{2 + number}",
            capacity=capacity(),
            loop=MachineLoop(core.loop),
            store=core.store,
            api=api,
            recorder=EventRecorder(api, core.loop.clock, "kubelet", name),
            network=self.network,
            pool=AddressPool(f"10.244.{number}.0/24"),
            random=Random(seed + number + 1),
        )

    def _pod_changed(self, change: Change) -> None:
        kubelet = self.kubelets.get(change.obj["spec"].get("nodeName", ""))
        if kubelet is None:
            return
        loop = kubelet.node.loop
        if loop.suspended:
            loop.call_later(0, partial(kubelet.notice, change), "kubelet")
        else:
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
                kubelet.notice_source()  # which only plans a look

    # --- NodeServices -------------------------------------------------------------------------------------------------

    def logs(self, pod: Obj, query: LogQuery) -> bytes:
        """The log as it stands."""
        return self._reach(pod, query).logs(pod, query)

    def follow_logs(self, pod: Obj, query: LogQuery) -> Feed[bytes]:
        """The log and all that is to come."""
        return self._reach(pod, query).follow_logs(pod, query)

    def exec(self, pod: Obj, container: str, command: Sequence[str], *, stdin: bool, tty: bool) -> ExecSession:
        """Runs a command in a container."""
        return self._reach(pod).exec(pod, container, command, stdin=stdin, tty=tty)

    def attach(self, pod: Obj, container: str, *, stdin: bool, tty: bool) -> ExecSession:
        """Attaches to a container's own process."""
        return self._reach(pod).attach(pod, container, stdin=stdin, tty=tty)

    def pod_usage(self, pod: Obj) -> Mapping[str, Usage]:
        """What each running container used."""
        kubelet = self._of(pod)
        return kubelet.usage(pod) if kubelet and not kubelet.node.loop.suspended else {}

    def node_usage(self, name: str) -> Usage | None:
        """What a node used, its system included."""
        kubelet = self.kubelets.get(name)
        return kubelet.node_usage() if kubelet and not kubelet.node.loop.suspended else None

    def ports(self, pod: Obj) -> Callable[[int], PodPort]:
        """Connects to the pod's ports from inside."""
        return self._reach(pod).ports(pod)

    def http(self, pod: Obj, port: int, request: HttpRequest) -> HttpAnswer:
        """An HTTP request to a pod's own address."""
        kubelet = self._of(pod)
        if kubelet is None:
            raise ConnectionRefusedError(f"pod {pod['metadata']['name']} has no address yet")
        if kubelet.node.loop.suspended:
            words = f"dial tcp {(pod.get('status') or {}).get('podIP')}:{port}: i/o timeout"
            raise StatusError(failure(503, "ServiceUnavailable", f"error trying to reach service: {words}"))
        return kubelet.http(pod, port, request)

    def _of(self, pod: Obj) -> Kubelet | None:
        return self.kubelets.get(pod["spec"].get("nodeName", ""))

    def _reach(self, pod: Obj, query: LogQuery | None = None) -> Kubelet:
        """The pod's kubelet, as the API server finds it: by its Node.

        Raises:
            StatusError: there is no such Node, or its kubelet does not answer.
        """
        meta, name = pod["metadata"], pod["spec"].get("nodeName", "")
        if not name:
            raise StatusError(failure(400, "BadRequest", f"pod {meta['name']} does not have a host assigned"))
        if self._core.store.get("nodes", "", name) is None:
            details = {"name": name, "kind": "pods"}
            raise StatusError(failure(404, "NotFound", f'pods "{name}" not found', details))
        kubelet = self._of(pod)
        if kubelet is not None and not kubelet.node.loop.suspended:
            return kubelet
        host = kubelet.node.address if kubelet else name
        why = "net/http: TLS handshake timeout" if kubelet else f"dial tcp: lookup {name}: no such host"
        if query is None:
            raise StatusError(failure(500, "", f"error dialing backend: {why}"))
        path = f"https://{host}:10250/containerLogs/{meta['namespace']}/{meta['name']}/{query.container}"
        raise StatusError(failure(500, "", f'Get "{path}": {why}'))


def _names(count: int) -> list[str]:
    """As kind names them: a control plane, a worker, worker2, worker3 …"""
    workers = ["k8s-tutor-worker", *(f"k8s-tutor-worker{number}" for number in range(2, count))]
    return ["k8s-tutor-control-plane", *workers][:count]


# ---- The embedded Kubernetes, put together: loop, store, API server, controllers, scheduler, nodes


class EmbeddedKubernetes:
    """A whole cluster in this process, which moves only when its loop is moved.

    Attributes:
        loop: Its time.
        store: Its memory, at every revision.
        api: Its API server.
        core: What its parts share.
        controllers: Its controllers, and what each of their runs saw and did.
        scheduler: Its scheduler, and what each of its decisions weighed.
        nodes: Its machines and the network between them.

    Args:
        seed: Names, uids and addresses follow from it.
        start: Where its time begins, seconds since the Unix epoch.
        nodes: How many nodes, the control plane among them.
        strict: Raise what goes wrong inside instead of answering 500: for tests.
        providers: What it needs others for: signatures, certificates, webhooks.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        start: float = EPOCH,
        nodes: int = 3,
        strict: bool = False,
        providers: Providers | None = None,
    ) -> None:
        random = Random(seed)
        self.loop = Loop(VirtualClock(start))
        self.store = Store()
        handed = providers or Providers()
        self.api = ApiServer(self.loop, self.store, random, strict=strict, providers=handed)
        self.core = Core(self.loop, self.store, self.api, random)
        bootstrap(self.api)
        self.controllers = Controllers(self.core, signing=_signing(handed), usage=self._usage)
        self.scheduler = Scheduler(self.core)
        self.nodes = Nodes(self.core, nodes)
        self.api.nodes = self.nodes
        self.controllers.start()
        self.scheduler.start()
        self.nodes.start()

    @property
    def kinds(self) -> KindTable:
        """All kinds served now."""
        return self.api.kinds

    def authenticate(self, token: str) -> User | None:
        """Whose bearer token this is; see `ApiServer.authenticate`."""
        return self.api.authenticate(token)

    def _usage(self, pod: Obj) -> Mapping[str, Usage]:
        """Asked later than the controllers are made: the nodes come after them."""
        return self.nodes.pod_usage(pod)

    def handle(self, request: Request, user: User = ADMIN, acting_as: User | None = None) -> ServerAnswer:
        """Answers one request to the API server; see `ApiServer.handle`."""
        return self.api.handle(request, user, acting_as)


def _signing(providers: Providers) -> Signing:
    token = partial(legacy_token, TokenKey(providers.signer)) if providers.signer else None
    authority = providers.authority
    return Signing(authority.certificate.decode(), authority.sign, token) if authority else Signing(token=token)
