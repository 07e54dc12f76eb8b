"""The playground's widget: the live picture of nodes and their Pods, and things to do to them around it.

It draws and asks; what a control does is up to whoever plays (`session/playground.py`).
Import this module late: it needs anywidget and ipywidgets, which take half a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from importlib import resources
from typing import Any, Protocol

import traitlets

from k8s_tutor.language import msg, say
from k8s_tutor.observe.informer import Informer
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.render.live import Answer, LiveGraph, View
from k8s_tutor.render.text import page_css

__all__ = ["Player", "PlaygroundWidget", "play"]

_WORDS = {
    "region": msg("The playground: nodes with their Pods, and things to do to them"),
    "shelf": msg("Put on the cluster"),
    "clear": msg("Empty it"),
    "app": msg("Deployment"),
    "pod": msg("Pod"),
    "node": msg("Node"),
    "traffic": msg("Traffic"),
    "time": msg("Time"),
    "none": msg("none yet"),
    "replicas": msg("replicas"),
    "fewer": msg("One replica fewer"),
    "more": msg("One replica more"),
    "roll": msg("Roll out {image}", image="{image}"),
    "rolled": msg("Roll out"),
    "break": msg("Break readiness"),
    "mend": msg("Mend readiness"),
    "kill": msg("Kill"),
    "cordon": msg("Cordon"),
    "uncordon": msg("Uncordon"),
    "drain": msg("Drain"),
    "unplug": msg("Unplug"),
    "plug": msg("Plug in"),
    "rate": msg("requests a second"),
    "client": msg("Client"),
    "answered": msg("{n} answered", n="{n}"),
    "lost": msg("{n} lost", n="{n}"),
    "earlier": msg("Pods before"),
    "stop": msg("Pause"),
    "go": msg("Go on"),
    "step": msg("Step"),
    "speed": msg("Speed"),
    "back": msg("Back 30 s"),
    "log": msg("What you did, as one types it"),
    "empty": msg("Put something on the cluster. What you do is written here, as one would type it."),
    "manifest": msg("the manifest"),
    "running": msg("running"),
    "failed": msg("failed"),
    "noapp": msg("There is no Deployment yet."),
    "noimage": msg("There is no other version of this image here."),
    "nopod": msg("There is no Pod yet."),
    "noswitch": msg("This Pod has no switch for its readiness; those of the web application have."),
    "shared": msg("Evicts every Pod on the node, whoever's it is"),
    "pick": msg("Click a card to aim at it, once more to ask why it is as it is."),
}
_RESOURCES = resources.files("k8s_tutor.render")
_EXPORT = (
    "export default { render };\n"  # how live.js ends; playground.js stands after it, and draws around its picture
)


def _read(name: str) -> str:
    return _RESOURCES.joinpath(name).read_text(encoding="utf-8")


class Player(Protocol):
    """Who does what the controls say."""

    def listen(self, changed: Callable[[], None]) -> None:
        """Has `changed` called whenever there is something new to show."""
        ...

    def describe(self, snapshot: Snapshot, picked: str = "") -> dict[str, Any]:
        """What the page shows beside the picture; see `PlaygroundWidget.state`."""
        ...

    def ask(self, deed: str, value: Any, picked: str) -> None:
        """Has something done, and does not wait for it."""
        ...

    def close(self) -> None:
        """Ends it, and undoes what would stay. Safe to call twice."""
        ...


def play(source: Informer, focus: str, lens: str, *, player: Player, view: View, answer: Answer) -> PlaygroundWidget:
    """The playground's widget; what is not said here is as for `render.live.live`.

    Args:
        source: A started informer.
        focus: What is looked at.
        lens: How.
        player: Does what the controls say.
        view: What is made of each snapshot before it is drawn.
        answer: Says why an object is as it is.
    """
    return PlaygroundWidget(source, (focus, lens, ""), player, view=view, answer=answer)


class PlaygroundWidget(LiveGraph):
    """A live picture with controls. Without a kernel it is the picture and the log, as they were.

    Attributes:
        state: What controls act upon and show: `shelf`, `app`, `pod`, `node`, `traffic`, `time`, and `log`, lines of
            what was done.
        picked: The id of the card that controls are aimed at, as the page sets it.
        deed: What is to be done, as the page sends it: `name`, `value`, and a number that makes each another.
    """

    _esm = _read("live.js").removesuffix(_EXPORT) + _read("playground.js")
    _css = LiveGraph._css + page_css(".k8s-tutor-playground", "") + _read("playground.css")

    state = traitlets.Dict().tag(sync=True)
    picked = traitlets.Unicode().tag(sync=True)
    deed = traitlets.Dict().tag(sync=True)

    def __init__(
        self, source: Informer, shown: tuple[str, str, str], player: Player, *, view: View, answer: Answer
    ) -> None:
        """As `LiveGraph`; `player` does what the controls say."""
        self._player = player
        super().__init__(source, shown, view=view, answer=answer)
        self.words = {**self.words, **{key: say(word, self._lang) for key, word in _WORDS.items()}}
        self.observe(lambda _: self.refresh(), "picked")
        self.observe(self._do, "deed")
        player.listen(self.refresh)

    def follow(self, snapshot: Snapshot) -> None:
        """See `LiveGraph.follow`; what the controls act upon may be another now."""
        super().follow(snapshot)
        self.refresh()

    def stand_still(self) -> None:
        """See `LiveGraph.stand_still`."""
        super().stand_still()
        self.refresh()

    def refresh(self) -> None:
        """Shows what is new beside the picture. In whatever thread it became so."""
        with self._lock:
            self.state = self._player.describe(self._view(self._snapshot), self.picked)

    def close(self) -> None:
        """Ends the playground, undoes what would stay, and takes it off the page."""
        self._player.listen(lambda: None)
        self._player.close()
        super().close()

    def _do(self, _change: object) -> None:
        self._player.ask(str(self.deed.get("name", "")), self.deed.get("value"), self.picked)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The widget; for those who have no kernel the picture as it is now, and what was done."""
        data, metadata = super()._repr_mimebundle_(**options)
        lines = self.state.get("log", [])
        if lines:
            title = say(_WORDS["log"], self._lang)
            shown = "".join(f"<li>{_line(line)}</li>" for line in lines)
            data["text/html"] += f"<p>{escape(title)}</p><ol>{shown}</ol>"
            data["text/plain"] += "\n".join(["", title, *(f"  {line['said']}" for line in lines)])
        return data, metadata


def _line(line: Mapping[str, str]) -> str:
    answer = f"<br>{escape(line['answer'])}" if line["answer"] else ""
    return f"<code>{escape(line['said'])}</code>{answer}"
