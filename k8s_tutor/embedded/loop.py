"""The event loop that owns all state: a heap of (time, sequence, callback) on a virtual clock.

Callbacks run in order of their time, and of their scheduling where times are equal, so that the same requests give
the same history on any machine. The loop never waits: whoever holds it decides when time moves (`cluster.pace`).
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from k8s_tutor.clock import VirtualClock

__all__ = ["Loop", "Timer"]


@dataclass(order=True, slots=True)
class Timer:
    """A callback to come. `cancel` it and it never runs."""

    when: float
    sequence: int
    callback: Callable[[], None] | None = field(compare=False)
    label: str = field(compare=False, default="")

    def cancel(self) -> None:
        """Forgets the callback. Safe to call twice."""
        self.callback = None


class Loop:
    """Callbacks in virtual time.

    Attributes:
        clock: The clock this loop moves.
        on_schedule: Called after a callback is added; a real-time pace wakes up here. May be None.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.on_schedule: Callable[[], None] | None = None
        self._heap: list[Timer] = []
        self._sequence = itertools.count()

    def now(self) -> float:
        """Virtual seconds since the Unix epoch."""
        return self.clock.now()

    def call_at(self, when: float, callback: Callable[[], None], label: str = "") -> Timer:
        """Runs `callback` when virtual time reaches `when` (at once-next if that is past)."""
        timer = Timer(max(when, self.now()), next(self._sequence), callback, label)
        heapq.heappush(self._heap, timer)
        if self.on_schedule is not None:
            self.on_schedule()
        return timer

    def call_later(self, seconds: float, callback: Callable[[], None], label: str = "") -> Timer:
        """Runs `callback` after `seconds` of virtual time."""
        return self.call_at(self.now() + seconds, callback, label)

    def next_due(self) -> float | None:
        """When the next callback runs, or None when nothing is to come."""
        while self._heap and self._heap[0].callback is None:
            heapq.heappop(self._heap)
        return self._heap[0].when if self._heap else None

    def step(self) -> bool:
        """Moves time to the next callback and runs that one; False when there is none."""
        if self.next_due() is None:
            return False
        timer = heapq.heappop(self._heap)
        self.clock.advance_to(timer.when)
        callback, timer.callback = timer.callback, None
        assert callback is not None  # next_due dropped the cancelled ones
        callback()
        return True

    def run_until(self, when: float) -> int:
        """Runs every callback due up to `when`, then stands at `when`; returns how many ran."""
        ran = 0
        while (due := self.next_due()) is not None and due <= when:
            self.step()
            ran += 1
        self.clock.advance_to(when)
        return ran
