"""DNS as CoreDNS answers it in a cluster: Services, headless Services, named pods of a headless Service."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.embedded.network.endpoints import ready_addresses, slices_of
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

__all__ = ["DNS", "DOMAIN", "Resolver", "lookup", "search_domains"]

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


def lookup(store: Store, name: str) -> list[str]:
    """The addresses of one full name; an empty list where there is no such name."""
    if name == "localhost":
        return ["127.0.0.1"]
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
