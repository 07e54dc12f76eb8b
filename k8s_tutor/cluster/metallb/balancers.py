"""MetalLB as the `LoadBalancers` of a kind cluster."""

from __future__ import annotations

import socket
from collections.abc import Callable

from k8s_tutor.api.client import Client
from k8s_tutor.cluster.engine import Engine
from k8s_tutor.cluster.loadbalancer import OFF, address_of, on_line
from k8s_tutor.cluster.metallb.addresses import AddressRange, kind_network, slice_for
from k8s_tutor.cluster.metallb.installation import Installation, theirs
from k8s_tutor.cluster.metallb.manifest import IMAGES
from k8s_tutor.cluster.progress import Progress
from k8s_tutor.errors import Cancelled
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["MetalLB"]

_INSTALL_STEPS, _REMOVE_STEPS = 5, 3
_NEAR = 0.5  # seconds; what can be reached at all answers within milliseconds
_API_PORT = 6443  # of the control plane's container
_FROM_POOL = "metallb.universe.tf/ip-allocated-from-pool"


class MetalLB:
    """Load balancers with real addresses on the network of kind's containers.

    kind marks its control plane `node.kubernetes.io/exclude-from-external-load-balancers`. Nothing is to be done
    about that: this MetalLB does not look at it, and later ones find two workers here.

    Args:
        client: Talks to the cluster.
        engine: Runs the cluster's containers.
        name: The cluster's name.
        load: Copies those of these images that the engine holds onto the nodes.
        progress: Told about the steps.
    """

    def __init__(
        self, client: Client, engine: Engine, name: str, load: Callable[[tuple[str, ...]], None], progress: Progress
    ) -> None:
        self._client = client
        self._engine = engine
        self._name = name
        self._load = load
        self._progress = progress
        self._reachable: bool | None = None

    def switch(self, *, on: bool) -> str:
        """See `LoadBalancers.switch`."""
        if theirs(self._client):
            return "MetalLB is on this cluster already, and k8s-tutor did not bring it: it is left as it is."
        try:
            line = self._install() if on else self._remove()
        except BaseException as error:
            self._progress.finish(done=False)
            if isinstance(error, KeyboardInterrupt):
                raise self._cancelled(on) from None
            raise
        self._progress.finish(done=True)
        return line

    def url(self, service: Obj, port: int) -> str:
        """See `LoadBalancers.url`: Docker Desktop keeps the containers' network inside its virtual machine."""
        return f"http://{address_of(service)}:{port}" if self.reachable() else ""

    def reachable(self) -> bool:
        """Whether this machine reaches the network of the containers: the control plane's door is tried, once."""
        if self._reachable is None:
            self._reachable = any(_connects(address) for address in self._control_planes())
        return self._reachable

    # ---- inside

    def _install(self) -> str:
        addresses = slice_for(self._name, kind_network(self._engine))
        installation = Installation(self._client, self._progress.step)
        if not installation.works(addresses):
            self._progress.start("MetalLB", _INSTALL_STEPS)
            self._progress.step("Loading its images")
            self._load(IMAGES)
            installation.bring(addresses)
        return on_line(str(addresses), "MetalLB")

    def _remove(self) -> str:
        installation = Installation(self._client, self._progress.step)
        if installation.present():
            self._progress.start("Removing MetalLB", _REMOVE_STEPS)
            installation.remove()
        self._take_addresses_back()
        return OFF

    def _take_addresses_back(self) -> None:
        """Nobody clears an address whose giver has gone; a Service would keep one that leads nowhere."""
        holding = [service for service in self._client.list("services") if address_of(service)]
        if not holding:
            return
        ours: AddressRange = slice_for(self._name, kind_network(self._engine))
        for service in holding:
            if address_of(service) in ours:
                name, namespace = metadata.name(service), metadata.namespace(service)
                cleared = {"status": {"loadBalancer": {"ingress": None}}}
                self._client.patch("services", name, cleared, namespace, subresource="status")
                if _FROM_POOL in (service["metadata"].get("annotations") or {}):
                    self._client.patch("services", name, {"metadata": {"annotations": {_FROM_POOL: None}}}, namespace)

    def _control_planes(self) -> list[str]:
        return [
            str(row["address"])
            for node in self._client.list("nodes", labels="node-role.kubernetes.io/control-plane")
            for row in node["status"].get("addresses", ())
            if row["type"] == "InternalIP"
        ]

    def _cancelled(self, on: bool) -> Cancelled:
        word = "on" if on else "off"
        return Cancelled(
            f"switching load balancers {word} was interrupted",
            why="you pressed Ctrl-C; MetalLB may be half there",
            next_step=f"t.load_balancers(on={on}) goes on from there; t.load_balancers(on={not on}) undoes it",
        )


def _connects(address: str) -> bool:
    try:
        socket.create_connection((address, _API_PORT), timeout=_NEAR).close()
    except OSError:
        return False
    return True
