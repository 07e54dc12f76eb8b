"""What a check says: an outcome, the evidence for it, and a hint that fits what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from html import escape
from typing import Any

from k8s_tutor.exercises.task import code

__all__ = ["Outcome", "Verdict", "cannot_tell", "failed", "not_attempted", "passed"]


class Outcome(StrEnum):
    """The four things a check can say."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ATTEMPTED = "not attempted"
    CANNOT_TELL = "cannot tell"


# Glyph and word together: a verdict is understood without its colour, and read aloud by a screen reader.
_GLYPH = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.NOT_ATTEMPTED: "○", Outcome.CANNOT_TELL: "?"}
_WORD = {
    Outcome.PASSED: "solved",
    Outcome.FAILED: "not yet",
    Outcome.NOT_ATTEMPTED: "not attempted yet",
    Outcome.CANNOT_TELL: "cannot tell",
}
# Both colours keep a contrast of at least 4.5:1 on the light and the dark theme of JupyterLab.
_COLOUR = {
    Outcome.PASSED: "#2e8540",
    Outcome.FAILED: "#c2571a",
    Outcome.NOT_ATTEMPTED: "#6f7782",
    Outcome.CANNOT_TELL: "#6f7782",
}


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check.

    Attributes:
        outcome: Passed, failed, not attempted, or cannot tell.
        summary: One sentence: what is the case.
        evidence: What was seen that says so, one fact a line.
        hint: What to look at next, fitting this very failure; may be empty.
        settling: The cluster is still on its way; a later look may say something else.
        exercise: Id of the exercise, filled in by the check.
    """

    outcome: Outcome
    summary: str
    evidence: tuple[str, ...] = ()
    hint: str = ""
    settling: bool = False
    exercise: str = ""

    @property
    def passed(self) -> bool:
        """Whether the exercise is solved."""
        return self.outcome is Outcome.PASSED

    def named(self, exercise: str) -> Verdict:
        """The same verdict with the exercise's id."""
        return replace(self, exercise=exercise)

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        head = f"{_GLYPH[self.outcome]} {self.exercise} {_WORD[self.outcome]}".replace("  ", " ")
        lines = [f"{head}: {self.summary}"]
        lines += [f"    seen: {fact}" for fact in self.evidence]
        if self.hint:
            lines.append(f"    hint: {self.hint}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._html()}

    def _html(self) -> str:
        colour = _COLOUR[self.outcome]
        head = f"{_GLYPH[self.outcome]} {escape(self.exercise)} {_WORD[self.outcome]}"
        rows = "".join(f"<li>{code(fact)}</li>" for fact in self.evidence)
        facts = f"<ul style='margin:.3em 0 .3em 1.4em;padding:0;opacity:.85'>{rows}</ul>" if rows else ""
        hint = f"<div><strong>Hint:</strong> {code(self.hint)}</div>" if self.hint else ""
        return (
            f"<div role='status' style='border-left:4px solid {colour};padding:.3em .9em;line-height:1.5'>"
            f"<strong style='color:{colour}'>{head}</strong>: {code(self.summary)}{facts}{hint}</div>"
        )


def passed(summary: str, *evidence: str) -> Verdict:
    """The exercise is solved."""
    return Verdict(Outcome.PASSED, summary, evidence)


def failed(summary: str, *evidence: str, hint: str = "", settling: bool = False) -> Verdict:
    """Tried, and not there yet; `settling` when the cluster may still get there by itself."""
    return Verdict(Outcome.FAILED, summary, evidence, hint, settling)


def not_attempted(summary: str, *evidence: str, hint: str = "") -> Verdict:
    """Nothing was changed yet."""
    return Verdict(Outcome.NOT_ATTEMPTED, summary, evidence, hint)


def cannot_tell(summary: str, *evidence: str, hint: str = "", settling: bool = False) -> Verdict:
    """The state does not say yet, or could not be read."""
    return Verdict(Outcome.CANNOT_TELL, summary, evidence, hint, settling)
