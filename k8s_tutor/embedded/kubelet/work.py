"""CPU time that a container's programs use, counted as they use it."""

from __future__ import annotations

__all__ = ["SERVING", "STARTING", "WINDOW", "Work"]

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
