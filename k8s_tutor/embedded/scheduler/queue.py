"""Pods that wait for a node: by priority, then by time; those that found none wait for a reason to try again.

A failed pod waits at least 1 s, then 2 s … up to 10 s, and until something happens that may change the mind of a
filter that refused it; after five minutes it is tried again in any case.
See kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from k8s_tutor.embedded.loop import Loop, Timer
from k8s_tutor.objects.metadata import Key

__all__ = ["SchedulingQueue", "Waiting"]

NOTICE, PACE = 0.003, 0.001
FIRST_BACKOFF, LAST_BACKOFF = 1.0, 10.0
PATIENCE = 300.0


@dataclass(slots=True)
class Waiting:
    """A pod that waits.

    Attributes:
        attempts: Failed attempts so far.
        refused_by: The filters that refused it last.
        tried: When, in seconds since the epoch.
        awaited: When to try again although nothing happened; None while it is queued.
    """

    key: Key
    priority: int
    since: float
    attempts: int = 0
    refused_by: frozenset[str] = frozenset()
    tried: float = 0.0
    awaited: Timer | None = field(default=None, repr=False)

    def backoff_ends(self) -> float:
        """The earliest moment of the next attempt."""
        if self.attempts == 0:
            return 0.0
        return self.tried + float(min(FIRST_BACKOFF * 2.0 ** min(self.attempts - 1, 10), LAST_BACKOFF))


class SchedulingQueue:
    """Calls `schedule(waiting)` for one pod after the other."""

    def __init__(self, loop: Loop, schedule: Callable[[Waiting], None]) -> None:
        self._loop = loop
        self._schedule = schedule
        self._active: dict[Key, Waiting] = {}
        self._parked: dict[Key, Waiting] = {}
        self._worker: Timer | None = None

    def add(self, key: Key, priority: int) -> None:
        """A pod to place."""
        if key not in self._active and key not in self._parked:
            self._activate(Waiting(key, priority, self._loop.now()))

    def park(self, waiting: Waiting, refused_by: Iterable[str]) -> None:
        """A pod that found no node."""
        waiting.refused_by = frozenset(refused_by)
        waiting.tried = self._loop.now()
        self._parked[waiting.key] = waiting
        waiting.awaited = self._loop.call_later(PATIENCE, lambda: self.wake(waiting.key), f"scheduler {waiting.key}")

    def remove(self, key: Key) -> None:
        """A pod that needs no node any more."""
        self._active.pop(key, None)
        waiting = self._parked.pop(key, None)
        if waiting is not None and waiting.awaited is not None:
            waiting.awaited.cancel()

    def parked(self) -> list[Waiting]:
        """The pods that found no node."""
        return list(self._parked.values())

    def wake(self, key: Key) -> None:
        """There is a reason to try a parked pod again: soon, but not before its back-off has passed."""
        waiting = self._parked.get(key)
        if waiting is None:
            return
        if waiting.awaited is not None:
            waiting.awaited.cancel()
        ready = waiting.backoff_ends()
        if ready > self._loop.now():
            waiting.awaited = self._loop.call_at(ready, lambda: self.wake(key), f"scheduler {key}")
            waiting.refused_by = frozenset()  # Nothing can hasten or delay it any more.
            return
        del self._parked[key]
        waiting.awaited = None
        self._activate(waiting)

    def _activate(self, waiting: Waiting) -> None:
        self._active[waiting.key] = waiting
        self._run_later(NOTICE)

    def _run_later(self, seconds: float) -> None:
        if self._worker is None and self._active:
            self._worker = self._loop.call_later(seconds, self._next, "scheduler")

    def _next(self) -> None:
        self._worker = None
        if not self._active:
            return
        key = min(self._active, key=lambda key: (-self._active[key].priority, self._active[key].since))
        waiting = self._active.pop(key)
        try:
            self._schedule(waiting)
        finally:
            self._run_later(PACE)
