"""The embedded cluster as a `Cluster`: the in-process Kubernetes, its pace, its HTTP server, its kubeconfig."""

from __future__ import annotations

import atexit
import errno
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial

from k8s_tutor import kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.api.cluster import (
    LOAD_BALANCERS_OFF,
    Feature,
    FunctionImage,
    LoadBalancers,
    describe_load_balancers,
    require_worker,
)
from k8s_tutor.api.follow import Selection, wait_until
from k8s_tutor.api.protocol import KubeAPI
from k8s_tutor.api.runs import Decision, Run
from k8s_tutor.clock import EPOCH, Clock, RealClock
from k8s_tutor.embedded.controllers.loadbalancer import FINALIZER, POOL, SWITCH, switch
from k8s_tutor.embedded.core import ADMIN, Providers
from k8s_tutor.embedded.http.acceptor import Deliver, LocalPorts
from k8s_tutor.embedded.http.auth import Credentials
from k8s_tutor.embedded.http.authority import Authority, SigningKey
from k8s_tutor.embedded.http.server import HttpServer
from k8s_tutor.embedded.images import catalogue
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from k8s_tutor.embedded.names import Namespace
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest
from k8s_tutor.embedded.runner import files
from k8s_tutor.embedded.runner.control import PaceClock, Replay, TimeControl
from k8s_tutor.embedded.runner.files import CONTEXT, explain_port, locate_file, remove, sweep
from k8s_tutor.embedded.runner.in_process import InProcessAPI, PacedCore
from k8s_tutor.embedded.runner.journal import Door, Moment, RememberingAuthority
from k8s_tutor.embedded.runner.pace import Pace, PaceMode, read_pace
from k8s_tutor.embedded.store import Change
from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.language import msg, msg_n
from k8s_tutor.objects import metadata
from k8s_tutor.objects.services import address_of
from k8s_tutor.objects.types import Obj

__all__ = ["EmbeddedCluster", "Exposure", "SimulatedCloud", "make_providers"]


# ---- What the engine is handed: a key for tokens, a certificate authority, calls to webhooks


def make_providers(secret: bytes, authority: Authority | None = None) -> Providers:
    """All that the engine can be handed.

    Args:
        secret: The key that signs tokens follows from it.
        authority: Signs users' certificates.
    """
    return Providers(SigningKey(secret), authority, _call_webhook)


def _call_webhook(settings: Obj, review: Obj) -> bytes:
    from k8s_tutor.embedded.http.webhook_client import post  # noqa: PLC0415  # for who has a webhook

    return post(settings, review)


# ---- The embedded cluster's load balancers: a simulated cloud, switched on and off by a ConfigMap

_RELEASED_WITHIN = 10.0  # seconds of the cluster's time; the controller needs a few milliseconds

Expose = Callable[[Obj, int], int]
"""Makes a port of a Service's address reachable; returns the port on 127.0.0.1 that leads there."""


class SimulatedCloud:
    """Load balancers with addresses of the simulated network, each reachable at a port of 127.0.0.1."""

    def __init__(self, client: Client, clock: Clock, expose: Expose) -> None:
        self._client = client
        self._clock = clock
        self._expose = expose

    def switch(self, *, on: bool) -> str:
        """See `LoadBalancers.switch`."""
        return self._on() if on else self._off()

    def url(self, service: Obj, port: int) -> str:
        """See `LoadBalancers.url`."""
        return f"http://127.0.0.1:{self._expose(service, port)}"

    def _on(self) -> str:
        if self._client.find("configmap", SWITCH.name, SWITCH.namespace) is None:
            self._client.create(switch(), SWITCH.namespace)
        return describe_load_balancers(str(POOL), msg("a simulated cloud"))

    def _off(self) -> str:
        if self._client.find("configmap", SWITCH.name, SWITCH.namespace) is not None:
            self._client.delete("configmap", SWITCH.name, SWITCH.namespace)
        deadline = self._clock.now() + _RELEASED_WITHIN
        if not wait_until(self._client, self._clock, Selection("services"), _none_held, deadline):
            raise ClusterUnavailable(
                msg("the simulated cloud has not taken its addresses back yet"),
                why=msg("its controller has had no time to: the cluster's clock stands still"),
                next_step=msg("let the time of the cluster go on"),
            )
        return str(LOAD_BALANCERS_OFF)


def _none_held(services: Sequence[Obj]) -> bool:
    return not any(FINALIZER in (service["metadata"].get("finalizers") or ()) for service in services)


# ---- The embedded cluster as a `Cluster`: the in-process Kubernetes, its pace, its HTTP server, its kubeconfig

# ---- Addresses of the simulated network, made reachable from this machine for as long as their Service has them

_THIS_MACHINE = Namespace("172.18.0.1")
"""Who asks from outside, as nodes see it: the gateway of their network, which is the machine they run on."""
_PATIENCE = 10.0  # seconds; a browser would wait longer than anybody looks at it


