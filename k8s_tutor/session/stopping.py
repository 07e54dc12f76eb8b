"""Ctrl-C in any of a session's methods: a message instead of a traceback."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType
from typing import ParamSpec, TypeVar

from k8s_tutor.errors import Cancelled

__all__ = ["stoppable"]

Args = ParamSpec("Args")
Result = TypeVar("Result")
Class = TypeVar("Class", bound=type)


def stoppable(cls: Class) -> Class:
    """Makes all public methods of a class end with `Cancelled` on Ctrl-C; what knows better says so itself."""
    for name, method in list(vars(cls).items()):
        if isinstance(method, FunctionType) and not name.startswith("_"):
            setattr(cls, name, _told(method, name))
    return cls


def _told(method: Callable[Args, Result], name: str) -> Callable[Args, Result]:
    @functools.wraps(method)
    def run(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        try:
            return method(*args, **kwargs)
        except KeyboardInterrupt:
            raise Cancelled(
                f"Stopped t.{name}.",
                why="You pressed stop (Ctrl-C). What the cluster was told before that stays as it is.",
                next_step="Running the cell again does no harm.",
            ) from None

    return run
