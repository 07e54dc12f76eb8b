"""What everything on one node shares: its name and address, time, the API server, events, the network."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.core import MachineLoop
from k8s_tutor.embedded.events import EventRecorder
from k8s_tutor.embedded.images.files import Memory
from k8s_tutor.embedded.images.permissions import DIRECTORY, Attributes
from k8s_tutor.embedded.images.tree import Volume
from k8s_tutor.embedded.names import AddressPool
from k8s_tutor.embedded.network import Network
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

T = TypeVar("T")

__all__ = ["SERVING", "STARTING", "WINDOW", "Disk", "Node", "Work"]


# ---- A node's own files: directories that outlive the pods which mount them. A fresh node has none


class Disk:
    """Files by absolute path; a mounted directory is a view of those below it."""

    def __init__(self) -> None:
        self._files: dict[str, bytes | bytearray] = {}
        self._about: dict[str, Attributes] = {}
        self._made: dict[str, None] = {}

    def directory(self, path: str, *, read_only: bool = False, mode: int = 0o755) -> Volume:
        """A directory of the node, made with that mode where it is not there yet."""
        if not self.holds(path):
            self._about[path.rstrip("/")] = Attributes(mode=DIRECTORY | mode)
        self._made[path.rstrip("/")] = None
        return Volume(_Directory(self._files, path), read_only, about=_Directory(self._about, path))

    def holds(self, path: str) -> bool:
        """Whether there is such a directory, made by itself or by something in it."""
        path, inside = path.rstrip("/"), path.rstrip("/") + "/"
        return path in self._made or any(name.startswith(inside) for name in (*self._made, *self._files))

    def remove(self, path: str) -> None:
        """Removes a directory and all in it, if it is there."""
        path, inside = path.rstrip("/"), path.rstrip("/") + "/"
        for held in (self._files, self._about):
            for name in [name for name in held if name == path or name.startswith(inside)]:
                del held[name]
        for name in [name for name in self._made if name == path or name.startswith(inside)]:
            del self._made[name]


class _Directory(MutableMapping[str, T]):
    """What is held about the files below one path, by their paths relative to it; about itself by the empty one."""

    def __init__(self, held: dict[str, T], path: str) -> None:
        self._held = held
        self._prefix = path.rstrip("/") + "/"

    def _whole(self, name: str) -> str:
        return self._prefix + name if name else self._prefix[:-1]

    def __getitem__(self, name: str) -> T:
        return self._held[self._whole(name)]

    def __setitem__(self, name: str, content: T) -> None:
        self._held[self._whole(name)] = content

    def __delitem__(self, name: str) -> None:
        del self._held[self._whole(name)]

    def __iter__(self) -> Iterator[str]:
        start = len(self._prefix)
        return iter([name[start:] for name in self._held if name.startswith(self._prefix)])

    def __len__(self) -> int:
        return sum(1 for _ in self)


# ---- What everything on one node shares: its name and address, time, the API server, events, the network


@dataclass(slots=True)
class Node:
    """One node, for the parts that run on it.

    Attributes:
        name: `k8s-tutor-worker`.
        address: `172.18.0.3`.
        capacity: As in the Node's status.
        loop: Its time, which can stand still.
        api: Writes as this node's kubelet.
        recorder: Events in the kubelet's name.
        random: The node's own randomness, from the cluster's seed.
        disk: What pods leave behind on it.
        memory: What its programs keep in this process.
    """

    name: str
    address: str
    capacity: Obj
    loop: MachineLoop
    store: Store
    api: Local
    recorder: EventRecorder
    network: Network
    pool: AddressPool
    random: Random
    disk: Disk = field(default_factory=Disk)
    memory: Memory = field(default_factory=Memory)

    def now(self) -> float:
        """Virtual seconds since the Unix epoch."""
        return self.loop.now()


# ---- CPU time that a container's programs use, counted as they use it

WINDOW = 15.0  # seconds; metrics-server's usual resolution
STARTING = 0.002  # seconds of CPU to start a process
SERVING = 0.0005  # seconds of CPU to answer a request


class Work:
    """Seconds of CPU time by window; the current one and the one before are kept."""

    def __init__(self) -> None:
        self._window = 0
        self._current = 0.0
        self._before = 0.0

    def add(self, now: float, seconds: float) -> None:
        """Counts CPU time used at `now`, seconds since the epoch."""
        self._turn(now)
        self._current += seconds

    def rate(self, now: float) -> float:
        """CPU time a second, over the last whole window."""
        self._turn(now)
        return self._before / WINDOW

    def _turn(self, now: float) -> None:
        window = int(now // WINDOW)
        if window != self._window:
            self._before = self._current if window == self._window + 1 else 0.0
            self._window, self._current = window, 0.0
