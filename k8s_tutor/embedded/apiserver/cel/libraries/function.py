"""A function of a library: its name, its types, what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Function", "content", "wrapped"]


@dataclass(frozen=True, slots=True)
class Function:
    """One overload of a function.

    Attributes:
        name: As expressions call it; qualified for those in a namespace (`ip.isCanonical`).
        parameters: Signatures of what it takes; a method's first is what it is called on.
        returns: The signature of what it gives.
        does: Works on plain values; ValueError's text is the error.
        method: It is called on a value.
    """

    name: str
    parameters: tuple[str, ...]
    returns: str
    does: Callable[..., Any]
    method: bool = False

    @property
    def inner(self) -> bool:
        """It is there for the evaluator only: expressions are checked without it."""
        return self.parameters[:1] in (("=list",), ("=map",))

    @property
    def overload(self) -> str:
        """A name of its own for this overload."""
        return f"{'method' if self.method else 'function'}_{self.name}_{'_'.join(self.parameters)}"


def wrapped(type_name: str, text: str) -> dict[str, str]:
    """A value of one of Kubernetes' own types, as it travels through the evaluator: equal where the text is equal."""
    return {type_name: text}


def content(value: dict[str, str]) -> str:
    """What is in such a value."""
    return next(iter(value.values()))
