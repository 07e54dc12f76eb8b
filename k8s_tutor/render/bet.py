"""The widget of a guess: a question with its choices or a number to enter; the truth beside the bet, once it is known.

Import this module late: it needs anywidget and ipywidgets, which take half a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any

import anywidget
import traitlets

from k8s_tutor.language import msg
from k8s_tutor.render.text import page_css

__all__ = ["BetCard"]

_FOLDER = resources.files("k8s_tutor.render")


class BetCard(anywidget.AnyWidget):
    """The widget. Without a kernel it is one line of text.

    Attributes:
        question: What is asked.
        choices: Pairs of a key and its words; none where a number is to be entered.
        bet: What was bet, as the page sends it; empty for nothing yet.
        said: What stands below: that the bet is placed, then the truth beside it.
        settled: Whether the truth is known.
        words: Labels.
    """

    _esm = _FOLDER.joinpath("bet.js").read_text(encoding="utf-8")
    _css = page_css(".k8s-tutor-bet", "") + _FOLDER.joinpath("bet.css").read_text(encoding="utf-8")

    question = traitlets.Unicode().tag(sync=True)
    choices: Any = traitlets.List().tag(sync=True)
    bet = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    settled = traitlets.Bool(default_value=False).tag(sync=True)
    words: Any = traitlets.Dict().tag(sync=True)

    def __init__(self, question: str, choices: Sequence[tuple[str, str]], line: str) -> None:
        """Shows a question.

        Args:
            question: What is asked.
            choices: Pairs of a key and its words; none for a number.
            line: The same in one line of text, for those without a kernel.
        """
        self._line = line
        words = {"number": str(msg("Your number")), "place": str(msg("Bet"))}
        super().__init__(question=question, choices=[list(one) for one in choices], words=words)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**data, "text/plain": self._line}, metadata
