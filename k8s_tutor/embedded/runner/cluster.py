"""The embedded cluster as a `Cluster`: the in-process Kubernetes, its pace, its HTTP server, its kubeconfig."""

from __future__ import annotations

import atexit
import errno
import secrets
import threading
from contextlib import AbstractContextManager
from dataclasses import replace

from k8s_tutor import kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.api.cluster import Feature, FunctionImage, LeftBehind, LoadBalancers, require_worker
from k8s_tutor.api.protocol import KubeAPI
from k8s_tutor.api.runs import Decision, Run
from k8s_tutor.clock import EPOCH, Clock, RealClock
from k8s_tutor.embedded.controllers.loadbalancer import SimulatedCloud
from k8s_tutor.embedded.core import ADMIN, Providers
from k8s_tutor.embedded.http.acceptor import Deliver, LocalPorts
from k8s_tutor.embedded.http.auth import Credentials
from k8s_tutor.embedded.http.authority import Authority, RememberingAuthority, SigningKey
from k8s_tutor.embedded.http.server import HttpServer
from k8s_tutor.embedded.images import catalogue
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from k8s_tutor.embedded.names import Namespace
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest
from k8s_tutor.embedded.runner import files, storage
from k8s_tutor.embedded.runner.control import PaceClock, Replay, TimeControl, explain_astray
from k8s_tutor.embedded.runner.files import CONTEXT, explain_port, locate_file, remove, sweep
from k8s_tutor.embedded.runner.in_process import InProcessAPI, PacedCore
from k8s_tutor.embedded.runner.journal import Astray, Door, Moment
from k8s_tutor.embedded.runner.pace import Pace, PaceMode, read_pace
from k8s_tutor.embedded.runner.storage import Beginning, DiskJournal, History
from k8s_tutor.embedded.store import Change
from k8s_tutor.errors import ClusterUnavailable, UsageError
from k8s_tutor.language import Wording, msg, msg_n
from k8s_tutor.objects import metadata
from k8s_tutor.objects.services import address_of
from k8s_tutor.objects.types import Obj

__all__ = ["EmbeddedCluster", "Exposure", "make_providers"]


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
        keep: Write its journal down, so that another process can go on with it; see `storage`.

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
        keep: bool = False,
    ) -> None:
        mode = mode or read_pace()
        _check_numbers(nodes, speed)
        kubeconfig.folder()  # fails before anything runs, if at all
        now = RealClock().now()
        start = EPOCH if mode is PaceMode.AWAITED else now
        self._beginning = Beginning(seed, start, nodes, secrets.token_bytes(32), Authority(now))
        self.door = Door(_call_webhook, self._released)
        self.credentials = Credentials.make(self._beginning.authority)
        self._signer = RememberingAuthority(self._beginning.authority)
        self.door.kubernetes = self._made(self._beginning, self._signer)
        self._keeps, self._who = keep, ("", "")
        self._journal: DiskJournal | None = None
        self.resumed: LeftBehind | None = None
        if keep:
            self._keep(DiskJournal(self._beginning)).follow(self.kubernetes.store, fresh=True)
        self.pace = Pace(self.kubernetes.loop, mode, speed)
        self.pace.stepped = self.door.mark
        self.pace.patient = lambda: self.door.kubernetes.api.asks_outside()  # noqa: PLW0108  of whichever is there
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
            self._beginning.nodes,
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

    def _made(self, beginning: Beginning, signer: RememberingAuthority) -> EmbeddedKubernetes:
        """The engine as it is at the beginning."""
        providers = Providers(SigningKey(beginning.secret), signer, self.door.call_webhook)
        start, nodes = beginning.start, beginning.nodes
        kubernetes = EmbeddedKubernetes(seed=beginning.seed, start=start, nodes=nodes, providers=providers)
        kubernetes.api.know(self.credentials.token, ADMIN)
        kubernetes.api.released = self.door.released
        return kubernetes

    def _released(self) -> AbstractContextManager[None]:
        return self.pace.released()

    def turn_back(self, moment: Moment) -> None:
        """Makes the cluster what it was at a moment, by playing its journal to a fresh engine; what came later is gone.

        Raises:
            Astray: the journal does not lead there; the cluster stays as it is.
        """
        with self.pace.hold():
            replay = Replay(self.door, self._made(self._beginning, self._signer))
            replay.run(moment)
            self.door.fork(replay.kubernetes, moment)
            self._adopt()

    def _adopt(self) -> None:
        """Another engine is behind the door."""
        self.pace.adopt(self.kubernetes.loop)
        self._exposure.adopt()
        if self._journal is not None:
            self._journal.follow(self.kubernetes.store)

    # ---- kept on disk: see `KeepsClusters`

    def _keep(self, journal: DiskJournal) -> DiskJournal:
        self.door.keeper = self._journal = journal
        self._signer.tell = journal.sign
        return journal

    def remember(self, learner: str, lesson: str) -> None:
        """See `KeepsClusters.remember`."""
        with self.pace.hold():
            self._who = (learner, lesson)
            if self._journal is not None:
                self._journal.remember(learner, lesson)

    def trouble(self) -> Wording:
        """See `KeepsClusters.trouble`."""
        return self._journal.trouble if self._journal is not None else ""

    def left_behind(self, learner: str) -> LeftBehind | None:
        """See `KeepsClusters.left_behind`."""
        found = files.find_journals(learner) if self._keeps else []
        return next((journal.left for journal in found if not journal.in_use), None)

    def resume(self, learner: str) -> LeftBehind:
        """See `KeepsClusters.resume`."""
        if self.resumed is not None:
            return self.resumed
        chosen = files.choose_journal(learner)
        history = storage.read(chosen.path, RealClock().now())
        with self.pace.hold():
            try:
                self._go_on(history)
            except Astray as astray:
                files.release(history.path, history.lock)
                raise explain_astray(history.beginning.version, astray.args[0]) from None
        self._certify()
        self.resumed = replace(chosen.left, functions=history.functions)
        return self.resumed

    def _go_on(self, history: History) -> None:
        """Plays the journal to a fresh engine, and goes on with that one, writing on in the same file."""
        signer = RememberingAuthority(history.beginning.authority, history.signed)
        replay = Replay(self.door, self._made(history.beginning, signer), history.entries)
        replay.run(history.moment)
        if self._journal is not None:
            self._journal.close()
        self._beginning, self._signer = history.beginning, signer
        self.time.began = history.beginning.start
        self._keep(DiskJournal(history.beginning)).go_on_in(history)
        replay.take_over()
        self._adopt()
        self.remember(*self._who)

    def _certify(self) -> None:
        """Is known by certificates of the authority that it has now; the token stays."""
        made = Credentials.make(self._beginning.authority)
        self.credentials = replace(made, token=self.credentials.token)
        self._server.adopt(self.credentials)
        kubeconfig.write(self.kubeconfig, _entry(self._server.url, self.credentials))

    def close(self) -> None:
        """Stops its threads, closes its port, removes its kubeconfig. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        kubeconfig.forget(self.kubeconfig)
        self._server.close()
        self.pace.close()
        self.door.keeper = None
        if self._journal is not None:
            self._journal.close()
        remove(self.kubeconfig)

    def leave_to_parent(self) -> None:
        """See `forks`."""
        self._closed = True
        self.door.keeper = self._journal = None
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
