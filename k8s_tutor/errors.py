"""Errors that teach: what happened, why, and what to type next.

Law: imports `language` alone. Every error a person can meet is a `TutorError`; a traceback of ours is a bug.
"""

from __future__ import annotations

import sys
from types import TracebackType

from k8s_tutor.language import Wording, msg

__all__ = [
    "Cancelled",
    "ClusterUnavailable",
    "ManifestError",
    "TimePaused",
    "TutorError",
    "UsageError",
    "WaitTimeout",
    "speak_plainly",
]


class TutorError(Exception):
    """A message for a person.

    Attributes:
        what: What happened, one sentence, no full stop needed.
        why: The cause as far as it is known; may be empty.
        next_step: What to type or look at next; may be empty.

    All three are put into the reader's language when they are read, not when they were raised.
    """

    def __init__(self, what: Wording, why: Wording = "", next_step: Wording = "") -> None:
        super().__init__(what)
        self._what = what
        self._why = why
        self._next_step = next_step

    @property
    def what(self) -> str:
        """See the class."""
        return str(self._what)

    @property
    def why(self) -> str:
        """See the class."""
        return str(self._why)

    @property
    def next_step(self) -> str:
        """See the class."""
        return str(self._next_step)

    @next_step.setter
    def next_step(self, next_step: Wording) -> None:
        self._next_step = next_step

    def __str__(self) -> str:
        lines = [self.what]
        if self.why:
            lines.append(str(msg("Why:  {why}", why=self.why)))
        if self.next_step:
            lines.append(str(msg("Next: {next_step}", next_step=self.next_step)))
        return "\n".join(lines)

    def _render_traceback_(self) -> list[str]:
        """Tells IPython to show the message alone: a learner never meets a traceback of ours."""
        return [f"✗ {self}"]


class UsageError(TutorError):
    """A call of this library that cannot be carried out as written."""


class TimePaused(TutorError):
    """Something was waited for that needs time, and the cluster's time is paused."""


class ManifestError(TutorError):
    """A manifest that is not valid YAML, or not a valid Kubernetes object.

    Attributes:
        line: Where, counted from 1; 0 when not known.
        column: Where in the line, counted from 1; 0 when not known.
    """

    def __init__(
        self, what: Wording, why: Wording = "", next_step: Wording = "", *, line: int = 0, column: int = 0
    ) -> None:
        super().__init__(what, why, next_step)
        self.line = line
        self.column = column


class ClusterUnavailable(TutorError):
    """The chosen cluster cannot be created or reached."""


class WaitTimeout(TutorError):
    """A wait reached its deadline; `why` says what was seen last."""


class Cancelled(TutorError):
    """The person pressed Ctrl-C; says what was left behind and how to go on."""


def speak_plainly() -> None:
    """In a script or a plain `python`, too, shows the message of a `TutorError` alone. Safe to call twice."""
    if sys.excepthook is sys.__excepthook__:  # somebody's own hook stays
        sys.excepthook = _show


def _show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, TutorError):
        print(f"✗ {error}", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)
