"""The URL at which a browser on this machine reaches a Service."""

from __future__ import annotations

from k8s_tutor.api.client import Client
from k8s_tutor.cluster.loadbalancer import LoadBalancers, require_address
from k8s_tutor.errors import UsageError
from k8s_tutor.objects.types import Obj
from k8s_tutor.session.targets import Target, must_exist

__all__ = ["url_of"]


def url_of(client: Client, load_balancers: LoadBalancers, target: Target, port: int | str | None = None) -> str:
    """The URL of a Service of type LoadBalancer.

    Args:
        client: Talks to the cluster.
        load_balancers: Those of the cluster.
        target: The Service.
        port: One of its ports, by number or name; its first by default.

    Raises:
        UsageError: no such Service or port, it has no address, or this machine cannot reach it.
    """
    service = must_exist(client, target)
    address = require_address(service)
    number = _port(service, port)
    if url := load_balancers.url(service, number):
        return url
    raise UsageError(
        f"{address}:{number} cannot be reached from this machine.",
        why="The address lies in the network of the cluster's containers, which runs in a virtual machine here.",
        next_step=(
            f'From inside the cluster it answers: t.traffic("{target}"). '
            f"From here: `kubectl port-forward {target} 8080:{number}`, in a terminal."
        ),
    )


def _port(service: Obj, wanted: int | str | None) -> int:
    ports = (service.get("spec") or {}).get("ports") or ()
    for row in ports:
        if wanted in (None, row.get("port"), row.get("name")):
            return int(row["port"])
    names = ", ".join(str(row.get("name") or row.get("port")) for row in ports)
    raise UsageError(f"Service {service['metadata']['name']} has no port {wanted}.", why=f"Its ports: {names}.")
