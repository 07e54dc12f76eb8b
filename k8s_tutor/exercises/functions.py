"""Judging a function that a learner completes: tried out on situations, never run against the cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from k8s_tutor.clock import RealClock
from k8s_tutor.exercises.calling import SECONDS, Call, Called, LearnerFunction, call_function, remaining
from k8s_tutor.exercises.exercise import Check
from k8s_tutor.exercises.state import State
from k8s_tutor.exercises.verdict import Outcome, Seen, Verdict, failed, not_attempted
from k8s_tutor.language import Message, msg, msg_template

__all__ = ["explain_trouble", "try_function"]

_SHOWN = 200  # characters of output that stand in a verdict


def try_function(exercise: str, look: Callable[[Call], Seen | Verdict], *first: Any) -> Check:
    """A check that tries out the function a learner has written.

    None, or one that still returns `...`, is not attempted; one that breaks off, does not end or prints without end
    gets an answer of its own. All calls together have 3 seconds.

    >>> def look(call):
    ...     called = call(2)
    ...     return see(f"double(2) is {called.value}") if called.value == 4 else failed("2 was not doubled.")
    >>> try_function("demo-1", look, 1)(State.of(functions={"demo-1": lambda number: 2 * number}))
    Seen(facts=('double(2) is 4',), lasting=0.0)

    Args:
        exercise: Its id.
        look: The judgement proper; is given a way to call the function. A call that was stopped ends it badly, whatever
            it makes of the value.
        *first: What the function is given to find out whether it is still open.
    """

    def check(state: State) -> Seen | Verdict:
        function = state.functions.get(exercise)
        if function is None:
            hint = msg('Run the cell that begins with `@t.place("{exercise}")`, then check again.', exercise=exercise)
            return not_attempted(msg("the function is still to be written: its cell has not been run."), hint=hint)
        caller = _Caller(function)
        called = caller(*first)
        if called.is_open:
            return not_attempted(msg("the function is still to be written: it returns `...`."))
        found = explain_trouble(called) if called.trouble else _looked(look, caller)
        printed = caller.printed.strip()
        if isinstance(found, Verdict) and found.outcome is Outcome.FAILED and printed:
            return found.adding(msg("it printed: {text}", text=printed if len(printed) <= _SHOWN else _cut(printed)))
        return found

    return check


_BROKE_OFF = (msg("the function broke off."), msg_template("the function broke off {about}."))
_SUMMARIES = {
    "endless": (msg("the function does not end."), msg_template("the function does not end {about}.")),
    "output": (msg("the function prints without end."), msg_template("the function prints without end {about}.")),
}


def explain_trouble(called: Called, about: str | Message = "") -> Verdict:
    """The verdict on a call that came to no value; the hint fits the error where it is a usual one.

    Args:
        called: The call.
        about: On what: "when db-1 has no Pod".
    """
    assert called.trouble is not None
    kind, text = called.trouble.kind, called.trouble.text
    alone, somewhere = _SUMMARIES.get(kind, _BROKE_OFF)
    summary = somewhere.fill(about=about) if about else alone
    return failed(summary, text, hint=_HINTS.get(kind, _ANY))


def _looked(look: Callable[[Call], Seen | Verdict], caller: _Caller) -> Seen | Verdict:
    """What the judgement says, unless it has overlooked that a call came to no value."""
    found = look(caller)
    called = caller.troubled
    if called is None or called.trouble is None:
        return found
    if isinstance(found, Seen):
        return explain_trouble(called)
    was_stopped = called.trouble.kind in ("endless", "output")
    return explain_trouble(called) if was_stopped and str(called.trouble) not in map(str, found.evidence) else found


class _Caller:
    """Calls one function again and again; all calls share the time."""

    def __init__(self, function: LearnerFunction) -> None:
        self._function = function
        self._began = RealClock().monotonic()
        self.printed = ""
        self.troubled: Called | None = None

    def __call__(self, *given: Any) -> Called:
        called = call_function(self._function, *given, seconds=remaining(self._began))
        self.printed = called.printed or self.printed
        if called.trouble and called.trouble.kind == "endless":
            text = msg("stopped after {seconds:.0f} s: a call takes a moment, not seconds", seconds=SECONDS)
            called = replace(called, trouble=replace(called.trouble, text=text))
        if called.trouble and self.troubled is None:
            self.troubled = called
        return called


def _cut(text: str) -> str:
    return f"{text[:_SHOWN]}… (cut)"


_ANY = msg("The last word of the error says what Python did not like; the line is counted from the top of the cell.")
_HINTS = {
    "NameError": msg("A name is misspelt, or not known inside the function: it has its arguments and Python's words."),
    "KeyError": msg(
        "There is no such key here. Not every Pod has it: `key in pod[…]` asks, `.get(key)` gives None instead of an "
        "error."
    ),
    "TypeError": msg(
        "Something is of another type than the line expects, or the function takes other arguments than it is given: "
        "leave the first line, `def …`, as it came."
    ),
    "AttributeError": msg('Kubernetes objects are plain dicts here: write `pod["status"]`, not `pod.status`.'),
    "IndexError": msg("A list was shorter than expected: it may be empty."),
    "endless": msg("Is there a loop whose condition never becomes false? It needs no loop that waits."),
    "output": msg("Take the `print` out of the loop, or print less."),
}
