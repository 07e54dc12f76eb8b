"""One line that says how a wait is going, and is gone when it is over."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

from k8s_tutor.clock import RealClock

__all__ = ["ProgressLine"]

_PATIENCE = 0.7  # real seconds before anything is said: what is over sooner needs no progress
_EVERY = 0.5  # real seconds between two texts


class ProgressLine:
    """Writes over itself with a carriage return, as tqdm does; silent where nobody can see it.

    In awaited pace no real time passes, so that a lesson's recorded outputs never contain it.
    """

    def __init__(self, stream: TextIO | None = None, now: Callable[[], float] | None = None) -> None:
        self._stream = stream or sys.stdout
        self._now = now or RealClock().monotonic
        self._next = self._now() + _PATIENCE
        self._width = 0

    def update(self, text: str) -> None:
        """Shows `text` in place of what was there, unless it is too soon."""
        if self._now() < self._next or not _seen(self._stream):
            return
        self._next = self._now() + _EVERY
        self._write(text[:110])

    def clear(self) -> None:
        """Takes the line away."""
        if self._width:
            self._write("")

    def _write(self, text: str) -> None:
        end = "" if text else "\r"
        self._stream.write(f"\r{text.ljust(self._width)}{end}")
        self._stream.flush()
        self._width = len(text)


def _seen(stream: TextIO) -> bool:
    """A terminal, or a notebook's cell (whose stream is no terminal but belongs to ipykernel)."""
    return stream.isatty() or type(stream).__module__.startswith("ipykernel")
