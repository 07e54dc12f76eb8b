"""A pod's network namespace: one address, and who listens on which port. Containers of a pod share it."""

from __future__ import annotations

from dataclasses import dataclass, field

from k8s_tutor.embedded.network.listener import AddressInUse, Handler
from k8s_tutor.embedded.network.names import Resolver

__all__ = ["Namespace"]


@dataclass(slots=True)
class Namespace:
    """One address and its listeners.

    Attributes:
        address: IPv4, `10.244.1.3`.
        resolver: How names are looked up from here.
        pod: Name of the pod, empty for a node.
        node: Name of the node it lies on.
    """

    address: str
    resolver: Resolver = field(default_factory=Resolver)
    pod: str = ""
    node: str = ""
    listeners: dict[int, tuple[object, Handler]] = field(default_factory=dict)

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
