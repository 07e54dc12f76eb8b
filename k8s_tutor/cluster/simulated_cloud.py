"""The embedded cluster's load balancers: a simulated cloud, switched on and off by a ConfigMap."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from k8s_tutor.api.client import Client
from k8s_tutor.clock import Clock
from k8s_tutor.cluster.loadbalancer import OFF, on_line
from k8s_tutor.cluster.settling import settle
from k8s_tutor.embedded.controllers.loadbalancer import FINALIZER, POOL, SWITCH, switch
from k8s_tutor.errors import ClusterUnavailable
from k8s_tutor.objects.types import Obj

__all__ = ["SimulatedCloud"]

_RELEASED_WITHIN = 10.0  # seconds of the cluster's time; the controller needs a few milliseconds

Expose = Callable[[Obj, int], int]
"""Makes a port of a Service's address reachable; returns the port on 127.0.0.1 that leads there."""


class SimulatedCloud:
    """Load balancers with addresses of the simulated network, each reachable at a port of 127.0.0.1."""

    def __init__(self, client: Client, clock: Clock, expose: Expose) -> None:
        self._client = client
        self._clock = clock
        self._expose = expose

    def switch(self, *, on: bool) -> str:
        """See `LoadBalancers.switch`."""
        return self._on() if on else self._off()

    def url(self, service: Obj, port: int) -> str:
        """See `LoadBalancers.url`."""
        return f"http://127.0.0.1:{self._expose(service, port)}"

    def _on(self) -> str:
        if self._client.find("configmap", SWITCH.name, SWITCH.namespace) is None:
            self._client.create(switch(), SWITCH.namespace)
        return on_line(str(POOL), "a simulated cloud")

    def _off(self) -> str:
        if self._client.find("configmap", SWITCH.name, SWITCH.namespace) is not None:
            self._client.delete("configmap", SWITCH.name, SWITCH.namespace)
        deadline = self._clock.now() + _RELEASED_WITHIN
        if not settle(self._client, self._clock, "services", _none_held, deadline):
            raise ClusterUnavailable(
                "the simulated cloud has not taken its addresses back yet",
                why="its controller has had no time to: the cluster's clock stands still",
                next_step="let the time of the cluster go on",
            )
        return OFF


def _none_held(services: Sequence[Obj]) -> bool:
    return not any(FINALIZER in (service["metadata"].get("finalizers") or ()) for service in services)
