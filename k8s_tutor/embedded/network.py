"""Requests through the simulated network: name → address → Service → endpoint → pod, every hop in a trace.

Law: reads Services and EndpointSlices from the store and writes nothing. Every choice comes from the seed.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from random import Random

from k8s_tutor.embedded import names
from k8s_tutor.embedded.core import Loop
from k8s_tutor.embedded.names import Endpoint, Namespace, endpoints_of
from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

__all__ = ["Broken", "Fault", "Hop", "Network", "Refused", "Route", "ServiceProxy", "TimedOut", "Trace", "UnknownHost"]


# ---- The way of one request: every hop, so that a picture can show it and a learner can follow it


@dataclass(frozen=True, slots=True)
class Hop:
    """One step.

    Attributes:
        kind: `client`, `dns`, `loadbalancer`, `node`, `service`, `endpoint`, `pod`.
        name: What it is called: `namespace/name` of an object, or a DNS name.
        address: `10.96.0.12:80`, where there is one.
        note: What was decided there, in words.
    """

    kind: str
    name: str
    address: str = ""
    note: str = ""


@dataclass(slots=True)
class Trace:
    """Hops in order, the end of it in words, and how many virtual seconds it took.

    Attributes:
        outcome: `200`, `refused`, `timed out`, `unknown host`, `broken`.
    """

    hops: list[Hop] = field(default_factory=list)
    outcome: str = ""
    seconds: float = 0.0

    def add(self, kind: str, name: str, address: str = "", note: str = "") -> None:
        """Adds a hop."""
        self.hops.append(Hop(kind, name, address, note))


# ---- Why a request got no answer. Each tool has its own words for it; the facts are here


class Fault(Exception):
    """No answer.

    Attributes:
        host: As the caller wrote it.
        address: What it resolved to, empty where it did not.
        port: The port asked for.
        seconds: How long it took to fail.
        trace: The hops up to there, once the network has let go of it.
    """

    trace: Trace | None = None

    def __init__(self, host: str, address: str, port: int, seconds: float) -> None:
        super().__init__(f"{type(self).__name__}: {host}:{port}")
        self.host = host
        self.address = address
        self.port = port
        self.seconds = seconds


class Refused(Fault):
    """The address is there and nothing listens on the port (or a Service has no ready endpoint)."""


class TimedOut(Fault):
    """Nobody at that address, or the answer took too long."""


class UnknownHost(Fault):
    """No such name."""


class Broken(Fault):
    """The other side closed the connection without an answer."""


# ---- Requests through the simulated network: name → address → Service → endpoint → pod, every hop in a trace

# ---- What kube-proxy does on every node: a Service's address and port become one of its ready endpoints, at random
#
# Source of the rules: kubernetes.io/docs/reference/networking/virtual-ips (iptables mode): equal chances for every
# endpoint, ClientIP affinity for `timeoutSeconds`; `internalTrafficPolicy` and `externalTrafficPolicy` Local keep to
# the node's own.


@dataclass(frozen=True, slots=True)
class Route:
    """A Service took the request; without an endpoint the connection is refused."""

    service: Obj
    endpoint: Endpoint | None


@dataclass(frozen=True, slots=True)
class _Match:
    service: Obj
    port: Obj
    external: bool


class ServiceProxy:
    """Routes by Services. Chooses from the seed; remembers clients of Services with session affinity."""

    def __init__(self, store: Store, loop: Loop, random: Random) -> None:
        self._store = store
        self._loop = loop
        self._random = random
        self._sessions: dict[tuple[str, str, str], tuple[str, float]] = {}

    def route(self, address: str, port: int, source: Namespace, owner: Namespace | None, trace: Trace) -> Route | None:
        """The Service behind an address and port, and its choice; None where no Service has them.

        Args:
            address: As dialled: a cluster IP, a load balancer's address, or a node's.
            port: As dialled.
            source: Who asks.
            owner: Who has the address, for node ports.
            trace: Gets the hops.
        """
        node = owner.node if owner is not None and not owner.pod else ""
        match = self._match(address, port, bool(node))
        if match is None:
            return None
        self._note(match, address, port, node, trace)
        found = self._allowed(
            match, endpoints_of(self._store, match.service, match.port.get("name") or ""), node, source
        )
        if not found:
            return Route(match.service, None)
        chosen = self._choose(match, found, source.address)
        trace.add("endpoint", chosen.pod, f"{chosen.address}:{chosen.port}", f"1 of {len(found)}")
        return Route(match.service, chosen)

    def _match(self, address: str, port: int, is_node: bool) -> _Match | None:
        for service in self._store.list("services"):
            spec = service["spec"]
            ingress = (service.get("status", {}).get("loadBalancer") or {}).get("ingress") or []
            internal = address in (spec.get("clusterIPs") or [spec.get("clusterIP")])
            external = address in (spec.get("externalIPs") or []) or any(one.get("ip") == address for one in ingress)
            for entry in spec.get("ports") or []:
                if (internal or external) and entry["port"] == port:
                    return _Match(service, entry, external)
                if is_node and entry.get("nodePort") == port:
                    return _Match(service, entry, True)
        return None

    def _note(self, match: _Match, address: str, port: int, node: str, trace: Trace) -> None:
        meta = match.service["metadata"]
        if node:
            trace.add("node", node, f"{address}:{port}", "node port")
        elif match.external:
            trace.add("loadbalancer", f"{meta['namespace']}/{meta['name']}", f"{address}:{port}")
        cluster_ip = match.service["spec"].get("clusterIP", "")
        trace.add("service", f"{meta['namespace']}/{meta['name']}", f"{cluster_ip}:{match.port['port']}")

    def _allowed(self, match: _Match, found: list[Endpoint], node: str, source: Namespace) -> list[Endpoint]:
        spec = match.service["spec"]
        if match.external:
            local = spec.get("externalTrafficPolicy") == "Local"
            return [one for one in found if one.node == node] if local and node else found
        if spec.get("internalTrafficPolicy") == "Local":
            return [one for one in found if one.node == source.node]
        return found

    def _choose(self, match: _Match, found: list[Endpoint], client: str) -> Endpoint:
        spec = match.service["spec"]
        if spec.get("sessionAffinity") != "ClientIP":
            return self._random.choice(found)
        key = (match.service["metadata"]["uid"], match.port.get("name") or "", client)
        now = self._loop.now()
        timeout = ((spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}).get("timeoutSeconds", 10800)
        address, since = self._sessions.get(key, ("", now))
        kept = [one for one in found if one.address == address] if now - since <= timeout else []
        chosen = kept[0] if kept else self._random.choice(found)
        self._sessions[key] = (chosen.address, now)
        return chosen


# ---- Requests through the simulated network: name → address → Service → endpoint → pod, every hop in a trace

_MOST_ALIASES = 8
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
        self._silent: set[str] = set()
        self.proxy = ServiceProxy(store, loop, random)

    def attach(self, namespace: Namespace) -> None:
        """Makes an address reachable."""
        self._namespaces[namespace.address] = namespace

    def detach(self, namespace: Namespace) -> None:
        """Takes an address away."""
        self._namespaces.pop(namespace.address, None)

    def silence(self, node: str) -> None:
        """Nobody on this node answers any more; its addresses stay its own."""
        self._silent.add(node)

    def hear(self, node: str) -> None:
        """The node answers again."""
        self._silent.discard(node)

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
        if target is None or target.node in self._silent:
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
        local = address.startswith("127.")
        # A node's loopback has its node ports and its pods' host ports, too (kube-proxy in iptables mode, portmap).
        owner = call.source if local else self._namespaces.get(address)
        route = None
        if not (local and call.source.pod):
            route = self.proxy.route(address, call.port, call.source, owner, call.trace)
        if route is None:
            return self._forwarded(owner, address, call)
        if route.endpoint is None:
            raise Refused(call.host, address, call.port, 2 * _HOP)
        return self._namespaces.get(route.endpoint.address), address, route.endpoint.port

    def _forwarded(self, owner: Namespace | None, address: str, call: _Call) -> tuple[Namespace | None, str, int]:
        """Whose address it is, or the pod that has taken this port of the node for itself."""
        taken = owner.forwarded if owner is not None else {}
        target = taken.get((address, call.port)) or taken.get(("", call.port))
        if owner is None or target is None:
            return owner, address, call.port
        call.trace.add("node", owner.node, f"{address}:{call.port}", "host port")
        return self._namespaces.get(target[0]), address, target[1]

    def aliases(self, name: str) -> list[str]:
        """The names that a full name leads to, one after the other; none where it is nobody's alias."""
        found: list[str] = []
        while len(found) < _MOST_ALIASES and (name := names.alias_of(self._store, name)):
            found.append(name)
        return found

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
