"""Where requests go: the URL that leads to a Service or a Pod, by the way that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from k8s_tutor.api.client import Client
from k8s_tutor.errors import UsageError
from k8s_tutor.objects import metadata, selectors
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.traffic import Via
from k8s_tutor.session.targets import Target, must_exist

__all__ = ["Outside", "Route", "route"]

_HOST = "host"


@dataclass(frozen=True)
class Route:
    """A way to a Service or a Pod.

    Attributes:
        focus: `service/web`.
        url: What to ask for.
        via: The way.
        port: The port dialled.
        labels: Labels of the Pods it leads to; empty where they are not known.
        pod: Name of the Pod it leads to, where it is one.
        outside: Whether requests start at this computer.
    """

    focus: str
    url: str
    via: Via
    port: int
    labels: tuple[tuple[str, str], ...] = ()
    pod: str = ""
    outside: bool = False

    def leads_to(self, pod: Obj) -> bool:
        """Whether requests may arrive at this Pod."""
        if self.pod:
            return metadata.name(pod) == self.pod
        return bool(self.labels) and selectors.from_labels(dict(self.labels)).matches(metadata.labels(pod))


Outside: TypeAlias = Callable[[Obj, int], str]
"""The URL at which this computer reaches a port of a Service's address; `""` where it cannot."""


def route(
    client: Client, target: Target, path: str = "/", *, port: int | str | None = None, via: str = "", outside: Outside
) -> Route:
    """The way to a Service or a Pod.

    Args:
        client: Talks to the cluster.
        target: The Service or Pod.
        path: With a leading slash.
        port: The Service's port by number or name, the Pod's by number; the first it names by default.
        via: `loadbalancer`, `service`, `nodeport`; by default the first of them that there is. `host` is the load
            balancer's address too, asked from this computer.
        outside: Knows the way from this computer.

    Raises:
        UsageError: it does not exist, is of another kind, or has no such way or port.
    """
    if not path.startswith("/"):
        raise UsageError(f"{path!r} is no path.", next_step=f'Begin it with a slash: path="/{path}".')
    if target.kind.kind == "Pod":
        return _to_pod(must_exist(client, target), str(target), path, port)
    if target.kind.kind != "Service":
        raise UsageError(
            f"Requests go to a Service or to a Pod, and {target} is neither.",
            next_step=f'Name the Service in front of it: "service/{target.name}".',
        )
    service = must_exist(client, target)
    chosen = _via(service, "loadbalancer" if via == _HOST else via)
    entry = _port(service, port)
    host, number = _door(client, service, chosen, entry)
    labels = tuple(sorted(((service.get("spec") or {}).get("selector") or {}).items()))
    if via != _HOST:
        return Route(str(target), f"http://{host}:{number}{path}", chosen, number, labels)
    base = outside(service, number)
    if not base:
        raise UsageError(
            f"This computer cannot reach {host}, the address of {target}.",
            why="The address belongs to a network inside the cluster's machines.",
            next_step='Leave via="host" out: the requests then start inside the cluster.',
        )
    return Route(str(target), f"{base}{path}", chosen, number, labels, outside=True)


def _to_pod(pod: Obj, focus: str, path: str, port: int | str | None) -> Route:
    address = str((pod.get("status") or {}).get("podIP") or "")
    if not address:
        raise UsageError(f"{focus} has no address yet.", next_step=f't.wait("{focus}", "Ready")')
    containers = (pod.get("spec") or {}).get("containers") or ()
    named = [row.get("containerPort") for container in containers for row in container.get("ports") or ()]
    number = port if isinstance(port, int) else next((int(one) for one in named if one and port is None), 0)
    if not number:
        raise UsageError(
            f"{focus} does not say on which port it listens.",
            next_step="Say it: port=8080. `containerPort` in the manifest would say it too.",
        )
    return Route(focus, f"http://{address}:{number}{path}", Via.POD, number, pod=metadata.name(pod))


def _via(service: Obj, word: str) -> Via:
    kind = (service.get("spec") or {}).get("type")
    address = _address(service)
    if not word:
        return Via.LOAD_BALANCER if kind == "LoadBalancer" and address else Via.SERVICE
    ways = {str(way): way for way in (Via.LOAD_BALANCER, Via.SERVICE, Via.NODE_PORT)}
    if word not in ways:
        raise UsageError(
            f"There is no way called {word!r}.", next_step=f"via= takes one of: {', '.join(ways)}, {_HOST}"
        )
    name = metadata.name(service)
    if word == Via.LOAD_BALANCER and not address:
        raise UsageError(
            f"Service {name} has no load balancer's address.",
            why=f"Its type is {kind}." if kind != "LoadBalancer" else "It is still pending: nobody has given it one.",
            next_step='Use via="service", or set `type: LoadBalancer`.'
            if kind != "LoadBalancer"
            else f't.graph("service/{name}", lens="traffic") shows what it waits for.',
        )
    if word == Via.NODE_PORT and kind not in ("NodePort", "LoadBalancer"):
        raise UsageError(f"Service {name} has no node port.", why=f"Its type is {kind}.")
    return ways[word]


def _address(service: Obj) -> str:
    rows = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    return next((str(row.get("ip") or row.get("hostname") or "") for row in rows), "")


def _port(service: Obj, wanted: int | str | None) -> Obj:
    ports = (service.get("spec") or {}).get("ports") or ()
    if isinstance(wanted, int):  # also one that the Service does not have: what happens then is worth seeing
        return next((row for row in ports if row.get("port") == wanted), {"port": wanted})
    found = next((row for row in ports if wanted is None or row.get("name") == wanted), None)
    if found is None:
        names = ", ".join(str(row.get("name") or row.get("port")) for row in ports) or "none"
        raise UsageError(f"Service {metadata.name(service)} has no such port.", why=f"Its ports: {names}.")
    return dict(found)


def _door(client: Client, service: Obj, via: Via, entry: Obj) -> tuple[str, int]:
    if via is Via.LOAD_BALANCER:
        return _address(service), int(entry["port"])
    if via is Via.NODE_PORT:
        number = int(entry.get("nodePort") or 0)
        if not number:
            raise UsageError(f"Port {entry['port']} of Service {metadata.name(service)} has no node port.")
        return _node_address(client), number
    name = f"{metadata.name(service)}.{metadata.namespace(service)}"
    headless = (service.get("spec") or {}).get("clusterIP") == "None"
    target = entry.get("targetPort")
    number = int(target) if headless and isinstance(target, int) else int(entry["port"])
    return name, number


def _node_address(client: Client) -> str:
    for node in client.list("nodes"):
        for row in (node.get("status") or {}).get("addresses") or ():
            if row.get("type") == "InternalIP":
                return str(row["address"])
    raise UsageError("No node of this cluster has an address.")
