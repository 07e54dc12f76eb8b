"""A pod's network: its namespace with one address, and names as CoreDNS answers them."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from k8s_tutor.embedded.nodeservices import HttpAnswer, HttpRequest
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

__all__ = [
    "DNS",
    "DOMAIN",
    "AddressInUse",
    "AddressPool",
    "Endpoint",
    "Handler",
    "Namespace",
    "Reply",
    "Resolver",
    "alias_of",
    "endpoints_of",
    "lookup",
    "ready_addresses",
    "search_domains",
    "slices_of",
]

# ---- The endpoints behind a Service, read from its EndpointSlices

SLICES = "endpointslices.discovery.k8s.io"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address and port that a Service port leads to.

    Attributes:
        pod: Name of the pod, empty where the endpoint names none.
        node: Name of its node, empty where unknown.
    """

    address: str
    port: int
    pod: str
    node: str


def slices_of(store: Store, service: Obj) -> list[Obj]:
    """A Service's EndpointSlices, in the order of their names."""
    meta = service["metadata"]
    return [
        piece
        for piece in store.list(SLICES, meta["namespace"])
        if (piece["metadata"].get("labels") or {}).get("kubernetes.io/service-name") == meta["name"]
    ]


def ready_addresses(store: Store, service: Obj) -> list[str]:
    """Addresses that a headless Service's name resolves to."""
    everything = service["spec"].get("publishNotReadyAddresses", False)
    found: dict[str, None] = {}
    for piece in slices_of(store, service):
        for endpoint in piece.get("endpoints") or []:
            if everything or endpoint.get("conditions", {}).get("ready", True):
                found.update(dict.fromkeys(endpoint.get("addresses", [])))
    return list(found)


def endpoints_of(store: Store, service: Obj, port_name: str) -> list[Endpoint]:
    """Where a Service's port leads now: its ready endpoints, or the serving ones that terminate where none is ready."""
    ready: list[Endpoint] = []
    ending: list[Endpoint] = []
    for piece in slices_of(store, service):
        for entry in piece.get("ports") or []:
            if (entry.get("name") or "") != port_name or entry.get("port") is None:
                continue
            for endpoint in piece.get("endpoints") or []:
                conditions = endpoint.get("conditions", {})
                target = endpoint.get("targetRef") or {}
                found = [
                    Endpoint(address, entry["port"], target.get("name", ""), endpoint.get("nodeName", ""))
                    for address in endpoint.get("addresses", [])
                ]
                if conditions.get("ready", True):
                    ready += found
                elif conditions.get("serving") and conditions.get("terminating"):
                    ending += found
    return ready or ending


# ---- DNS as CoreDNS answers it in a cluster: Services, headless Services, named pods of a headless Service

DOMAIN = "cluster.local"
DNS = "10.96.0.10"


@dataclass(frozen=True, slots=True)
class Resolver:
    """How somebody looks names up.

    Attributes:
        servers: Addresses of DNS servers; there is one in this network, the cluster's.
        search: Domains to try, in order.
        options: Of `resolv.conf`, with their values; `ndots` is heeded.
        hosts: Names that need no server, with their addresses.
    """

    servers: tuple[str, ...] = (DNS,)
    search: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    hosts: tuple[tuple[str, str], ...] = ()

    def candidates(self, name: str) -> list[str]:
        """The full names to try, in order, without the final dot."""
        if DNS not in self.servers:
            return []
        if name.endswith("."):
            return [name[:-1]]
        searched = [f"{name}.{domain}" for domain in self.search]
        return [name, *searched] if name.count(".") >= self._dots() else [*searched, name]

    def _dots(self) -> int:
        value = dict(self.options).get("ndots", "")
        return int(value) if value.isdecimal() else 1


def search_domains(namespace: str) -> list[str]:
    """A pod's search list, in order."""
    return [f"{namespace}.svc.{DOMAIN}", f"svc.{DOMAIN}", DOMAIN]


def alias_of(store: Store, name: str) -> str:
    """What a full name is another name for: a Service's `externalName`; `""` for a name of its own."""
    parts = name.removesuffix(f".svc.{DOMAIN}").split(".")
    if not name.endswith(f".svc.{DOMAIN}") or len(parts) != 2:
        return ""
    service = store.get("services", parts[1], parts[0])
    is_alias = service is not None and service["spec"].get("type") == "ExternalName"
    return str(service["spec"]["externalName"]).rstrip(".") if service is not None and is_alias else ""