class Exposure:
    """Which port of 127.0.0.1 leads to which address and port of a Service; ports are opened when first asked for."""

    def __init__(self, door: Door, pace: Pace, local_ports: LocalPorts) -> None:
        self._door = door
        self._pace = pace
        self._local_ports = local_ports
        self._ports: dict[tuple[str, str, int], int] = {}
        with pace.hold():
            self.adopt()

    def adopt(self) -> None:
        """Follows the Services of the cluster that is behind the door now; shuts ports of those that it has not."""
        store = self._door.kubernetes.store
        store.subscribe(self._follow, "services")
        for key in [key for key in self._ports if store.by_uid(key[0]) is None]:
            self._local_ports.shut(self._ports.pop(key))

    def port(self, service: Obj, port: int) -> int:
        """The port on 127.0.0.1 that leads to a port of a Service's address."""
        key = (metadata.uid(service), address_of(service), port)
        with self._pace.hold():
            if key not in self._ports:
                self._ports[key] = self._local_ports.open(self._deliver(*key[1:]))
            return self._ports[key]

    def _follow(self, change: Change) -> None:
        """Shuts the ports of an address that its Service has no longer."""
        uid, spec = metadata.uid(change.obj), change.obj.get("spec") or {}
        address = address_of(change.obj) if change.type != "DELETED" else ""
        open_ports = [row["port"] for row in spec.get("ports") or ()]
        for key in [key for key in self._ports if key[0] == uid and (key[1] != address or key[2] not in open_ports)]:
            self._local_ports.shut(self._ports.pop(key))

    def _deliver(self, address: str, port: int) -> Deliver:
        def deliver(request: HttpRequest) -> tuple[HttpAnswer, float]:
            with self._pace.hold():
                answer, trace = self._door.ask_network(_THIS_MACHINE, address, port, request, _PATIENCE)
                self._pace.let_pass(trace.seconds)
            return answer, trace.seconds / self._pace.speed if self._pace.mode is PaceMode.REALTIME else 0.0

        return deliver


# ---- The embedded cluster as a `Cluster`: the in-process Kubernetes, its pace, its HTTP server, its kubeconfig

_MOST_NODES = 200  # their addresses are 172.18.0.2 and on


