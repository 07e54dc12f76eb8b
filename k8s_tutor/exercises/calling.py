"""Calling a function that a learner wrote: within a time, within an amount of output, and never with a traceback.

The function runs in a thread of its own. When its time is over, or it has printed too much, tracing raises an exception
in it at its next line, whatever operating system or kernel it runs in. What tracing cannot end is a single call into
C that does not come back (`time.sleep(1000)`, `sum(range(10**12))`) and a bare `except:` around everything: the verdict
comes in time all the same, and the thread is left to itself; it does not keep the kernel from ending.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from types import FrameType
from typing import Any, TextIO, TypeAlias

from k8s_tutor.clock import RealClock
from k8s_tutor.language import Wording, msg

__all__ = ["Call", "Called", "LearnerFunction", "Trouble", "call_function", "locate_error", "show_value"]

LearnerFunction: TypeAlias = Callable[..., Any]
"""A function that a learner wrote, or the course's own in its stead."""

SECONDS = 3.0
"""Real seconds that a learner's function may take, over all the calls of one judging."""

OUTPUT = 20_000
"""Characters that it may print."""

_MERCY = 0.3  # real seconds for the thread to end once it has been told to


@dataclass(frozen=True)
class Trouble:
    """Why a call came to no value.

    Attributes:
        kind: The name of the error, `KeyError`; `endless` or `output` for a function that was stopped.
        text: `KeyError: 'name' (line 3 of its cell)`.
    """

    kind: str
    text: Wording

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True)
class Called:
    """What came of one call.

    Attributes:
        value: What it returned; None where it came to no value.
        shown: The value as evidence, cut short.
        trouble: Why it came to no value; None where it did.
        printed: What it printed.
    """

    value: Any = None
    shown: str = "None"
    trouble: Trouble | None = None
    printed: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it returned the three dots that it came with."""
        return self.value is ...


Call: TypeAlias = Callable[..., Called]
"""Calls the learner's function with copies of what it is given."""


def call_function(function: LearnerFunction, *given: Any, seconds: float = SECONDS, output: int = OUTPUT) -> Called:
    """Calls a function with copies of what it is given, so that it can spoil nothing.

    >>> call_function(lambda names: sorted(names), ["b", "a"]).value
    ['a', 'b']

    Args:
        function: The learner's.
        *given: Its arguments; functions among them are passed as they are.
        seconds: Real seconds it may take.
        output: Characters it may print.
    """
    worker = _Worker(function, tuple(one if callable(one) else deepcopy(one) for one in given), output)
    return worker.run(seconds)


def show_value(value: object) -> str:
    """A value as evidence, cut short."""
    try:
        text = repr(value)
    except Exception as error:
        kind, raised = type(value).__name__, type(error).__name__
        return str(msg("a {kind} whose repr() raises {error}", kind=kind, error=raised))
    return text if len(text) <= 80 else f"{text[:77]}…"


def locate_error(error: BaseException) -> Wording:
    """An error in one line, with the line of the learner's cell it came from: `KeyError: 'name' (line 3)`."""
    said = f"{type(error).__name__}: {error}".rstrip(": ")
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") in ("__main__", None) or "__file__" not in trace.tb_frame.f_globals:
            line = trace.tb_lineno
        trace = trace.tb_next
    return msg("{said} (line {line} of its cell)", said=said, line=line) if line else said


class _Stopped(BaseException):
    """Raised inside the learner's function; `except Exception` does not swallow it."""


class _Worker:
    """One call in a thread of its own."""

    def __init__(self, function: LearnerFunction, given: tuple[Any, ...], output: int) -> None:
        self._function = function
        self._given = given
        self._output = output
        self._stop = ""  # why, once it is to stop
        self._text: list[str] = []
        self._length = 0
        self._called: Called | None = None
        self._thread = threading.Thread(target=self._work, name="learner-function", daemon=True)

    def run(self, seconds: float) -> Called:
        before = sys.stdout
        sys.stdout = tee = _Tee(before, self)
        try:
            self._thread.start()
            self._thread.join(seconds)
            self._stop = self._stop or "endless"
            self._trace_instructions()
            self._thread.join(_MERCY)
        finally:
            self._stop = self._stop or "endless"  # Ctrl-C, too, ends it
            if sys.stdout is tee:  # else somebody else's stands there by now, and is not ours to take away
                sys.stdout = before
        if self._called is not None:
            return self._called
        return Called(trouble=self._stopped(), printed="".join(self._text))

    def _trace_instructions(self) -> None:
        """A loop in one line, `while True: pass`, comes to no new line: from here on each instruction counts."""
        frame = sys._current_frames().get(self._thread.ident or 0)
        while frame is not None:
            frame.f_trace_opcodes = True
            frame = frame.f_back

    def take(self, text: str) -> None:
        """Keeps what it prints, up to a limit; beyond, it is stopped."""
        kept = text[: max(self._output - self._length, 0)]
        self._text.append(kept)
        self._length += len(text)
        if self._length > self._output:
            self._stop = self._stop or "output"
            raise _Stopped

    def is_running_here(self) -> bool:
        return threading.current_thread() is self._thread

    def _work(self) -> None:
        sys.settrace(self._trace)
        try:
            value = self._function(*self._given)
            shown = show_value(value)  # a learner's own class may do anything here
            sys.settrace(None)
            self._called = Called(value, shown, printed="".join(self._text))
        except _Stopped:
            self._called = Called(trouble=self._stopped(), printed="".join(self._text))
        except BaseException as error:  # SystemExit of `exit()`, too, is no reason to end anything of ours
            sys.settrace(None)
            trouble = Trouble(type(error).__name__, locate_error(error))
            self._called = Called(trouble=trouble, printed="".join(self._text))

    def _trace(self, _frame: FrameType, _event: str, _arg: object) -> Any:
        if self._stop:
            raise _Stopped
        return self._trace

    def _stopped(self) -> Trouble:
        if self._stop == "output":
            return Trouble("output", msg("stopped after {output:,} characters of output", output=self._output))
        return Trouble("endless", msg("stopped: it had not ended"))


class _Tee:
    """Stands in for `sys.stdout`: what the function prints goes to its worker, all else where it went before."""

    def __init__(self, before: TextIO, worker: _Worker) -> None:
        self._before = before
        self._worker = worker

    def write(self, text: str) -> int:
        if not self._worker.is_running_here():
            return self._before.write(text)
        self._worker.take(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._before, name)


def remaining(began: float, seconds: float = SECONDS) -> float:
    """Real seconds that are left of a judging that began at `began` on the monotonic clock."""
    return max(began + seconds - RealClock().monotonic(), 0.05)
