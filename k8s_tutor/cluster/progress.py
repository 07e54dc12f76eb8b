"""Progress of something that takes long, step by step: a bar in a notebook or a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Never, Protocol

from k8s_tutor.language import Wording, msg

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["Bar", "Lines", "ProgressReport", "choose_report"]


class ProgressReport(Protocol):
    """Told about steps as they begin."""

    def start(self, title: Wording, steps: int) -> None:
        """Something begins that has so many steps, as far as is known."""
        ...

    def step(self, name: Wording) -> None:
        """The next step begins; the one before is done."""
        ...

    def finish(self, *, done: bool) -> None:
        """It is over: done, or broken off. Safe to call twice."""
        ...


class Bar:
    """A tqdm bar that names the current step."""

    def __init__(self) -> None:
        self._bar: tqdm[Never] | None = None
        self._begun = False

    def start(self, title: Wording, steps: int) -> None:
        """See `ProgressReport.start`."""
        from tqdm.auto import tqdm  # noqa: PLC0415  # slow to import, and rarely needed

        layout = "{desc} {bar} {n_fmt}/{total_fmt} [{elapsed}]{postfix}"
        self._bar = tqdm(total=steps, desc=str(title), bar_format=layout, leave=True)
        self._begun = False

    def step(self, name: Wording) -> None:
        """See `ProgressReport.step`."""
        if self._bar is None:
            return
        if self._begun:
            self._advance()
        self._begun = True
        self._bar.set_postfix_str(str(name))

    def finish(self, *, done: bool) -> None:
        """See `ProgressReport.finish`."""
        if self._bar is None:
            return
        if done:
            self._bar.total = self._bar.n + 1 if self._begun else self._bar.n
            self._advance()
            self._bar.set_postfix_str(str(msg("ready")))
        self._bar.close()
        self._bar = None

    def _advance(self) -> None:
        assert self._bar is not None
        if self._bar.total is not None and self._bar.n >= self._bar.total:
            self._bar.total = self._bar.n + 1
        self._bar.update(1)


class Lines:
    """One line a step, for logs."""

    def __init__(self) -> None:
        self._title: Wording = ""
        self._number = 0
        self._steps = 0

    def start(self, title: Wording, steps: int) -> None:
        """See `ProgressReport.start`."""
        self._title, self._number, self._steps = title, 0, steps

    def step(self, name: Wording) -> None:
        """See `ProgressReport.step`."""
        self._number += 1
        self._steps = max(self._steps, self._number)
        print(f"{self._title} [{self._number}/{self._steps}] {name}", file=sys.stderr, flush=True)

    def finish(self, *, done: bool) -> None:
        """See `ProgressReport.finish`."""
        if self._title:
            state = msg("ready") if done else msg("not finished")
            print(msg("{title}: {state}", title=self._title, state=state), file=sys.stderr, flush=True)
        self._title = ""


def choose_report() -> ProgressReport:
    """A bar where somebody watches (notebook, terminal), lines where a log is written."""
    if "ipykernel" in sys.modules or sys.stderr.isatty():
        return Bar()
    return Lines()
