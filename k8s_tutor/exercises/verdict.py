"""What a check says: an outcome, the evidence for it, and a hint that fits what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from html import escape
from typing import Any

from k8s_tutor.language import Wording, msg, msg_template

__all__ = ["Outcome", "Seen", "Task", "Verdict", "cannot_tell", "code", "failed", "not_attempted", "passed", "see"]


# ---- The words of an exercise's task, as text and as a card in a notebook


@dataclass(frozen=True)
class Task:
    """What to achieve.

    Attributes:
        exercise: `pods-1`.
        title: A few words.
        words: The task; `backticks` mark what is typed.
    """

    exercise: str
    title: Wording
    words: Wording

    def __str__(self) -> str:
        head = msg("{exercise}, {title}", exercise=self.exercise, title=self.title)
        return str(msg("{head}: {text}", head=head, text=self.words))

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._html()}

    def _html(self) -> str:
        title = escape(str(msg("{exercise}, {title}", exercise=self.exercise, title=self.title)))
        task = msg("{head}: {text}", head=f"<strong>{title}</strong>", text=code(str(self.words)))
        return f"<div style='border-left:4px solid #3b6fb6;padding:.3em .9em;line-height:1.5'>{task}</div>"


def code(text: str) -> str:
    """HTML of a text: escaped, its `backticked` parts as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


# ---- What a check says: an outcome, the evidence for it, and a hint that fits what went wrong


class Outcome(StrEnum):
    """The four things a check can say."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ATTEMPTED = "not attempted"
    CANNOT_TELL = "cannot tell"


# Glyph and word together: a verdict is understood without its colour, and read aloud by a screen reader.
_HEAD = {
    Outcome.PASSED: msg_template("✓ {exercise} solved"),
    Outcome.FAILED: msg_template("✗ {exercise} not yet"),
    Outcome.NOT_ATTEMPTED: msg_template("○ {exercise} not attempted yet"),
    Outcome.CANNOT_TELL: msg_template("? {exercise} cannot tell"),
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
        lasting: Seconds of the cluster's time for which it has to stay so, before it counts.
        exercise: Id of the exercise, filled in by the check.
    """

    outcome: Outcome
    summary: Wording
    evidence: tuple[Wording, ...] = ()
    hint: Wording = ""
    settling: bool = False
    lasting: float = 0.0
    exercise: str = ""

    @property
    def passed(self) -> bool:
        """Whether the exercise is solved."""
        return self.outcome is Outcome.PASSED

    def named(self, exercise: str) -> Verdict:
        """The same verdict with the exercise's id."""
        return replace(self, exercise=exercise)

    def adding(self, *facts: Wording) -> Verdict:
        """The same verdict with more evidence."""
        return replace(self, evidence=(*self.evidence, *facts))

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        below = [msg("seen: {fact}", fact=fact) for fact in self.evidence]
        if str(self.hint):
            below.append(msg("hint: {hint}", hint=self.hint))
        return "\n    ".join(map(str, (msg("{head}: {text}", head=self._head(), text=self.summary), *below)))

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._html()}

    def _html(self) -> str:
        colour = _COLOUR[self.outcome]
        rows = "".join(f"<li>{code(str(fact))}</li>" for fact in self.evidence)
        facts = f"<ul style='margin:.3em 0 .3em 1.4em;padding:0;opacity:.85'>{rows}</ul>" if rows else ""
        hint = f"<div><strong>{msg('Hint:')}</strong> {code(str(self.hint))}</div>" if str(self.hint) else ""
        head = f"<strong style='color:{colour}'>{escape(self._head())}</strong>"
        summary = msg("{head}: {text}", head=head, text=code(str(self.summary)))
        return (
            f"<div role='status' style='border-left:4px solid {colour};padding:.3em .9em;line-height:1.5'>"
            f"{summary}{facts}{hint}</div>"
        )

    def _head(self) -> str:
        """`✓ pods-1 solved`."""
        return str(_HEAD[self.outcome].fill(exercise=self.exercise)).replace("  ", " ")


@dataclass(frozen=True)
class Seen:
    """What a check saw where all is as it should be: it becomes the evidence of the verdict.

    Attributes:
        facts: One sentence each, with its numbers from the cluster; none where nothing is worth saying.
        lasting: Seconds of the cluster's time for which it has to stay so, before it counts.
    """

    facts: tuple[Wording, ...] = ()
    lasting: float = 0.0


def see(*facts: Wording) -> Seen:
    """All is as it should be, and this is what says so."""
    return Seen(facts)


def passed(summary: Wording, *evidence: Wording) -> Verdict:
    """The exercise is solved."""
    return Verdict(Outcome.PASSED, summary, evidence)


def failed(summary: Wording, *evidence: Wording, hint: Wording = "", settling: bool = False) -> Verdict:
    """Tried, and not there yet; `settling` when the cluster may still get there by itself."""
    return Verdict(Outcome.FAILED, summary, evidence, hint, settling)


def not_attempted(summary: Wording, *evidence: Wording, hint: Wording = "") -> Verdict:
    """Nothing was changed yet."""
    return Verdict(Outcome.NOT_ATTEMPTED, summary, evidence, hint)


def cannot_tell(summary: Wording, *evidence: Wording, hint: Wording = "", settling: bool = False) -> Verdict:
    """The state does not say yet, or could not be read."""
    return Verdict(Outcome.CANNOT_TELL, summary, evidence, hint, settling)
