"""The stepper: a controller's runs to go through, step by step, forward and back.

Import this module late: it needs anywidget and ipywidgets, which take half a second.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import Any, Protocol

import anywidget
import traitlets

from k8s_tutor.graph.model import phrase
from k8s_tutor.observe.runs import Run
from k8s_tutor.render.picture import html
from k8s_tutor.render.steps import run_picture, told_steps
from k8s_tutor.render.style import live_css
from k8s_tutor.render.words import say

__all__ = ["Recorded", "Stepper"]

_MOST = 100  # runs that are sent to the page
_BUTTONS = ("stepper-back", "stepper-step", "stepper-run", "stepper-pause", "stepper-runs", "stepper-region")


class Recorded(Protocol):
    """Where the runs come from."""

    subject: str

    @property
    def runs(self) -> tuple[Run, ...]:
        """All runs so far."""
        ...

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls `listener` after each run; returns what ends that."""
        ...


class Stepper(anywidget.AnyWidget):
    """The widget. Its text/html is the last run that did something, for notebooks without a kernel.

    Attributes:
        frames: A dict a run: `svg`, `head`, and the words of `observe`, `analyse` and `act`.
        words: Labels of buttons.
    """

    _esm = resources.files("k8s_tutor.render").joinpath("stepper.js").read_text(encoding="utf-8")
    _css = live_css() + "".join(
        resources.files("k8s_tutor.render").joinpath(name).read_text(encoding="utf-8")
        for name in ("live.css", "stepper.css")
    )

    frames: Any = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, source: Recorded, *, lang: str = "en") -> None:
        """Draws what has been recorded, and follows what is still to come."""
        self._source, self._lang = source, lang
        super().__init__(words={key.removeprefix("stepper-"): say(phrase(key), lang) for key in _BUTTONS})
        self.follow()
        self._unsubscribe: Callable[[], None] | None = source.subscribe(self.follow)

    def follow(self) -> None:
        """Takes in the runs recorded since."""
        runs = self._source.runs[-_MOST:]
        self.frames = [self._frame(runs, run) for run in runs]

    def close(self) -> None:
        """Stops following and takes the widget off the page."""
        end, self._unsubscribe = self._unsubscribe, None  # ipywidgets closes once more when it lets go of the widget
        if end is not None:
            end()
        super().close()

    def _frame(self, runs: tuple[Run, ...], run: Run) -> dict[str, Any]:
        drawn = run_picture(self._source.subject, runs, run.number, lang=self._lang, styled=False)
        return {"svg": drawn.svg, "head": drawn.twin.partition("\n")[0], **told_steps(run, self._lang)}

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The widget, and for those who have no kernel a picture of a run, with its twin."""
        still = run_picture(self._source.subject, self._source.runs, lang=self._lang)
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**data, "text/html": html(still.svg, still.twin), "text/plain": still.twin}, metadata
