"""The embedded cluster as a `Cluster`: the in-process Kubernetes, its pace, its HTTP door, its kubeconfig."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import KubeAPI, Request
from k8s_tutor.clock import EPOCH, Clock, RealClock
from k8s_tutor.cluster import kubeconfig
from k8s_tutor.cluster.embedded_files import file_for, remove, sweep
from k8s_tutor.cluster.exposure import Exposure
from k8s_tutor.cluster.inprocess import InProcessAPI
from k8s_tutor.cluster.loadbalancer import LoadBalancers
from k8s_tutor.cluster.pace import Pace, PaceClock, PaceMode
from k8s_tutor.cluster.protocol import Feature
from k8s_tutor.cluster.simulated_cloud import SimulatedCloud
from k8s_tutor.embedded.authority import Authority
from k8s_tutor.embedded.core import ADMIN, Answer, ApiHandler, User
from k8s_tutor.embedded.http.credentials import Credentials
from k8s_tutor.embedded.http.server import HttpServer
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from k8s_tutor.errors import UsageError
from k8s_tutor.objects.spelling import nearest
from k8s_tutor.observe.runs import Run

__all__ = ["CONTEXT", "EmbeddedCluster", "PacedDoor", "pace_from_environment"]

CONTEXT = "k8s-tutor-embedded"
_NODES = 3
_READ, _WRITE = 0.1, 0.5  # seconds of awaited time that a request from outside takes
_DISCOVERY_DEPTH = 3  # slashes in /apis/GROUP/VERSION; what a client asks there depends on its cache


class PacedDoor:
    """The core for the HTTP thread: every touch goes through the pace's lock."""

    def __init__(self, server: ApiHandler, pace: Pace) -> None:
        self._server = server
        self._pace = pace

    def authenticate(self, token: str) -> User | None:
        """See `Door.authenticate`."""
        with self._pace.hold():
            return self._server.authenticate(token)

    def handle(self, request: Request, user: User, acting_as: User | None = None) -> Answer:
        """See `Door.handle`.

        Another program never asks twice in one instant: without a moment passing, one that writes and then reads, or
        polls, would meet a cluster that stands still. The same requests make the same time pass on any machine.
        """
        with self._pace.hold():
            if request.method == "GET":
                if request.path.count("/") > _DISCOVERY_DEPTH:
                    self._pace.let_pass(_READ)
                return self._server.handle(request, user, acting_as)
            answer = self._server.handle(request, user, acting_as)
            self._pace.let_pass(_WRITE)
            return answer

    def patient(self) -> bool:
        """See `Door.patient`."""
        with self._pace.hold():
            return self._pace.patient()

    def hold(self) -> AbstractContextManager[None]:
        """See `Door.hold`."""
        return self._pace.hold()

    def outsider(self) -> AbstractContextManager[None]:
        """See `Door.outsider`."""
        return self._pace.outsider()


class EmbeddedCluster:
    """An in-process Kubernetes that needs nothing installed.

    Attributes:
        kubernetes: Its insides: loop, store, API server. For the stepper and for tests.
        pace: Who moves its time.
        credentials: Certificates and token of its HTTP door.

    Args:
        mode: Who moves its time; None for what `K8S_TUTOR_PACE` says.
        seed: Names, uids and addresses follow from it.
        speed: Of its time, where it moves by itself.
        runtime_config: API versions to serve that this release has removed; see `EmbeddedKubernetes`.

    Raises:
        UsageError: no such pace, or `runtime_config` names what cannot be switched on.
    """

    name = "embedded"
    title = f"embedded (in-process Kubernetes 1.37, {_NODES} nodes)"
    context = CONTEXT
    features: frozenset[Feature] = frozenset(
        {
            Feature.TIME_TRAVEL,
            Feature.TRAFFIC_TRACE,
            Feature.DETERMINISTIC,
            Feature.REACHABLE_LOAD_BALANCER,
            Feature.CONTROLLER_RUNS,
        }
    )

    def __init__(
        self,
        mode: PaceMode | None = None,
        *,
        seed: int = 0,
        speed: float = 1.0,
        runtime_config: Mapping[str, bool] | None = None,
    ) -> None:
        mode = mode or pace_from_environment()
        kubeconfig.folder()  # fails before anything runs, if at all
        start = EPOCH if mode is PaceMode.AWAITED else RealClock().now()
        authority = Authority(RealClock().now())
        self.kubernetes = EmbeddedKubernetes(
            seed=seed, start=start, nodes=_NODES, authority=authority, runtime_config=runtime_config
        )
        self.pace = Pace(self.kubernetes.loop, mode, speed)
        self.pace.patient = self.kubernetes.api.asks_outside
        self.kubernetes.api.released = self.pace.released
        self.clock: Clock = PaceClock(self.pace)
        self.api: KubeAPI = InProcessAPI(self.kubernetes, self.pace)
        self.credentials = Credentials.make(authority)
        self.kubernetes.api.know(self.credentials.token, ADMIN)
        self._server = HttpServer(PacedDoor(self.kubernetes, self.pace), self.credentials)
        self.kubeconfig = file_for(self._server.port)
        kubeconfig.write(self.kubeconfig, _entry(self._server.url, self.credentials))
        self.load_balancers: LoadBalancers = self._cloud()
        self._closed = False
        atexit.register(self.close)
        threading.Thread(target=sweep, name="k8s-tutor-sweep", daemon=True).start()

    def _cloud(self) -> SimulatedCloud:
        inside = self.kubernetes
        exposure = Exposure(inside.store, inside.nodes.network, self.pace, self._server.fronts)
        return SimulatedCloud(Client(self.api, inside.kinds), self.clock, exposure.port)

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

    def controller_runs(self, controller: str, namespace: str, name: str) -> tuple[Run, ...]:
        """See `RecordsRuns.controller_runs`."""
        from k8s_tutor.cluster.controllerruns import told  # noqa: PLC0415

        with self.pace.hold():
            runs = tuple(self.kubernetes.controllers.runs)
        return told(runs, controller, namespace, name)

    def alive(self) -> bool:
        """Whether it is still open."""
        return not self._closed

    def delete(self) -> None:
        """The same as `close`: an embedded cluster lives in its process only."""
        self.close()


def pace_from_environment() -> PaceMode:
    """`K8S_TUTOR_PACE`, else real time.

    Raises:
        UsageError: no such pace.
    """
    word = os.environ.get("K8S_TUTOR_PACE", "") or PaceMode.REALTIME
    try:
        return PaceMode(word)
    except ValueError:
        near = nearest(word, list(PaceMode))
        raise UsageError(
            f'K8S_TUTOR_PACE is "{word}", which is no pace',
            why=f"paces are {', '.join(PaceMode)}",
            next_step=f'did you mean "{near}"?' if near else "unset it for real time",
        ) from None


def _entry(server: str, credentials: Credentials) -> kubeconfig.Entry:
    return kubeconfig.Entry(
        CONTEXT,
        {"server": server, "certificate-authority-data": kubeconfig.inline(credentials.ca)},
        {
            "client-certificate-data": kubeconfig.inline(credentials.client),
            "client-key-data": kubeconfig.inline(credentials.client_key),
            "token": credentials.token,
        },
        "default",
    )
