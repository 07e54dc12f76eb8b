"""Facts about Services and who stands behind them, read off the objects. Nothing here changes one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from k8s_tutor.errors import UsageError
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = [
    "SERVICE_NAME",
    "Endpoint",
    "address_of",
    "find_port",
    "is_headless",
    "is_of",
    "is_ready",
    "name_ports",
    "reached_endpoints",
    "ready",
    "reason_without_address",
    "require_address",
    "slices_of",
]  # fmt: skip


def address_of(service: Obj) -> str:
    """The first address (or host name) that a Service or an Ingress was given; `""` while there is none."""
    rows = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    return next((str(row.get("ip") or row.get("hostname") or "") for row in rows), "")


def require_address(service: Obj) -> str:
    """The address of a Service.

    Raises:
        UsageError: it has none (yet).
    """
    name, spec = service["metadata"]["name"], service.get("spec") or {}
    if address := address_of(service):
        return address
    if spec.get("type") != "LoadBalancer":
        raise UsageError(
            msg("Service {name} has no address outside the cluster.", name=name),
            why=msg("Its type is {kind}.", kind=spec.get("type")),
            next_step=msg("Give it `type: LoadBalancer`."),
        )
    why, next_step = reason_without_address(service) or ("", "")
    raise UsageError(msg("Service {name} has no address yet.", name=name), why, next_step)


def reason_without_address(service: Obj) -> tuple[Wording, Wording] | None:
    """Why a Service of type LoadBalancer has no address, and what to do; None for one that has or wants none."""
    name, spec = service["metadata"]["name"], service.get("spec") or {}
    if spec.get("type") != "LoadBalancer" or address_of(service):
        return None
    if class_ := spec.get("loadBalancerClass"):
        return (
            msg("It asks for somebody of the class {name}, and nobody here answers to it.", name=class_),
            msg('Delete it, t.delete("svc/{name}"), and apply it again without loadBalancerClass.', name=name),
        )
    return (
        msg("It is pending: nobody has given it one."),
        msg('t.load_balancers(on=True), then t.wait("svc/{name}", "address")', name=name),
    )


def is_headless(service: Obj) -> bool:
    """Whether it has a name only, and no address of its own."""
    return (service.get("spec") or {}).get("clusterIP") == "None"


def find_port(service: Obj, wanted: int | str | None = None) -> Obj | None:
    """One of its ports, by number or name; its first for None."""
    ports = (service.get("spec") or {}).get("ports") or ()
    return next((dict(row) for row in ports if wanted in (None, row.get("port"), row.get("name"))), None)


def name_ports(service: Obj) -> str:
    """Its ports in words: `http, 8080`."""
    ports = (service.get("spec") or {}).get("ports") or ()
    return ", ".join(str(row.get("name") or row.get("port")) for row in ports) or "none"


# ---- EndpointSlices: the lists of addresses behind a Service
#
# See kubernetes.io/docs/concepts/services-networking/endpoint-slices.

SERVICE_NAME = "kubernetes.io/service-name"
"""The label by which a slice says whose it is."""


def is_of(piece: Obj, service: Obj) -> bool:
    """Whether a slice is one of this Service."""
    labels, place = metadata.labels(piece), metadata.namespace(piece)
    return labels.get(SERVICE_NAME) == metadata.name(service) and place == metadata.namespace(service)


def slices_of(service: Obj, slices: Iterable[Obj]) -> list[Obj]:
    """The slices of this very Service; those of a namesake that was deleted may be there for another moment."""
    name, uid = metadata.name(service), metadata.uid(service)
    return [
        piece
        for piece in slices
        if metadata.labels(piece).get(SERVICE_NAME) == name
        and all(owner.get("uid") == uid for owner in metadata.owners(piece) if owner.get("kind") == "Service")
    ]


def ready(slices: Iterable[Obj]) -> int:
    """How many endpoints are ready; a pod in the slices of both address families counts once."""
    return len(
        {_identity(endpoint) for piece in slices for endpoint in piece.get("endpoints") or () if is_ready(endpoint)}
    )


def is_ready(endpoint: Obj) -> bool:
    """Whether requests are sent to an endpoint."""
    says = (endpoint.get("conditions") or {}).get("ready")
    return says is not False  # nil means ready, see EndpointConditions in the API reference


def _identity(endpoint: Obj) -> str:
    uid = (endpoint.get("targetRef") or {}).get("uid")
    return str(uid or next(iter(endpoint.get("addresses") or ()), ""))


# ---- The way a client's connection goes


class Endpoint(NamedTuple):
    """Where a connection ends.

    Attributes:
        address: Its IP address.
        port: The port there.
        pod: Name of the pod that the slice says it is; empty where it says none.
    """

    address: str
    port: int
    pod: str


def reached_endpoints(service: Obj, slices: Iterable[Obj], port: int) -> list[Endpoint]:
    """Where a client's TCP connections to a port of the Service can end: one of these, at kube-proxy's choice.

    A headless Service gives its clients the pods' own addresses; no port is translated. Whether a policy would stop a
    client is not known here, nor on which node it is (`internalTrafficPolicy: Local`).

    Args:
        service: Not of type ExternalName.
        slices: Those of the Service, see `slices_of`.
        port: The one a client dials.
    """
    spec = service.get("spec") or {}
    families = spec.get("ipFamilies") or ("IPv4", "IPv6")
    pieces = [piece for piece in slices if piece.get("addressType", "IPv4") == families[0]] or list(slices)
    if is_headless(service):
        pairs = [(endpoint, port) for piece in pieces for endpoint in piece.get("endpoints") or ()]
    else:
        pairs = list(_translated(spec, pieces, port))
    open_ = [pair for pair in pairs if is_ready(pair[0])]
    if not open_ and not is_headless(service):  # rather those on their way out than nobody
        open_ = [pair for pair in pairs if _still_serves(pair[0])]
    ends = (Endpoint(str(one["addresses"][0]), number, _pod(one)) for one, number in open_ if one.get("addresses"))
    return list(dict.fromkeys(ends))


def _translated(spec: Obj, pieces: Iterable[Obj], port: int) -> Iterator[tuple[Obj, int]]:
    """Endpoints with the port that a Service's port leads to: the slices' port of the same name."""
    rows = [row for row in spec.get("ports") or () if row.get("port") == port and row.get("protocol", "TCP") == "TCP"]
    if not rows:
        return
    name = rows[0].get("name") or ""
    for piece in pieces:
        for row in piece.get("ports") or ():
            if (row.get("name") or "") == name and row.get("port"):
                yield from ((endpoint, int(row["port"])) for endpoint in piece.get("endpoints") or ())


def _still_serves(endpoint: Obj) -> bool:
    conditions = endpoint.get("conditions") or {}
    return bool(conditions.get("serving")) and bool(conditions.get("terminating"))


def _pod(endpoint: Obj) -> str:
    target = endpoint.get("targetRef") or {}
    return str(target.get("name", "")) if target.get("kind") == "Pod" else ""
