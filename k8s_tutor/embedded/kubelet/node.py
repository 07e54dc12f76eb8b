"""What everything on one node shares: its name and address, time, the API server, events, the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.events import EventRecorder
from k8s_tutor.embedded.kubelet.disk import Disk
from k8s_tutor.embedded.loop import Loop
from k8s_tutor.embedded.network.addresses import AddressPool
from k8s_tutor.embedded.network.network import Network
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

__all__ = ["Node"]


@dataclass(slots=True)
class Node:
    """One node, for the parts that run on it.

    Attributes:
        name: `k8s-tutor-worker`.
        address: `172.18.0.3`.
        capacity: As in the Node's status.
        api: Writes as this node's kubelet.
        recorder: Events in the kubelet's name.
        random: The node's own randomness, from the cluster's seed.
        disk: What pods leave behind on it.
    """

    name: str
    address: str
    capacity: Obj
    loop: Loop
    store: Store
    api: Local
    recorder: EventRecorder
    network: Network
    pool: AddressPool
    random: Random
    disk: Disk = field(default_factory=Disk)

    def now(self) -> float:
        """Virtual seconds since the Unix epoch."""
        return self.loop.now()
