"""The lock around the embedded core: reentrant, and fair.

A plain `RLock` lets a thread that releases and takes it in a loop (a wait that moves virtual time) starve all others.
Here everyone passes a gate first: who waits at the lock holds the gate, so that the looping thread queues behind.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self

__all__ = ["FairLock", "hold_back_interrupts"]


class FairLock:
    """A fair reentrant lock; a context manager."""

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._inner = threading.RLock()

    @property
    def mine(self) -> bool:
        """True in the thread that holds the lock."""
        # Not public, but what `threading.Condition` itself relies on; own bookkeeping would miss Condition.wait.
        return bool(self._inner._is_owned())  # type: ignore[attr-defined]

    @contextmanager
    def open(self) -> Iterator[None]:
        """Inside, the lock is free for others, however often this thread has taken it; it is taken again after."""
        if not self.mine:
            yield
            return
        # As `threading.Condition.wait` does it, while it waits.
        state = self._inner._release_save()  # type: ignore[attr-defined]
        try:
            yield
        finally:
            with self._gate:
                self._inner._acquire_restore(state)  # type: ignore[attr-defined]

    def condition(self) -> threading.Condition:
        """A condition on this lock."""
        return threading.Condition(self._inner)

    def __enter__(self) -> Self:
        if self.mine:
            self._inner.acquire()
            return self
        with self._gate:
            self._inner.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inner.release()


# ---- Ctrl-C that cannot tear state: held back while the embedded core works, delivered right after


@contextmanager
def hold_back_interrupts() -> Iterator[None]:
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
