"""What kube-proxy does on every node: a Service's address and port become one of its ready endpoints, at random.

Source of the rules: kubernetes.io/docs/reference/networking/virtual-ips (iptables mode): equal chances for every
endpoint, ClientIP affinity for `timeoutSeconds`; `internalTrafficPolicy` and `externalTrafficPolicy` Local keep to the
node's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from k8s_tutor.embedded.loop import Loop
from k8s_tutor.embedded.network.endpoints import Endpoint, endpoints_of
from k8s_tutor.embedded.network.namespace import Namespace
from k8s_tutor.embedded.network.trace import Trace
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

__all__ = ["Route", "ServiceProxy"]


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