class EmbeddedCluster:
    """An in-process Kubernetes that needs nothing installed.

    Attributes:
        pace: Who moves its time.
        door: The way in from outside, with the journal of what came through it.
        time: What pauses it, steps it and lets it go on.
        credentials: Certificates and token of its HTTP server.

    Args:
        mode: Who moves its time; None for what `K8S_TUTOR_PACE` says.
        seed: Names, uids and addresses follow from it.
        speed: Of its time, where it moves by itself.
        nodes: How many machines it has, the control plane among them.
        port: Where on 127.0.0.1 it answers; 0 for any that is free.

    Raises:
        UsageError: no such pace; a number that cannot be; a port that is taken.
    """

    name = "embedded"
    context = CONTEXT
    namespace = "default"
    features = frozenset(Feature)  # all there are
    known_images = staticmethod(catalogue.known_images)

    def __init__(
        self,
        mode: PaceMode | None = None,
        *,
        seed: int = 0,
        speed: float = 1.0,
        nodes: int = 3,
        port: int = 0,
    ) -> None:
        mode = mode or read_pace()
        _check_numbers(nodes, speed)
        self._nodes = nodes
        kubeconfig.folder()  # fails before anything runs, if at all
        start = EPOCH if mode is PaceMode.AWAITED else RealClock().now()
        authority = Authority(RealClock().now())
        self.door = Door(_call_webhook, self._released)
        signer = SigningKey(secrets.token_bytes(32))
        providers = Providers(signer, RememberingAuthority(authority), self.door.call_webhook)
        self.credentials = Credentials.make(authority)
        self._make = partial(EmbeddedKubernetes, seed=seed, start=start, nodes=nodes, providers=providers)
        self.door.kubernetes = self._made()
        self.pace = Pace(self.kubernetes.loop, mode, speed)
        self.pace.patient = self._asks_outside
        self.clock: Clock = PaceClock(self.pace)
        self.time = TimeControl(self.pace, self.door, self.turn_back)
        self.api: KubeAPI = InProcessAPI(self.door, self.pace)
        self._server = self._open(port)
        self.kubeconfig = locate_file(self._server.port)
        self._write_kubeconfig()
        self.load_balancers: LoadBalancers = self._cloud()
        self._closed = False
        atexit.register(self.close)
        files.know(self)
        threading.Thread(target=sweep, name="k8s-tutor-sweep", daemon=True).start()

    def _open(self, port: int) -> HttpServer:
        try:
            return HttpServer(PacedCore(self.door, self.pace), self.credentials, port)
        except (OSError, OverflowError) as error:
            self.pace.close()
            if getattr(error, "errno", 0) in (errno.EMFILE, errno.ENFILE):  # who holds the port cannot be asked, either
                raise ClusterUnavailable(
                    msg("the embedded cluster cannot open its port"),
                    why=str(error.strerror if isinstance(error, OSError) else error),
                    next_step=msg("too many open files? close some, or allow more: ulimit -n 1024"),
                ) from None
            raise explain_port(port, error) from error

    @property
    def title(self) -> str:
        """See `Cluster`."""
        words = msg_n(
            "embedded (in-process Kubernetes 1.37, {n} node)",
            "embedded (in-process Kubernetes 1.37, {n} nodes)",
            self._nodes,
        )
        return str(words)

    @property
    def url(self) -> str:
        """Where it answers: `https://127.0.0.1:PORT`."""
        return self._server.url

    def _write_kubeconfig(self) -> None:
        try:
            kubeconfig.write(self.kubeconfig, _entry(self._server.url, self.credentials))
        except UsageError:
            self._server.close()
            self.pace.close()
            raise

    def _cloud(self) -> SimulatedCloud:
        self._exposure = Exposure(self.door, self.pace, self._server.local_ports)
        return SimulatedCloud(Client(self.api, self.kubernetes.kinds), self.clock, self._exposure.port)

    @property
    def kubernetes(self) -> EmbeddedKubernetes:
        """Its insides: loop, store, API server; others after time was turned back. For the stepper and for tests."""
        return self.door.kubernetes

    def _made(self) -> EmbeddedKubernetes:
        """The engine as it is at the beginning."""
        kubernetes = self._make()
        kubernetes.api.know(self.credentials.token, ADMIN)
        kubernetes.api.released = self.door.released
        return kubernetes

    def _released(self) -> AbstractContextManager[None]:
        return self.pace.released()

    def _asks_outside(self) -> bool:
        return self.kubernetes.api.asks_outside()

    def turn_back(self, moment: Moment) -> None:
        """Makes the cluster what it was at a moment, by playing its journal to a fresh engine; what came later is gone.

        Raises:
            Astray: the journal does not lead there; the cluster stays as it is.
        """
        with self.pace.hold():
            replay = Replay(self.door, self._made())
            replay.run(moment)
            self.door.fork(replay.kubernetes, moment)
            self.pace.adopt(self.kubernetes.loop)
            self._exposure.adopt()

    def close(self) -> None:
        """Stops its threads, closes its port, removes its kubeconfig. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        kubeconfig.forget(self.kubeconfig)
        self._server.close()
        self.pace.close()
        remove(self.kubeconfig)

    def leave_to_parent(self) -> None:
        """See `forks`."""
        self._closed = True
        atexit.unregister(self.close)
        self.pace.leave_to_parent()
        self._server.leave_to_parent()

    def controller_runs(self, controller: str, namespace: str, name: str) -> tuple[Run, ...]:
        """See `RecordsRuns.controller_runs`."""
        from k8s_tutor.embedded.runner.controller_runs import describe_runs  # noqa: PLC0415

        with self.pace.hold():
            runs = tuple(self.kubernetes.controllers.runs)
        return describe_runs(runs, controller, namespace, name)

    def scheduler_decisions(self, uid: str) -> tuple[Decision, ...]:
        """See `RecordsDecisions.scheduler_decisions`."""
        with self.pace.hold():
            return tuple(decision for decision in self.kubernetes.scheduler.decisions if decision.uid == uid)

    def switch_node(self, name: str, *, on: bool) -> None:
        """See `SwitchesNodes.switch_node`."""
        with self.pace.hold():
            self.door.switch_node(require_worker(name, self.kubernetes.nodes.workers), on=on)

    def load_image(self, image: FunctionImage) -> None:
        """See `RunsFunctions.load_image`."""
        with self.pace.hold():
            self.door.load_image(image)

    def alive(self) -> bool:
        """Whether it is still open."""
        return not self._closed

    def delete(self) -> None:
        """The same as `close`: an embedded cluster lives in its process only."""
        self.close()


def _check_numbers(nodes: int, speed: float) -> None:
    if not 1 <= nodes <= _MOST_NODES:
        raise UsageError(
            msg("a cluster of {nodes} nodes cannot be", nodes=nodes),
            why=msg("it has 1 to {most_nodes}", most_nodes=_MOST_NODES),
        )
    if not 0 < speed < float("inf"):
        why = msg("1 is as on the wall clock, 2 twice as fast")
        raise UsageError(msg("time cannot pass at speed {speed}", speed=speed), why=why)


def _entry(server: str, credentials: Credentials) -> kubeconfig.KubeconfigEntry:
    return kubeconfig.KubeconfigEntry(
        CONTEXT,
        {"server": server, "certificate-authority-data": kubeconfig.inline(credentials.ca)},
        {
            "client-certificate-data": kubeconfig.inline(credentials.client),
            "client-key-data": kubeconfig.inline(credentials.client_key),
            "token": credentials.token,
        },
        "default",
    )
