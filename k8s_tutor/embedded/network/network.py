"""Requests through the simulated network: name → address → Service → endpoint → pod, every hop in a trace."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from random import Random

from k8s_tutor.embedded.loop import Loop
from k8s_tutor.embedded.network import names
from k8s_tutor.embedded.network.faults import Broken, Fault, Refused, TimedOut, UnknownHost
from k8s_tutor.embedded.network.namespace import Namespace
from k8s_tutor.embedded.network.proxy import ServiceProxy
from k8s_tutor.embedded.network.trace import Trace
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest
from k8s_tutor.embedded.store import Store

__all__ = ["Network"]

_HOP = 0.0005  # seconds one way between two pods; what a small cluster on one machine shows
_CONNECT_TIMEOUT = 130.0  # Linux gives up on a silent address after about two minutes


@dataclass(slots=True)
class _Call:
    """One request on its way."""

    source: Namespace
    host: str
    port: int
    timeout: float
    trace: Trace


class Network:
    """All addresses of the cluster.

    Attributes:
        proxy: What kube-proxy does on every node.
    """

    def __init__(self, store: Store, loop: Loop, random: Random) -> None:
        self._store = store
        self._loop = loop
        self._namespaces: dict[str, Namespace] = {}
        self.proxy = ServiceProxy(store, loop, random)

    def attach(self, namespace: Namespace) -> None:
        """Makes an address reachable."""
        self._namespaces[namespace.address] = namespace

    def detach(self, namespace: Namespace) -> None:
        """Takes an address away."""
        self._namespaces.pop(namespace.address, None)

    def at(self, address: str) -> Namespace | None:
        """Who has an address."""
        return self._namespaces.get(address)

    def resolve(self, name: str, source: Namespace) -> list[str]:
        """The addresses of a name as a pod sees them.

        Raises:
            UnknownHost: no such name.
        """
        if _is_address(name):
            return [name]
        if name == source.pod:
            return [source.address]
        if address := dict(source.resolver.hosts).get(name):
            return [address]
        for candidate in source.resolver.candidates(name):
            if found := names.lookup(self._store, candidate):
                return found
        raise UnknownHost(name, "", 0, 2 * _HOP)

    def request(
        self, source: Namespace, host: str, port: int, request: HttpRequest, *, timeout: float = _CONNECT_TIMEOUT
    ) -> tuple[HttpAnswer, Trace]:
        """Sends a request and gives the answer with the way it took.

        Takes no virtual time by itself; `trace.seconds` says how long it would have taken, and whoever waits, waits
        that long.

        Raises:
            Fault: no answer; the fault has a `trace` too.
        """
        call = _Call(source, host, port, timeout, Trace())
        call.trace.add("client", source.pod or source.node or "client", source.address)
        try:
            return self._deliver(call, request), call.trace
        except Fault as fault:
            call.trace.seconds = fault.seconds
            call.trace.outcome = _OUTCOMES[type(fault)]
            fault.trace = call.trace
            raise

    def _deliver(self, call: _Call, request: HttpRequest) -> HttpAnswer:
        target, address, port = self._route(call)
        if target is None:
            raise TimedOut(call.host, address, call.port, min(call.timeout, _CONNECT_TIMEOUT))
        listener = target.listeners.get(port)
        call.trace.add("pod" if target.pod else "node", target.pod or target.node, f"{target.address}:{port}")
        if listener is None:
            raise Refused(call.host, address, call.port, 2 * _HOP)
        reply = listener[1](request, call.source.address)
        seconds = 4 * _HOP + reply.seconds
        if reply.answer is None:
            raise Broken(call.host, address, call.port, seconds)
        if seconds > call.timeout:
            raise TimedOut(call.host, address, call.port, call.timeout)
        call.trace.seconds = seconds
        call.trace.outcome = str(reply.answer.code)
        return reply.answer

    def _route(self, call: _Call) -> tuple[Namespace | None, str, int]:
        """Who gets the request: the namespace (None: nobody there), the address asked for, the port there."""
        address = self._address(call)
        if address.startswith("127."):
            return call.source, address, call.port
        route = self.proxy.route(address, call.port, call.source, self._namespaces.get(address), call.trace)
        if route is None:
            return self._namespaces.get(address), address, call.port
        if route.endpoint is None:
            raise Refused(call.host, address, call.port, 2 * _HOP)
        return self._namespaces.get(route.endpoint.address), address, route.endpoint.port

    def _address(self, call: _Call) -> str:
        if _is_address(call.host):
            return call.host
        try:
            found = self.resolve(call.host, call.source)
        except UnknownHost:
            raise UnknownHost(call.host, "", call.port, 2 * _HOP) from None
        if found[0] != "127.0.0.1":
            call.trace.add("dns", call.host, found[0], f"{call.host} is {', '.join(found)}")
        return found[0]


_OUTCOMES: dict[type[Fault], str] = {
    Refused: "refused",
    TimedOut: "timed out",
    UnknownHost: "unknown host",
    Broken: "broken",
}


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
