"""Waiting for a Service: until so many ready pods stand behind it, as its EndpointSlices say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import WatchClosed
from k8s_tutor.clock import Clock
from k8s_tutor.errors import Cancelled, WaitTimeout
from k8s_tutor.objects import endpointslices
from k8s_tutor.session.progress import ProgressLine
from k8s_tutor.session.targets import Target
from k8s_tutor.session.waiting import seconds

__all__ = ["ServingWaiter", "wanted_pods"]

_WORDS = re.compile(r"(\d+) ready pods?", re.IGNORECASE)
_BEAT = 0.5  # seconds of the cluster's time between two looks at the progress line
_PROXIES_FOLLOW = 1.5
"""Seconds after which every node's kube-proxy has written a change down; by default it does so once a second."""


def wanted_pods(target: Target, what: object) -> int | None:
    """The number in `3 ready pods` of a Service; None for any other goal."""
    if target.kind.kind != "Service" or not isinstance(what, str):
        return None
    found = _WORDS.fullmatch(what.strip())
    return int(found[1]) if found else None


@dataclass
class ServingWaiter:
    """Waits until a Service has exactly so many ready endpoints, and the nodes know it.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's time.
        service: The Service; it need not exist yet.
        wanted: How many.
        line: Where progress is shown.
    """

    client: Client
    clock: Clock
    service: Target
    wanted: int
    line: ProgressLine = field(default_factory=ProgressLine)

    @property
    def words(self) -> str:
        """The goal, to be read after "is"."""
        return f"served by {self.wanted} ready pod{'s' if self.wanted != 1 else ''}"

    def wait(self, timeout: float) -> float:
        """The seconds it took.

        Raises:
            WaitTimeout: `timeout` seconds of the cluster's time have passed.
            Cancelled: Ctrl-C.
        """
        start = self.clock.now()
        try:
            while (ready := self._look(start + timeout)) != self.wanted:
                if self.clock.now() >= start + timeout:
                    raise self._timed_out(ready, timeout)
        except KeyboardInterrupt:
            raise self._cancelled() from None
        finally:
            self.line.clear()
        took = self.clock.now() - start
        self._let_proxies_follow()
        return took

    def _look(self, deadline: float) -> int:
        """How many are ready; where it is not the wanted number, at the latest after the next change."""
        labels = f"{endpointslices.SERVICE_NAME}={self.service.name}"
        kind, namespace = "endpointslices", self.service.namespace
        slices, version = self.client.list_with_version(kind, namespace, labels=labels)
        ready = endpointslices.ready(slices)
        if ready == self.wanted:
            return ready
        self.line.update(f"waiting for {self.service} to be {self.words}: it has {ready}")
        with self.client.watch(kind, namespace, since=version) as watch:
            while (left := deadline - self.clock.now()) > 0:
                try:
                    if watch.next(min(left, _BEAT)) is not None:
                        break
                except WatchClosed:
                    break
        return ready

    def _let_proxies_follow(self) -> None:
        """No object says how far the nodes' proxies are: whoever asks the Service next should meet the new state."""
        until = self.clock.now() + _PROXIES_FOLLOW
        with self.client.watch("endpointslices", self.service.namespace) as watch:
            while (left := until - self.clock.now()) > 0:
                try:
                    watch.next(left)
                except WatchClosed:
                    break

    def _timed_out(self, ready: int, timeout: float) -> WaitTimeout:
        return WaitTimeout(
            f"{self.service} was not {self.words} within {seconds(timeout)}.",
            why=f"Seen last: {ready} of them.",
            next_step=f't.graph("{self.service}") shows who is behind it, and why not.',
        )

    def _cancelled(self) -> Cancelled:
        return Cancelled(
            f"Stopped waiting for {self.service} to be {self.words}.",
            why="You pressed stop (Ctrl-C). The cluster goes on by itself; nothing was undone.",
            next_step=f't.graph("{self.service}") shows how far it is.',
        )
