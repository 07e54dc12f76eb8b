"""Who gives a Service of type LoadBalancer its address: nobody, until it is asked for.

Kubernetes itself has no load balancers. On kind MetalLB gives the addresses (`metallb`), on the embedded cluster a
simulated cloud does (`simulated_cloud`); a cluster we did not make is left as it is.
"""

from __future__ import annotations

from typing import Protocol

from k8s_tutor.api.client import Client
from k8s_tutor.api.status import StatusError
from k8s_tutor.errors import UsageError
from k8s_tutor.objects.types import Obj

__all__ = ["OFF", "LoadBalancers", "OthersLoadBalancers", "address_of", "on_line", "require_address"]

OFF = "Load balancers are off: a Service of type LoadBalancer stays <pending>."


class LoadBalancers(Protocol):
    """The load balancers of a cluster."""

    def switch(self, *, on: bool) -> str:
        """Sees to it that Services get addresses, or that none does; says in one line how it is now. Idempotent.

        Raises:
            ClusterUnavailable: it does not come about; says why.
            UsageError: it is not ours to change.
        """
        ...

    def url(self, service: Obj, port: int) -> str:
        """The URL at which a browser on this machine reaches a Service's address; `""` where none can.

        Args:
            service: A Service that has an address.
            port: One of its ports.
        """
        ...


class OthersLoadBalancers:
    """Those of a cluster that is not ours: looked at, never changed."""

    def __init__(self, client: Client, context: str) -> None:
        self._client = client
        self._context = context

    def switch(self, *, on: bool) -> str:
        """See `LoadBalancers.switch`: changes nothing, says what there is."""
        return f'The cluster of context "{self._context}" is left as it is: {self._what_it_has()}.'

    def url(self, service: Obj, port: int) -> str:
        """See `LoadBalancers.url`: its provider made the address to be reached, and may still hide it from us."""
        return f"http://{address_of(service)}:{port}"

    def _what_it_has(self) -> str:
        try:
            services = self._client.list("services")
        except StatusError as error:
            return f"whether it gives addresses cannot be told ({error.what})"
        wanting = [service for service in services if service["spec"].get("type") == "LoadBalancer"]
        if not wanting:
            return "whether it gives addresses shows with its first Service of type LoadBalancer"
        having = sum(bool(address_of(service)) for service in wanting)
        return f"{having} of its {len(wanting)} Services of type LoadBalancer have an address"


def on_line(addresses: str, giver: str) -> str:
    """The line that says that addresses are given."""
    return f"Load balancers are on: a Service of type LoadBalancer gets an address of {addresses}, from {giver}."


def address_of(service: Obj) -> str:
    """The first address (or host name) that a Service was given; `""` while there is none."""
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
            f"Service {name} has no address outside the cluster.",
            why=f"Its type is {spec.get('type')}.",
            next_step="Give it `type: LoadBalancer`.",
        )
    raise UsageError(
        f"Service {name} has no address yet.",
        why="It is pending: nobody has given it one.",
        next_step=f't.load_balancers(on=True), then t.wait("svc/{name}", "address")',
    )
