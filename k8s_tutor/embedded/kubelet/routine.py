"""Work that takes virtual time, written as it is thought: a generator that yields what it waits for."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

from k8s_tutor.embedded.core import AnyLoop, Timer
from k8s_tutor.embedded.kubelet.process import Process

__all__ = ["Ended", "Pause", "Routine", "Together", "Work"]


@dataclass(frozen=True, slots=True)
class Pause:
    """Waits `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Ended:
    """Waits for a process, at most `timeout` seconds (None: as long as it takes); the result says whether it ended."""

    process: Process
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """Runs several works side by side and waits for all of them."""

    works: tuple[Work, ...]


Wait: TypeAlias = Pause | Ended | Together
Work: TypeAlias = Generator[Wait, Any, Any]


class Routine:
    """Runs one work. `cancel` it and it stops where it is.

    Args:
        loop: Virtual time.
        work: What to do.
        done: Called with its result, unless cancelled.
    """

    def __init__(self, loop: AnyLoop, work: Work, done: Callable[[Any], None]) -> None:
        self._loop = loop
        self._work = work
        self._running = False
        self._done = done
        self._timer: Timer | None = None
        self._children: list[Routine] = []
        self._waits = 0  # numbers the waits: a late answer to an earlier one is not for this one
        self.over = False

    def start(self) -> None:
        """Runs up to the first wait."""
        self._advance(None)

    def cancel(self) -> None:
        """Stops; nothing is called any more."""
        if self.over:
            return
        self.over = True
        if self._timer is not None:
            self._timer.cancel()
        for child in self._children:
            child.cancel()
        if not self._running:  # its own request may be what ends it: the pod's deletion
            self._work.close()

    def _advance(self, value: Any) -> None:
        if self.over:
            return
        self._waits += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._running = True
        try:
            step = self._work.send(value)
        except StopIteration as stop:
            if not self._cancelled():
                self.over = True
                self._done(stop.value)
            return
        finally:
            self._running = False
        if self._cancelled():
            self._work.close()
            return
        match step:
            case Pause(seconds):
                self._timer = self._loop.call_later(seconds, lambda: self._advance(None), "kubelet")
            case Ended():
                self._await(step)
            case Together(works):
                self._run_together(works)

    def _cancelled(self) -> bool:
        return self.over

    def _await(self, step: Ended) -> None:
        if step.process.exit_code is not None:
            self._timer = self._loop.call_later(0, lambda: self._advance(True), "kubelet")
            return
        number = self._waits

        def answer(result: bool) -> None:
            if self._waits == number:
                self._advance(result)

        def ended(_: int) -> None:
            self._loop.call_later(0, lambda: answer(True), "kubelet")

        step.process.on_exit.append(ended)
        if step.timeout is not None:
            self._timer = self._loop.call_later(step.timeout, lambda: answer(False), "kubelet")

    def _run_together(self, works: tuple[Work, ...]) -> None:
        left = len(works)
        if not left:
            self._timer = self._loop.call_later(0, lambda: self._advance(None), "kubelet")
            return

        def one_done(_: Any) -> None:
            nonlocal left
            left -= 1
            if not left:
                self._children.clear()
                self._advance(None)

        self._children = [Routine(self._loop, work, one_done) for work in works]
        for child in list(self._children):
            child.start()
