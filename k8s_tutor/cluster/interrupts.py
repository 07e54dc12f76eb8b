"""Ctrl-C that cannot tear state: held back while the embedded core works, delivered right after."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["held_back"]


@contextmanager
def held_back() -> Iterator[None]:
    """Delays SIGINT until the block ends; a second Ctrl-C comes through at once, in case the block hangs.

    Signals reach the main thread alone, so that in any other thread this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.getsignal(signal.SIGINT)
    if not callable(previous):  # ignored, or somebody's C handler: not ours to touch
        yield
        return
    seen: list[tuple[int, FrameType | None]] = []

    def remember(number: int, frame: FrameType | None) -> None:
        if seen:
            previous(number, frame)
        seen.append((number, frame))

    signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if seen:
        previous(*seen[0])
