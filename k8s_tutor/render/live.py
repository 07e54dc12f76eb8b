"""The live picture: a widget that follows a watch, redraws what changed, settles, and leaves a still picture behind.

While something changes, every card stays where it is; when nothing has changed for a moment, all glide to where a fresh
picture would put them. What is folded opens by a click, what is one object is asked by one.
And the other widgets that stay alive: the card of a guess, and a page that somebody else writes.

Import this module late: it needs anywidget and ipywidgets, which take half a second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import resources
from typing import Any, TypeAlias

import anywidget
import traitlets

from k8s_tutor.clock import PausableClock, clock_face, is_paused
from k8s_tutor.graph.build import Difference, build, difference
from k8s_tutor.graph.layout import Layout
from k8s_tutor.graph.model import Graph, Node, State
from k8s_tutor.language import msg, say
from k8s_tutor.observe.informer import Informer
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.render.alt_text import describe_changes
from k8s_tutor.render.picture import Picture, html, picture
from k8s_tutor.render.text import admit, live_css, page_css

__all__ = ["BetCard", "LiveGraph", "LivePage", "live"]

_KEPT = 5  # lines of changes
_BUTTONS = {
    "pause": msg("Pause"),
    "play": msg("Resume"),
    "following": msg("live"),
    "paused": msg("paused"),
    "words": msg("In words"),
    "fold": msg("Fold again"),
    "close": msg("Close"),
    "opens": msg("opens by a click or Enter"),
    "region": msg("Live picture of the cluster"),
}


View: TypeAlias = Callable[[Snapshot], Snapshot]
Answer: TypeAlias = Callable[[str, str, str], str]
"""From kind, name and namespace of an object to what there is to say about it, as HTML."""
_STILL = msg("‖ time is paused")
_FOLDING = ("placement", "rollout")  # lenses with a measure of their own: what they fold stays folded


def _as_it_is(snapshot: Snapshot) -> Snapshot:
    return snapshot


def live(
    source: Informer,
    focus: str = "",
    lens: str = "default",
    *,
    lang: str = "",
    view: View = _as_it_is,
    answer: Answer | None = None,
) -> LiveGraph:
    """A picture that follows the cluster, also while other cells run.

    Args:
        source: Where changes come from. One that was not started is started here, and stopped when the widget closes.
        focus: As for `graph.build.build`.
        lens: As for `graph.build.build`.
        lang: Language of its words.
        view: What is made of each snapshot before it is drawn.
        answer: What is asked when somebody opens a card; None where nobody can be asked.

    Returns:
        A widget; show it as a cell's last line. `close()` ends it.

    Raises:
        UsageError: the focus or the lens makes no sense.
        StatusError: the server refused.
    """
    own = not source.started
    source.start()
    try:
        closing = source.stop if own else None
        return LiveGraph(source, (focus, lens, lang), view=view, answer=answer, closing=closing)
    except BaseException:
        if own:
            source.stop()
        raise


class LiveGraph(anywidget.AnyWidget):
    """The widget. Its text/html is the present picture, so that a notebook without a kernel shows the last one saved.

    Attributes:
        frame: What the front end draws: `svg`, `alt_text`, `changes` (lines, the latest last), `count` of pictures,
            `folded` (ids of cards that open into others), `asks` (ids of those that answer), `lost` (since when the
            server is silent, in words; empty while it is not), `still` (that time is paused; empty while it is not).
        words: Labels of buttons.
        opened: The id of the folded card that is open, as the page sets it.
        room: The width there is, as the page measures it.
        asked: The id of the card that was asked, as the page sets it.
        said: What it answered: `id` and `html`.
    """

    _esm = resources.files("k8s_tutor.render").joinpath("live.js").read_text(encoding="utf-8")
    _css = live_css() + resources.files("k8s_tutor.render").joinpath("live.css").read_text(encoding="utf-8")

    frame = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    opened = traitlets.Unicode().tag(sync=True)
    room = traitlets.Int().tag(sync=True)
    asked = traitlets.Unicode().tag(sync=True)
    said = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        source: Informer,
        shown: tuple[str, str, str],
        *,
        view: View = _as_it_is,
        answer: Answer | None = None,
        closing: Callable[[], None] | None = None,
    ) -> None:
        """Draws the first picture at once, in the caller's thread: focus, lens and language are `shown`; see `live`."""
        self._focus, self._lens, self._lang = shown
        self._view, self._answer, self._closing = view, answer, closing
        self._clock = source.clock
        self._unsubscribe: Callable[[], None] | None = None
        self._unlisten: Callable[[], None] | None = None
        self._lock = threading.RLock()  # traits tell their observers in the thread that sets them
        self._snapshot = source.snapshot()
        self._changes_said: list[str] = []
        self._count, self._lost = 0, ""
        super().__init__(words={key: say(word, self._lang) for key, word in _BUTTONS.items()})
        self._graph: Graph = self._built()
        self._picture = self._placed(None)
        self.frame = self._drawn()
        self.observe(self._open, "opened")
        self.observe(self._fit, "room")
        self.observe(self._tell, "asked")
        self._unsubscribe = source.subscribe(self.follow, at_rest=self.settle, on_loss=self.lose)
        if isinstance(self._clock, PausableClock):
            self._unlisten = self._clock.listen(self.stand_still)
        self.follow(source.snapshot())  # what happened since the first look

    def follow(self, snapshot: Snapshot) -> None:
        """Draws a snapshot, where it differs from what is on show. Called by the informer, in its thread."""
        with self._lock:
            before, self._snapshot = self._snapshot, snapshot
            graph = self._built()
            if graph == self._graph:
                return
            changes = _seen(difference(self._graph, graph), before, snapshot)
            self._changes_said = [*self._changes_said, *describe_changes(changes, self._lang)][-_KEPT:]
            self._graph = graph
            self._show(self._placed(self._picture.layout))

    def settle(self) -> None:
        """Puts every card where a fresh picture has it. Called by the informer once nothing changes any more."""
        with self._lock:
            fresh = self._placed(None)
            if fresh.layout != self._picture.layout:
                self._show(fresh)

    def lose(self, heard: float | None) -> None:
        """Says that the server is silent, and since when; None: it is not any more. Called by the informer."""
        with self._lock:
            said = "" if heard is None else say(msg("last seen {time}", time=clock_face(heard)), self._lang)
            self._lost, self.frame = said, {**self.frame, "lost": said}

    def stand_still(self) -> None:
        """Says that the cluster's time is paused, or no longer. Called by the clock, by whoever paused it."""
        with self._lock:
            self.frame = self._drawn()

    def _open(self, _change: object) -> None:
        """Somebody has opened or folded a card: all find their places at once."""
        with self._lock:
            self._graph = self._built()
            self._show(self._placed(None))

    def _fit(self, _change: object) -> None:
        """The page is wider or narrower: where that makes no difference to the cards, nothing moves."""
        with self._lock:
            self._show(self._placed(self._picture.layout))

    def _tell(self, _change: object) -> None:
        node = self._graph.by_id.get(self.asked)
        if node is None or self._answer is None or not _answers(node):
            self.said = {}
            return
        self.said = {"id": node.id, "html": self._answer(node.kind, node.name, node.namespace)}

    def _built(self) -> Graph:
        return admit(build(self._view(self._snapshot), self._focus, self._lens, opened=self.opened))

    def _placed(self, previous: Layout | None) -> Picture:
        return picture(self._graph, lang=self._lang, previous=previous, styled=False, room=self.room)

    def _show(self, drawn: Picture) -> None:
        self._picture = drawn
        self._count += 1
        self.frame = self._drawn()

    def close(self) -> None:
        """Stops following and takes the widget off the page."""
        ending = [self._unlisten, self._unsubscribe, self._closing]
        # ipywidgets closes once more when it lets go of the widget
        self._unlisten = self._unsubscribe = self._closing = None
        for end in ending:
            if end is not None:
                end()
        super().close()

    def _drawn(self) -> dict[str, Any]:
        still = say(_STILL, self._lang) if is_paused(self._clock) else ""
        return {
            "svg": self._picture.svg,
            "alt_text": f"{still}\n{self._picture.alt_text}" if still else self._picture.alt_text,
            "changes": list(self._changes_said),
            "count": self._count,
            "folded": [node.id for node in self._graph.nodes if node.count > 1 and self._lens not in _FOLDING],
            "asks": [node.id for node in self._graph.nodes if self._answer is not None and _answers(node)],
            "lost": self._lost,
            "still": still,
        }

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The widget, and for those who have no kernel the picture as it is now, with its twin."""
        with self._lock:
            shown = picture(self._graph, lang=self._lang, previous=self._picture.layout)
        still = {"text/html": html(shown.svg, shown.alt_text), "text/plain": shown.alt_text}
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**data, **still}, metadata


def _answers(node: Node) -> bool:
    """Whether a card is an object of the cluster that is there: one with a name, and no address or port."""
    return bool(node.name) and node.count == 1 and node.health.state is not State.ABSENT and ":" not in node.id


def _seen(changes: Difference, before: Snapshot, after: Snapshot) -> Difference:
    """Without what only got a card of its own or lost it: folding is no news of the cluster."""
    return replace(
        changes,
        added=tuple(node for node in changes.added if node.id not in before.by_uid),
        removed=tuple(node for node in changes.removed if node.id not in after.by_uid),
    )


# ---- A guess: a question with its choices or a number to enter; the truth beside the bet, once it is known


class BetCard(anywidget.AnyWidget):
    """The widget of a guess. Without a kernel it is one line of text.

    Attributes:
        question: What is asked.
        choices: Pairs of a key and its words; none where a number is to be entered.
        bet: What was bet, as the page sends it; empty for nothing yet.
        said: What stands below: that the bet is placed, then the truth beside it.
        settled: Whether the truth is known.
        words: Labels.
    """

    _esm = resources.files("k8s_tutor.render").joinpath("bet.js").read_text(encoding="utf-8")
    _css = page_css(".k8s-tutor-bet", "") + resources.files("k8s_tutor.render").joinpath("bet.css").read_text(
        encoding="utf-8"
    )

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


# ---- A page that is written anew from time to time: the board of a workshop


class LivePage(anywidget.AnyWidget):
    """HTML that changes while one looks at it. Without a kernel it is what was shown last.

    Attributes:
        shown: `html`, escaped by whoever wrote it, and `text`, its twin.
        name: What it is, for screen readers.
    """

    _esm = resources.files("k8s_tutor.render").joinpath("page.js").read_text(encoding="utf-8")

    shown: Any = traitlets.Dict().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)

    def __init__(self, shown: dict[str, str], name: str, closing: Callable[[], None]) -> None:
        self._closing = closing
        super().__init__(shown=shown, name=name)

    def show(self, shown: dict[str, str]) -> None:
        """Shows something else; what is the same is not sent."""
        if shown != self.shown:
            self.shown = shown

    def close(self) -> None:
        """Ends it, and takes it off the page."""
        self._closing()
        super().close()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**data, "text/html": self.shown["html"], "text/plain": self.shown["text"]}, metadata
