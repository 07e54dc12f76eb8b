"""Time as an argument: the only module that knows wall time.

A `Clock` tells the time as seconds since the Unix epoch (float, UTC). Nothing outside this module may call
`time.time`, `time.monotonic`, `time.sleep` or `datetime.now`; a lint rule says so.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

__all__ = ["EPOCH", "Clock", "RealClock", "VirtualClock", "from_rfc3339", "rfc3339"]

EPOCH = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
"""Where virtual time begins unless told otherwise: the same in every run, so that outputs are."""


class Clock(Protocol):
    """Something that tells the time in seconds since the Unix epoch."""

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        ...


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


def from_rfc3339(text: str) -> float:
    """Seconds since the epoch for an API timestamp, with or without fractions.

    Raises:
        ValueError: the text is no RFC 3339 time.
    """
    return datetime.fromisoformat(text).timestamp()
