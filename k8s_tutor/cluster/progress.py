"""Progress of something that takes long, step by step: a bar in a notebook or a terminal, plain lines elsewhere.

Whoever waits sees how long it has been, and that it still goes on; of a step that takes long, what it waits for.
"""

from __future__ import annotations

import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Never, Protocol

from k8s_tutor.clock import RealClock
from k8s_tutor.language import Wording, msg

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["Bar", "Heartbeat", "Lines", "ProgressReport", "choose_report", "reported"]

_LONG = 5.0  # seconds after which a step says what it waits for
_SIGN_OF_LIFE = 10.0  # seconds between two lines of a log about the same step


class ProgressReport(Protocol):
    """Told about steps as they begin."""

    def start(self, title: Wording, steps: int) -> None:
        """Something begins that has so many steps, as far as is known."""
        ...

    def step(self, name: Wording, waits_for: Wording = "") -> None:
        """The next step begins; the one before is done.

        Args:
            name: What is done.
            waits_for: What it waits for, to be read after "waits for"; told if it takes long.
        """
        ...

    def wait_for(self, waits_for: Wording) -> None:
        """What the current step waits for by now."""
        ...

    def finish(self, *, done: bool) -> None:
        """It is over: done, or broken off. Safe to call twice."""
        ...


class Heartbeat:
    """Calls back every so many seconds until it is stopped."""

    def __init__(self, seconds: float, beat: Callable[[], None]) -> None:
        self._seconds, self._beat = seconds, beat
        self._stop = threading.Event()
        threading.Thread(target=self._run, name="k8s-tutor-progress", daemon=True).start()

    def stop(self) -> None:
        """No beat begins after this. Safe to call twice."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            self._beat()


class _Steps(ABC):
    """What both reports know: which step it is, since when, and what it waits for."""

    beats = _SIGN_OF_LIFE

    def __init__(self) -> None:
        self._clock = RealClock()
        self._lock = threading.RLock()  # a beat comes from another thread
        self._pulse: Heartbeat | None = None
        self._name: Wording = ""
        self._waits_for: Wording = ""
        self._begun = self._step_begun = 0.0

    def wait_for(self, waits_for: Wording) -> None:
        """See `ProgressReport.wait_for`."""
        with self._lock:
            self._waits_for = waits_for

    def _begin(self) -> None:
        self._end()
        self._begun = self._step_begun = self._clock.monotonic()
        self._name = self._waits_for = ""
        self._pulse = Heartbeat(self.beats, self._beat)

    def _begin_step(self, name: Wording, waits_for: Wording) -> None:
        self._name, self._waits_for, self._step_begun = name, waits_for, self._clock.monotonic()

    def _end(self) -> None:
        if self._pulse is not None:
            self._pulse.stop()
            self._pulse = None

    def _since(self, moment: float) -> float:
        return self._clock.monotonic() - moment

    def _describe(self) -> Wording:
        """The current step; with what it waits for once it has taken long."""
        if self._waits_for and self._since(self._step_begun) >= _LONG:
            return msg("{name}, waits for {what}", name=self._name, what=self._waits_for)
        return self._name

    @abstractmethod
    def _beat(self) -> None:
        """Shows how long it takes by now."""


class Bar(_Steps):
    """A tqdm bar that names the current step and how long it takes."""

    beats = 1.0

    def __init__(self) -> None:
        super().__init__()
        self._bar: tqdm[Never] | None = None

    def start(self, title: Wording, steps: int) -> None:
        """See `ProgressReport.start`."""
        from tqdm.auto import tqdm  # noqa: PLC0415  # slow to import, and rarely needed

        layout = "{desc} {bar} {n_fmt}/{total_fmt} [{elapsed}]{postfix}"
        with self._lock:
            self._bar = tqdm(total=steps, desc=str(title), bar_format=layout, leave=True)
            self._begin()

    def step(self, name: Wording, waits_for: Wording = "") -> None:
        """See `ProgressReport.step`."""
        with self._lock:
            if self._bar is None:
                return
            if self._name:
                self._advance()
            self._begin_step(name, waits_for)
            self._bar.set_postfix_str(str(name))

    def finish(self, *, done: bool) -> None:
        """See `ProgressReport.finish`."""
        with self._lock:
            self._end()
            if self._bar is None:
                return
            if done:
                self._bar.total = self._bar.n + 1 if self._name else self._bar.n
                self._advance()
                self._bar.set_postfix_str(str(msg("ready")))
            self._bar.close()
            self._bar = None

    def _beat(self) -> None:
        with self._lock:
            if self._bar is not None and self._name:
                took = msg("{what} ({seconds:.0f} s)", what=self._describe(), seconds=self._since(self._step_begun))
                self._bar.set_postfix_str(str(took))

    def _advance(self) -> None:
        assert self._bar is not None
        if self._bar.total is not None and self._bar.n >= self._bar.total:
            self._bar.total = self._bar.n + 1
        self._bar.update(1)


class Lines(_Steps):
    """One line a step, for logs, with the seconds since the beginning; more of a step that takes long."""

    def __init__(self) -> None:
        super().__init__()
        self._title: Wording = ""
        self._number = 0
        self._steps = 0

    def start(self, title: Wording, steps: int) -> None:
        """See `ProgressReport.start`."""
        with self._lock:
            self._title, self._number, self._steps = title, 0, steps
            self._begin()

    def step(self, name: Wording, waits_for: Wording = "") -> None:
        """See `ProgressReport.step`."""
        with self._lock:
            self._number += 1
            self._steps = max(self._steps, self._number)
            self._begin_step(name, waits_for)
            self._say(name)

    def finish(self, *, done: bool) -> None:
        """See `ProgressReport.finish`."""
        with self._lock:
            self._end()
            if self._title:
                state, took = msg("ready") if done else msg("not finished"), self._since(self._begun)
                line = msg("{title}: {state} ({seconds:.0f} s)", title=self._title, state=state, seconds=took)
                print(line, file=sys.stderr, flush=True)
            self._title = ""

    def _beat(self) -> None:
        with self._lock:
            if self._title and self._name and self._since(self._step_begun) >= _LONG:
                self._say(msg("still: {what}", what=self._describe()))

    def _say(self, what: Wording) -> None:
        at = msg("{seconds:.0f} s", seconds=self._since(self._begun))
        print(f"{self._title} [{self._number}/{self._steps}] {at}  {what}", file=sys.stderr, flush=True)


def choose_report() -> ProgressReport:
    """A bar where somebody watches (notebook, terminal), lines where a log is written."""
    if "ipykernel" in sys.modules or sys.stderr.isatty():
        return Bar()
    return Lines()


@contextmanager
def reported(report: ProgressReport, title: Wording, steps: int) -> Iterator[ProgressReport]:
    """Inside, something is done that has so many steps; whether it was done shows at its end."""
    report.start(title, steps)
    done = False
    try:
        yield report
        done = True
    finally:
        report.finish(done=done)