def lookup(store: Store, name: str, aliases: int = 8) -> list[str]:
    """The addresses of one full name; an empty list where there is no such name.

    Args:
        store: Where Services are.
        name: Without the final dot.
        aliases: How many other names to follow, as CoreDNS follows them.
    """
    if name == "localhost":
        return ["127.0.0.1"]
    if (other := alias_of(store, name)) and aliases:
        return lookup(store, other, aliases - 1)
    suffix = f".svc.{DOMAIN}"
    if not name.endswith(suffix):
        return []
    parts = name.removesuffix(suffix).split(".")
    if len(parts) == 2:
        service = store.get("services", parts[1], parts[0])
        return _service_addresses(store, service) if service else []
    if len(parts) == 3:
        service = store.get("services", parts[2], parts[1])
        return _named_endpoint(store, service, parts[0]) if service else []
    return []


def _service_addresses(store: Store, service: Obj) -> list[str]:
    address = service["spec"].get("clusterIP", "")
    if address not in ("", "None"):
        return [address]
    return ready_addresses(store, service)


def _named_endpoint(store: Store, service: Obj, host: str) -> list[str]:
    """A pod with `hostname` behind a headless Service, or `10-244-1-3` for any of its addresses."""
    found: list[str] = []
    everything = service["spec"].get("publishNotReadyAddresses", False)
    for piece in slices_of(store, service):
        for endpoint in piece.get("endpoints") or []:
            if not (everything or endpoint.get("conditions", {}).get("ready", True)):
                continue
            named = endpoint.get("hostname") == host
            found += [one for one in endpoint.get("addresses", []) if named or one.replace(".", "-") == host]
    return found


# ---- A pod's network namespace: one address, and who listens on which port. Containers of a pod share it

# ---- What it means to listen: a port of an address, and a function that answers requests to it


@dataclass(frozen=True, slots=True)
class Reply:
    """What a listener does with a request: its answer (None: the connection breaks), after so many seconds."""

    answer: HttpAnswer | None
    seconds: float = 0.0


Handler: TypeAlias = Callable[[HttpRequest, str], Reply]
"""Answers a request; the second argument is the client's address."""


class AddressInUse(Exception):
    """Another process of the same pod listens on that port already."""


# ---- A pod's network namespace: one address, and who listens on which port. Containers of a pod share it


@dataclass(slots=True)
class Namespace:
    """One address and its listeners.

    Attributes:
        address: IPv4, `10.244.1.3`.
        resolver: How names are looked up from here.
        pod: Name of the pod, empty for a node.
        node: Name of the node it lies on.
        forwarded: Of a node: where the ports lead that pods have taken (`hostPort`), by address (`""`: any) and port.
    """

    address: str
    resolver: Resolver = field(default_factory=Resolver)
    pod: str = ""
    node: str = ""
    listeners: dict[int, tuple[object, Handler]] = field(default_factory=dict)
    forwarded: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)

    def listen(self, port: int, owner: object, handler: Handler) -> None:
        """Takes a port for a process.

        Raises:
            AddressInUse: somebody has it.
        """
        if port in self.listeners:
            raise AddressInUse(port)
        self.listeners[port] = (owner, handler)

    def close(self, owner: object) -> None:
        """Frees all ports of a process."""
        for port in [port for port, (holder, _) in self.listeners.items() if holder is owner]:
            del self.listeners[port]


# ---- Addresses out of a range, as the host-local IPAM plugin gives them: the next one after the last, round and round


class AddressPool:
    """One node's pod addresses. The network's own address, the gateway (.1) and broadcast are never given."""

    def __init__(self, cidr: str) -> None:
        network = ipaddress.ip_network(cidr)
        self._first = int(network.network_address) + 2
        self._last = int(network.broadcast_address) - 1
        self._next = self._first
        self._taken: set[int] = set()

    def take(self) -> str:
        """The next free address.

        Raises:
            RuntimeError: none is left.
        """
        for _ in range(self._last - self._first + 1):
            candidate = self._next
            self._next = candidate + 1 if candidate < self._last else self._first
            if candidate not in self._taken:
                self._taken.add(candidate)
                return str(ipaddress.ip_address(candidate))
        raise RuntimeError("no IP addresses available in range set")

    def give_back(self, address: str) -> None:
        """Frees an address."""
        self._taken.discard(int(ipaddress.ip_address(address)))
