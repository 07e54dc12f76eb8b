"""Which addresses MetalLB gives: a few at the top of the network that kind's nodes are in."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network

from k8s_tutor.cluster.engine import Engine
from k8s_tutor.errors import ClusterUnavailable
from k8s_tutor.objects.types import Json

__all__ = ["AddressRange", "kind_network", "slice_for", "subnets"]

_BLOCK = 32  # addresses a cluster gets
_BLOCKS = 32  # clusters that find a block of their own
_TAIL = 8  # left free at the very top: the broadcast address, and a gateway that somebody put there


@dataclass(frozen=True, slots=True)
class AddressRange:
    """Addresses from the first to the last, both included."""

    first: IPv4Address
    last: IPv4Address

    def __contains__(self, address: str) -> bool:
        try:
            return self.first <= IPv4Address(address) <= self.last
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def slice_for(cluster: str, network: IPv4Network) -> AddressRange:
    """The addresses of a cluster.

    Engines hand out a network's addresses from the bottom; ours are at the top. Clusters on the same network would
    answer for each other's addresses, so that each takes a block chosen by its name.
    """
    if network.num_addresses < 4 * _BLOCK:
        last = int(network.broadcast_address) - 1
        return AddressRange(IPv4Address(last - max(network.num_addresses // 8, 1) + 1), IPv4Address(last))
    blocks = max(1, min(_BLOCKS, network.num_addresses // (2 * _BLOCK) - 1))
    number = zlib.crc32(cluster.encode()) % blocks
    last = int(network.broadcast_address) - _TAIL - number * _BLOCK
    return AddressRange(IPv4Address(last - _BLOCK + 1), IPv4Address(last))


def kind_network(engine: Engine) -> IPv4Network:
    """The IPv4 network that kind put its nodes in.

    Raises:
        ClusterUnavailable: the engine does not tell.
    """
    name = os.environ.get(f"KIND_EXPERIMENTAL_{engine.name.upper()}_NETWORK", "") or "kind"
    answer = engine.run("network", "inspect", name)
    try:
        found = [net for net in subnets(json.loads(answer.stdout)) if isinstance(net, IPv4Network)]
    except ValueError:
        found = []
    if found:
        return found[0]
    raise ClusterUnavailable(
        f'{engine.name} does not say which IPv4 addresses its network "{name}" has',
        why=answer.stderr.strip() or "it has none: MetalLB needs some to give",
        next_step=f"`{engine.name} network inspect {name}` shows it",
    )


def subnets(answer: Json) -> Iterator[object]:
    """The subnets in what `network inspect` prints: docker and nerdctl say `Subnet`, podman says `subnet`."""
    if isinstance(answer, list):
        for item in answer:
            yield from subnets(item)
    elif isinstance(answer, dict):
        for key, value in answer.items():
            if key.lower() == "subnet" and _is_network(value):
                yield ip_network(str(value))
            else:
                yield from subnets(value)


def _is_network(value: Json) -> bool:
    base, slash, bits = str(value).partition("/")
    try:
        ip_address(base)
    except ValueError:
        return False
    return bool(slash) and bits.isdigit()
