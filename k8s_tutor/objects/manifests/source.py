"""The text of a manifest, and how a place in it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from k8s_tutor.errors import ManifestError

__all__ = ["Position", "Source"]


_LONGEST = 110
# Signs that nobody sees, or that would do something to the page, and what stands for them in an excerpt.
_SEEN = {**dict.fromkeys(range(32), "�"), ord("\t"): "→", 0x7F: "�", 0xA0: "·", 0xFEFF: "·"}


class Position(NamedTuple):
    """A place in the text; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Source:
    """The text a person wrote."""

    text: str

    def line(self, number: int) -> str:
        """One line, counted from 1; empty beyond the end."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def excerpt(self, at: Position, width: int = 1) -> str:
        """The line, or the part of a long one around the place, with carets under `width` characters."""
        shown = self.line(at.line).translate(_SEEN)
        before = min(at.column - 1, len(shown))
        if len(shown) > _LONGEST:
            first = max(0, min(before - _LONGEST // 3, len(shown) - _LONGEST))
            shown, before = shown[first : first + _LONGEST], before - first
        margin = f"{at.line:>4} | "
        carets = "^" * max(1, min(width, len(shown) - before))
        return f"{margin}{shown}\n{' ' * (len(margin) - 2)}| {' ' * before}{carets}"

    def error(self, at: Position, what: str, why: str = "", next_step: str = "", *, width: int = 1) -> ManifestError:
        """The mistake at this place, with its line shown."""
        shown = f"line {at.line}, column {at.column}: {what}\n{self.excerpt(at, width)}"
        return ManifestError(shown, why, next_step, line=at.line, column=at.column)
