"""The words of an exercise's task, as text and as a card in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

__all__ = ["Task", "code"]


@dataclass(frozen=True)
class Task:
    """What to achieve.

    Attributes:
        exercise: `pods-1`.
        title: A few words.
        words: The task; `backticks` mark what is typed.
    """

    exercise: str
    title: str
    words: str

    def __str__(self) -> str:
        return f"{self.exercise}, {self.title}: {self.words}"

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._html()}

    def _html(self) -> str:
        return (
            "<div style='border-left:4px solid #3b6fb6;padding:.3em .9em;line-height:1.5'>"
            f"<strong>{escape(self.exercise)}, {escape(self.title)}</strong>: {code(self.words)}</div>"
        )


def code(text: str) -> str:
    """HTML of a text: escaped, its `backticked` parts as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
