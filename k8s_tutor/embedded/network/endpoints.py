"""The endpoints behind a Service, read from its EndpointSlices."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

__all__ = ["Endpoint", "endpoints_of", "ready_addresses", "slices_of"]

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
