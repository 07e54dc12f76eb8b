"""Addresses out of a range, as the host-local IPAM plugin gives them: the next one after the last, round and round."""

from __future__ import annotations

import ipaddress

__all__ = ["AddressPool"]


class AddressPool:
    """One node's pod addresses. The network's own address, the gateway (.1) and broadcast are never given."""

    def __init__(self, cidr: str) -> None:
        network = ipaddress.ip_network(cidr)
        self._first = int(network.network_address) + 2
        self._last = int(network.broadcast_address) - 1
        self._next = self._first
        self._taken: set[int] = set()

    def take(self) -> str:
        """The next free address.

        Raises:
            RuntimeError: none is left.
        """
        for _ in range(self._last - self._first + 1):
            candidate = self._next
            self._next = candidate + 1 if candidate < self._last else self._first
            if candidate not in self._taken:
                self._taken.add(candidate)
                return str(ipaddress.ip_address(candidate))
        raise RuntimeError("no IP addresses available in range set")

    def give_back(self, address: str) -> None:
        """Frees an address."""
        self._taken.discard(int(ipaddress.ip_address(address)))
