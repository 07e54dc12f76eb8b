"""Where requests go: the URL that leads to a Service or a Pod, by the way that was asked for; a stream of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from k8s_tutor.api.client import Client
from k8s_tutor.api.cluster import LoadBalancers
from k8s_tutor.clock import RealClock
from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.language import msg
from k8s_tutor.objects import metadata, pods, selectors, services
from k8s_tutor.objects.services import reason_without_address, require_address
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.traffic import Tally, Traffic, Via
from k8s_tutor.session.targets import Target, require_object

__all__ = ["Outside", "RequestRoute", "Stream", "find_route", "find_url"]


# ---- Where requests go: the URL that leads to a Service or a Pod, by the way that was asked for

_HOST = "host"


@dataclass(frozen=True)
class RequestRoute:
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


def find_route(
    client: Client, target: Target, path: str = "/", *, port: int | str | None = None, via: str = "", outside: Outside
) -> RequestRoute:
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
        raise UsageError(
            msg("{path!r} is no path.", path=path), next_step=msg('Begin it with a slash: path="/{path}".', path=path)
        )
    if target.kind.kind == "Pod":
        return _to_pod(require_object(client, target), str(target), path, port)
    if target.kind.kind != "Service":
        raise UsageError(
            msg("Requests go to a Service or to a Pod, and {target} is neither.", target=target),
            next_step=msg('Name the Service in front of it: "service/{name}".', name=target.name),
        )
    service = require_object(client, target)
    chosen = _via(service, "loadbalancer" if via == _HOST else via)
    entry = _port(service, port)
    host, number = _door(client, service, chosen, entry)
    labels = tuple(sorted(((service.get("spec") or {}).get("selector") or {}).items()))
    if via != _HOST:
        return RequestRoute(str(target), f"http://{host}:{number}{path}", chosen, number, labels)
    base = outside(service, number)
    if not base:
        raise UsageError(
            msg("This computer cannot reach {host}, the address of {target}.", host=host, target=target),
            why=msg("The address belongs to a network inside the cluster's machines."),
            next_step=msg('Leave via="host" out: the requests then start inside the cluster.'),
        )
    return RequestRoute(str(target), f"{base}{path}", chosen, number, labels, outside=True)


def _to_pod(pod: Obj, focus: str, path: str, port: int | str | None) -> RequestRoute:
    address = pods.address_of(pod)
    if not address:
        raise UsageError(
            msg("{focus} has no address yet.", focus=focus), next_step=msg('t.wait("{focus}", "Ready")', focus=focus)
        )
    containers = (pod.get("spec") or {}).get("containers") or ()
    named = [row.get("containerPort") for container in containers for row in container.get("ports") or ()]
    number = port if isinstance(port, int) else next((int(one) for one in named if one and port is None), 0)
    if not number:
        raise UsageError(
            msg("{focus} does not say on which port it listens.", focus=focus),
            next_step=msg("Say it: port=8080. `containerPort` in the manifest would say it too."),
        )
    return RequestRoute(focus, f"http://{address}:{number}{path}", Via.POD, number, pod=metadata.name(pod))


def _via(service: Obj, word: str) -> Via:
    kind = (service.get("spec") or {}).get("type")
    address = services.address_of(service)
    if not word:
        return Via.LOAD_BALANCER if kind == "LoadBalancer" and address else Via.SERVICE
    ways = {str(way): way for way in (Via.LOAD_BALANCER, Via.SERVICE, Via.NODE_PORT)}
    if word not in ways:
        raise UsageError(
            msg("There is no way called {word!r}.", word=word),
            next_step=msg("via= takes one of: {ways}, {host}", ways=", ".join(ways), host=_HOST),
        )
    name = metadata.name(service)
    if word == Via.LOAD_BALANCER and not address:
        why, step = reason_without_address(service) or (
            msg("Its type is {kind}.", kind=kind),
            msg('Use via="service", or set `type: LoadBalancer`.'),
        )
        raise UsageError(msg("Service {name} has no load balancer's address.", name=name), why, step)
    if word == Via.NODE_PORT and kind not in ("NodePort", "LoadBalancer"):
        raise UsageError(
            msg("Service {name} has no node port.", name=name),
            why=msg("Its type is {kind}.", kind=kind),
            next_step=msg('Use via="service", or set `type: NodePort`.'),
        )
    return ways[word]


def _port(service: Obj, wanted: int | str | None) -> Obj:
    found = services.find_port(service, wanted)
    if found is None and isinstance(wanted, int):  # what happens at a port that it does not have is worth seeing
        return {"port": wanted}
    if found is None:
        raise _no_port(service, wanted)
    return found


def _no_port(service: Obj, wanted: int | str | None) -> UsageError:
    name, first = metadata.name(service), ((service.get("spec") or {}).get("ports") or [{}])[0]
    return UsageError(
        msg("Service {name} has no port {wanted}.", name=name, wanted=wanted),
        why=msg("Its ports: {ports}.", ports=services.name_ports(service)),
        next_step=msg("Take one of them: port={port}.", port=first.get("port", 80)),
    )


def _door(client: Client, service: Obj, via: Via, entry: Obj) -> tuple[str, int]:
    if via is Via.LOAD_BALANCER:
        return services.address_of(service), int(entry["port"])
    if via is Via.NODE_PORT:
        number = int(entry.get("nodePort") or 0)
        if not number:
            raise UsageError(
                msg("Port {port} of Service {name} has no node port.", port=entry["port"], name=metadata.name(service))
            )
        return _node_address(client), number
    name = f"{metadata.name(service)}.{metadata.namespace(service)}"
    return name, int(
        entry["port"]
    )  # where headless, the pods' own port: nothing stands between that would translate it


def _node_address(client: Client) -> str:
    for node in client.list("nodes"):
        for row in (node.get("status") or {}).get("addresses") or ():
            if row.get("type") == "InternalIP":
                return str(row["address"])
    raise UsageError(msg("No node of this cluster has an address."))


# ---- The URL at which a browser on this machine reaches a Service


def find_url(client: Client, load_balancers: LoadBalancers, target: Target, port: int | str | None = None) -> str:
    """The URL of a Service of type LoadBalancer.

    Args:
        client: Talks to the cluster.
        load_balancers: Those of the cluster.
        target: The Service.
        port: One of its ports, by number or name; its first by default.

    Raises:
        UsageError: no such Service or port, it has no address, or this machine cannot reach it.
    """
    service = require_object(client, target)
    address = require_address(service)
    found = services.find_port(service, port)
    if found is None:
        raise _no_port(service, port)
    number = int(found["port"])
    if url := load_balancers.url(service, number):
        return url
    raise UsageError(
        msg("{address}:{number} cannot be reached from this machine.", address=address, number=number),
        why=msg("The address lies in the network of the cluster's containers, which runs in a virtual machine here."),
        next_step=(
            msg(
                'From inside the cluster it answers: t.traffic("{target}"). From here: `kubectl '
                "port-forward {target} 8080:{number}`, in a terminal.",
                target=target,
                number=number,
            )
        ),
    )


# ---- Requests on that way, so many a second, until they are told to stop

_BURSTS = 2  # a second: each is a command in the client Pod
_WAIT_AGAIN = 1.0  # seconds after what could not be sent


class Stream(threading.Thread):
    """Sends bursts of requests in a thread of its own.

    Attributes:
        rate: Requests a second; 0 sends none.
        tally: What became of them.
        trouble: Why none can be sent just now; empty when they can.
    """

    def __init__(self, send: Callable[[int], Traffic], told: Callable[[], None], still: Callable[[], bool]) -> None:
        """Prepares; `start` begins.

        Args:
            send: Sends so many, and waits for the answers.
            told: Called after each burst, in this thread.
            still: Whether time stands still: then nothing is sent.
        """
        super().__init__(name="k8s-tutor-playground-traffic", daemon=True)
        self.rate = 0
        self.tally = Tally()
        self.trouble = ""
        self._send, self._told, self._still = send, told, still
        self._changed = threading.Condition()
        self._stopping = False
        self._sending = threading.Lock()

    def set_rate(self, rate: int) -> None:
        """So many a second from now on."""
        with self._changed:
            self.rate = rate
            self._changed.notify_all()

    def stop(self) -> None:
        """Ends it, after the burst that is on its way. Safe to call twice."""
        with self._changed:
            self.rate, self._stopping = 0, True
            self._changed.notify_all()
        if self.is_alive() and self is not threading.current_thread():
            self.join(5)

    def describe(self) -> dict[str, Any]:
        """How it is, for a page: `rate`, `trouble`, and the numbers of its tally."""
        tally = self.tally
        return {
            "rate": self.rate,
            "trouble": self.trouble,
            "answered": tally.answered,
            "earlier": tally.earlier,
            "lost": [[kind, count] for kind, count in tally.lost.items()],
            "pods": [[pod, count] for pod, count in sorted(tally.by_pod.items())],
            "latest": list(tally.latest),
            "bursts": tally.bursts,
        }

    def between(self) -> threading.Lock:
        """Held, no burst is on its way."""
        return self._sending

    def run(self) -> None:
        """See `Thread.run`."""
        clock = RealClock()
        due = clock.monotonic()
        while self._wait(due):
            rate = max(self.rate, 1)
            size = -(-rate // _BURSTS)
            began = clock.monotonic()
            due = max(due + size / rate, began)  # a burst that took long is not made up for by a flood
            if not self._still() and not self.burst(size):
                due = clock.monotonic() + _WAIT_AGAIN

    def burst(self, size: int) -> bool:
        """Sends so many at once; False where they cannot be sent."""
        try:
            with self._sending:
                self.tally.add(self._send(size))
            self.trouble = ""
        except (TutorError, OSError, ValueError) as error:  # no Service, paused, turned back meanwhile
            self.trouble = error.what if isinstance(error, TutorError) else str(error)
            self.tally.latest = ()
        self._told()
        return not self.trouble

    def _wait(self, due: float) -> bool:
        """Until the next burst is due; False to end."""
        clock = RealClock()
        with self._changed:
            while not self._stopping:
                left = due - clock.monotonic()
                if self.rate and left <= 0:
                    return True
                clock.wait(self._changed, left if self.rate else None)
        return False
