"""Time as an argument: the only module that knows wall time.

A `Clock` tells the time as seconds since the Unix epoch (float, UTC). Nothing outside this module may call
`time.time`, `time.monotonic`, `time.sleep` or `datetime.now`; a lint rule says so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Protocol, runtime_checkable

__all__ = [
    "EPOCH",
    "Clock",
    "PausableClock",
    "RealClock",
    "ServerClock",
    "VirtualClock",
    "clock_face",
    "date_and_time",
    "from_rfc3339",
    "is_paused",
    "on_errand",
    "rfc3339",
]

EPOCH = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
"""Where virtual time begins unless told otherwise: the same in every run, so that outputs are."""


class Clock(Protocol):
    """Something that tells the time in seconds since the Unix epoch."""

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        ...


@runtime_checkable
class PausableClock(Protocol):
    """The time of a cluster that can be paused."""

    @property
    def paused(self) -> bool:
        """Whether it stands still until somebody steps it or lets it go on."""
        ...

    def errand(self) -> AbstractContextManager[None]:
        """Inside, who waits moves it all the same, as far as the wait needs."""
        ...

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls `listener` when it is paused or goes on; returns what ends that."""
        ...


def is_paused(clock: Clock) -> bool:
    """Whether a cluster's time is paused; that of a real one never is."""
    return isinstance(clock, PausableClock) and clock.paused


def on_errand(clock: Clock) -> AbstractContextManager[None]:
    """Inside, waiting moves a paused time: for what somebody has asked for as a whole, such as a lesson's beginning."""
    return clock.errand() if isinstance(clock, PausableClock) else nullcontext()


class RealClock:
    """Wall time for dates, a monotonic clock for deadlines."""

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never run backwards, for deadlines."""
        return time.monotonic()

    def wait(self, condition: threading.Condition, seconds: float | None) -> bool:
        """Waits on a held condition until notified (True) or until `seconds` have passed (False)."""
        return condition.wait(seconds)

    def pause(self, seconds: float) -> None:
        """Does nothing for a while: only for what can be asked but not watched, such as a container engine."""
        time.sleep(seconds)


class ServerClock:
    """The clock of a server elsewhere, as its answers' `Date` tells it.

    Ages and deadlines are counted from times that the server wrote, so its clock counts, not ours: a virtual machine
    that slept, or a simulated cluster, may be minutes away. `Date` has whole seconds, so every answer says between
    which two moments the server's time was; several say it better. Where both clocks may be the same, they are.
    """

    def __init__(self) -> None:
        self._ahead = (float("-inf"), float("inf"))  # of us, at least and at most; one value, as threads share it

    def hear(self, date: str, asked: float, answered: float) -> None:
        """Learns from an answer.

        Args:
            date: Its `Date`; one that is missing or cannot be read teaches nothing.
            asked: Our own time when the request left.
            answered: Our own time when the answer was there.
        """
        try:
            told = parsedate_to_datetime(date).timestamp()
        except ValueError:
            return
        low, high = told - answered, told + 1 - asked
        known = self._ahead
        if low <= known[1] and high >= known[0]:
            low, high = max(low, known[0]), min(high, known[1])
        self._ahead = (low, high)

    def now(self) -> float:
        """The server's time, seconds since the Unix epoch."""
        low, high = self._ahead
        return time.time() + (0 if low <= 0 <= high else (low + high) / 2)


class VirtualClock:
    """A clock that stands still until somebody moves it."""

    def __init__(self, start: float = EPOCH) -> None:
        self._now = start

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        return self._now

    def advance_to(self, when: float) -> None:
        """Moves time forward to `when`; a moment in the past leaves it where it is."""
        self._now = max(self._now, when)


def rfc3339(seconds: float) -> str:
    """The API's time format, whole seconds: `2026-01-01T00:00:00Z`."""
    return _in_whole_seconds(int(seconds))


@lru_cache(maxsize=256)  # the same moment is written into many objects
def _in_whole_seconds(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def clock_face(seconds: float) -> str:
    """`12:03:07`, as the clock on this computer's wall shows it."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S")


def date_and_time(seconds: float) -> str:
    """`2026-11-30 18:03`, as the calendar and the clock on this computer's wall show it."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def from_rfc3339(text: str) -> float:
    """Seconds since the epoch for an API timestamp, with or without fractions.

    Raises:
        ValueError: the text is no RFC 3339 time.
    """
    return datetime.fromisoformat(text).timestamp()
