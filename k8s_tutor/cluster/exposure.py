"""Addresses of the simulated network, made reachable from this machine for as long as their Service has them."""

from __future__ import annotations

from k8s_tutor.cluster.loadbalancer import address_of
from k8s_tutor.cluster.pace import Pace, PaceMode
from k8s_tutor.embedded.http.fronts import Deliver, Fronts
from k8s_tutor.embedded.network.namespace import Namespace
from k8s_tutor.embedded.network.network import Network
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest
from k8s_tutor.embedded.store import Change, Store
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["Exposure"]

_THIS_MACHINE = Namespace("172.18.0.1")
"""Who asks from outside, as nodes see it: the gateway of their network, which is the machine they run on."""
_PATIENCE = 10.0  # seconds; a browser would wait longer than anybody looks at it


class Exposure:
    """Which port of 127.0.0.1 leads to which address and port of a Service; ports are opened when first asked for."""

    def __init__(self, store: Store, network: Network, pace: Pace, fronts: Fronts) -> None:
        self._network = network
        self._pace = pace
        self._fronts = fronts
        self._ports: dict[tuple[str, str, int], int] = {}
        with pace.hold():
            store.subscribe(self._follow, "services")

    def port(self, service: Obj, port: int) -> int:
        """The port on 127.0.0.1 that leads to a port of a Service's address."""
        key = (metadata.uid(service), address_of(service), port)
        with self._pace.hold():
            if key not in self._ports:
                self._ports[key] = self._fronts.open(self._deliver(*key[1:]))
            return self._ports[key]

    def _follow(self, change: Change) -> None:
        """Shuts the ports of an address that its Service has no longer."""
        uid, spec = metadata.uid(change.obj), change.obj.get("spec") or {}
        address = address_of(change.obj) if change.type != "DELETED" else ""
        open_ports = [row["port"] for row in spec.get("ports") or ()]
        for key in [key for key in self._ports if key[0] == uid and (key[1] != address or key[2] not in open_ports)]:
            self._fronts.shut(self._ports.pop(key))

    def _deliver(self, address: str, port: int) -> Deliver:
        def deliver(request: HttpRequest) -> tuple[HttpAnswer, float]:
            with self._pace.hold():
                answer, trace = self._network.request(_THIS_MACHINE, address, port, request, timeout=_PATIENCE)
                self._pace.let_pass(trace.seconds)
            return answer, trace.seconds / self._pace.speed if self._pace.mode is PaceMode.REALTIME else 0.0

        return deliver
