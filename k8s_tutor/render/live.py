"""The live picture: a widget that follows a watch, redraws what changed, and leaves a still picture behind.

Import this module late: it needs anywidget and ipywidgets, which take half a second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import resources
from typing import Any

import anywidget
import traitlets

from k8s_tutor.graph.build import build
from k8s_tutor.graph.diff import difference
from k8s_tutor.graph.layout import Layout, layout
from k8s_tutor.graph.model import Graph, phrase
from k8s_tutor.observe.informer import Informer
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.render.news import news
from k8s_tutor.render.picture import html
from k8s_tutor.render.style import live_css
from k8s_tutor.render.svg import draw
from k8s_tutor.render.twin import twin
from k8s_tutor.render.words import say

__all__ = ["LiveGraph", "live"]

_KEPT = 5  # lines of news
_BUTTONS = ("live-pause", "live-play", "live-following", "live-paused", "live-words", "live-region")


def live(source: Informer, focus: str = "", lens: str = "default", *, lang: str = "en") -> LiveGraph:
    """A picture that follows the cluster, also while other cells run.

    Args:
        source: Where changes come from. One that was not started is started here, and stopped when the widget closes.
        focus: As for `graph.build.build`.
        lens: As for `graph.build.build`.
        lang: Language of its words.

    Returns:
        A widget; show it as a cell's last line. `close()` ends it.

    Raises:
        UsageError: the focus or the lens makes no sense.
        StatusError: the server refused.
    """
    own = not source.started
    source.start()
    try:
        return LiveGraph(source, focus, lens, lang, closing=source.stop if own else None)
    except BaseException:
        if own:
            source.stop()
        raise


class LiveGraph(anywidget.AnyWidget):
    """The widget. Its text/html is the present picture, so that a notebook without a kernel shows the last one saved.

    Attributes:
        frame: What the front end draws: `svg`, `twin`, `news` (lines, the latest last) and `count` of pictures so far.
        words: Labels of buttons.
    """

    _esm = resources.files("k8s_tutor.render").joinpath("live.js").read_text(encoding="utf-8")
    _css = live_css() + resources.files("k8s_tutor.render").joinpath("live.css").read_text(encoding="utf-8")

    frame = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(
        self, source: Informer, focus: str, lens: str, lang: str, *, closing: Callable[[], None] | None = None
    ) -> None:
        """Draws the first picture at once, in the caller's thread; see `live`."""
        self._focus, self._lens, self._lang = focus, lens, lang
        self._closing = closing
        self._unsubscribe: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._graph: Graph = build(source.snapshot(), focus, lens)
        self._layout: Layout = layout(self._graph)
        self._news: list[str] = []
        self._count = 0
        super().__init__(words={key.removeprefix("live-"): say(phrase(key), lang) for key in _BUTTONS})
        self.frame = self._drawn()
        self._unsubscribe = source.subscribe(self.follow)
        self.follow(source.snapshot())  # what happened since the first look

    def follow(self, snapshot: Snapshot) -> None:
        """Draws a snapshot, where it differs from what is on show. Called by the informer, in its thread."""
        with self._lock:
            graph = build(snapshot, self._focus, self._lens)
            changes = difference(self._graph, graph)
            if not changes:
                return
            self._graph, self._layout = graph, layout(graph, self._layout)
            self._news = [*self._news, *news(changes, self._lang)][-_KEPT:]
            self._count += 1
            self.frame = self._drawn()

    def close(self) -> None:
        """Stops following and takes the widget off the page."""
        ending = [self._unsubscribe, self._closing]
        self._unsubscribe = self._closing = None  # ipywidgets closes once more when it lets go of the widget
        for end in ending:
            if end is not None:
                end()
        super().close()

    def _drawn(self) -> dict[str, Any]:
        return {
            "svg": draw(self._graph, self._layout, self._lang, styled=False),
            "twin": twin(self._graph, self._lang),
            "news": list(self._news),
            "count": self._count,
        }

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The widget, and for those who have no kernel the picture as it is now, with its twin."""
        with self._lock:
            graph, placed = self._graph, self._layout
        told = twin(graph, self._lang)
        still = {"text/html": html(draw(graph, placed, self._lang), told), "text/plain": told}
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**data, **still}, metadata
