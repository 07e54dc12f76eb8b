"""A learner's function, tried out: what it gives for what it is given, and never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["Answer", "Trial", "is_open", "place_of", "trial"]

Answer: TypeAlias = Callable[..., Any]
"""A function that a learner wrote, or the course's own in its place."""


@dataclass(frozen=True)
class Trial:
    """What came of one call.

    Attributes:
        value: What it returned; None where it broke off.
        trouble: Why it broke off, `KeyError: 'name'`, and in which of its lines; empty where it did not.
    """

    value: Any = None
    trouble: str = ""


def trial(function: Answer, *given: Any) -> Trial:
    """Calls a function with copies of what it is given, so that it can spoil nothing."""
    try:
        return Trial(function(*(one if callable(one) else deepcopy(one) for one in given)))
    except Exception as error:
        return Trial(trouble=place_of(error))


def is_open(value: Any) -> bool:
    """Whether a marked place still holds the three dots it came with."""
    return value is ...


def place_of(error: Exception) -> str:
    """An error in one line, with the line of the learner's cell it came from: `KeyError: 'name' (line 3)`."""
    said = f"{type(error).__name__}: {error}".rstrip(": ")
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") in ("__main__", None) or "__file__" not in trace.tb_frame.f_globals:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{said} (line {line} of its cell)" if line else said
