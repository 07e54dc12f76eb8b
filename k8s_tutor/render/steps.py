"""The picture of one run of a controller: what it observed, what it made of it, what it did; and when, among others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from typing import Any, Protocol

import anywidget
import traitlets

from k8s_tutor.api.runs import Act, Run
from k8s_tutor.language import Message, Wording, join_clauses, msg, say
from k8s_tutor.render.picture import Picture, html
from k8s_tutor.render.svg import Frame, document
from k8s_tutor.render.text import admit, live_css, wrapped

__all__ = ["STEPS", "Recorded", "Stepper", "describe_runs", "describe_steps", "run_picture"]

_TITLES = {"observe": msg("observe"), "analyse": msg("analyse"), "act": msg("act")}
STEPS = tuple(_TITLES)

_NOTHING, _IDLE = msg("nothing said"), msg("nothing to do")

_MARGIN, _WIDE, _GAP = 16, 312, 36
_PAD, _TOP, _ROW = 20, 62, 21
_LEAST, _MOST = 128, 9  # height of the cards; lines in one
_NAMES = 108  # room for the names of facts
_SIZE, _SMALL = 13.0, 11.5
_LINE = 34  # the time line's share of the height
_SHOWN = 12  # runs that the long twin tells


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a card: text of a class, perhaps with a name at its left."""

    text: str
    css: str
    name: str = ""


def run_picture(subject: str, runs: Sequence[Run], shown: int = 0, *, lang: str = "", styled: bool = True) -> Picture:
    """Draws one run.

    Args:
        subject: Whose runs: `EtcdCluster db`.
        runs: All of them; the time line below shows which acted.
        shown: The number of the one to draw; 0 for the last that did something.
        lang: Language of its words.
        styled: With its own style sheet.

    Returns:
        A picture whose twin tells that run.
    """
    return _drawn_run(admit(subject), admit(tuple(runs)), shown, lang, styled=styled)


def _drawn_run(subject: str, runs: Sequence[Run], shown: int, lang: str, *, styled: bool) -> Picture:
    if not runs:
        nothing = say(msg("{subject}: no run yet", subject=subject), lang)
        body = f'<text class="note" x="{_MARGIN}" y="38">{escape(nothing)}</text>'
        return Picture(document(body, Frame(0, 0, 480, 60), subject, nothing, styled=styled), nothing, lang=lang)
    index = _index(runs, shown)
    run = runs[index]
    head = _head(subject, run, runs[-1].number, lang)
    words = "\n".join([head, *_indented(run, lang)])
    columns = [_observed(run), _analysed(run), _acted(run, lang)]
    cards = [_fitted(column, lang) for column in columns]
    height = max(_LEAST, *(_TOP + _ROW * len(card) for card in cards))
    drawn = "".join(_card(number, card, height, lang) for number, card in enumerate(cards))
    wide = 3 * _WIDE + 2 * _GAP + 2 * _MARGIN
    body = (
        f'<text class="head" x="{_MARGIN}" y="28">{escape(_capitals(subject, run, runs[-1].number, lang))}</text>'
        + drawn
        + _arrows(44 + height / 2)
        + _time_line(runs, index, 44 + height + _LINE / 2 + 4, wide)
    )
    frame = Frame(0, 0, wide, 44 + height + _LINE + 8)
    return Picture(document(body, frame, head, words, styled=styled), words, lang=lang)


def describe_runs(subject: str, runs: Sequence[Run], lang: str = "") -> str:
    """All runs in words; of many the last ones."""
    if not runs:
        return say(msg("{subject}: no run yet", subject=subject), lang)
    subject, last = admit(subject), admit(list(runs)[-_SHOWN:])
    lines = [say(msg("… {count} earlier runs", count=len(runs) - _SHOWN), lang)] if len(runs) > _SHOWN else []
    for run in last:
        lines += [_head(subject, run, runs[-1].number, lang), *_indented(run, lang)]
    return "\n".join(lines)


def describe_steps(run: Run, lang: str = "") -> Mapping[str, str]:
    """Each step of a run in one line, for those who hear the picture."""
    return dict(zip(STEPS, _told(run, lang), strict=True))


def _index(runs: Sequence[Run], number: int) -> int:
    if number:
        return max(sum(run.number <= number for run in runs) - 1, 0)
    return next((index for index in reversed(range(len(runs))) if not runs[index].idle), len(runs) - 1)


def _head(subject: str, run: Run, last: int, lang: str) -> str:
    said = msg("{subject}, run {number} of {last}", subject=subject, number=run.number, last=max(last, run.number))
    if run.times > 1:
        said = msg("{said} (and {times} times in a row)", said=said, times=run.times)
    return say(msg("{what}: {said}", what=said, said=run.cause) if run.cause else said, lang)


def _capitals(subject: str, run: Run, last: int, lang: str) -> str:
    count = say(msg("run {number} of {last}", number=run.number, last=max(last, run.number)), lang)
    said = f"{subject} · {count}"
    return f"{said} · {say(msg('cause: {cause}', cause=run.cause), lang)}" if run.cause else said


def _told(run: Run, lang: str) -> Iterator[str]:
    facts = [f"{fact.name} {fact.value}" for fact in run.observed]
    yield say(msg("observed: {facts}", facts=_with(_in_a_row(facts, _NOTHING), run.sources)), lang)
    found = _with(_in_a_row(run.analysis, _NOTHING), run.because)
    yield say(msg("analysed: {findings}", findings=found), lang)
    done = [_with(act.words, act.failed) for act in run.acts]
    if run.error:
        done.append(msg("broke off: {error}", error=run.error))
    yield say(msg("acted: {deeds}", deeds=_in_a_row(done, _IDLE)), lang)


def _indented(run: Run, lang: str) -> list[str]:
    return [f"  {line}" for line in _told(run, lang)]


def _in_a_row(parts: Sequence[Wording], nothing: Message) -> Wording:
    return join_clauses(parts) or nothing


def _with(words: Wording, more: str) -> Wording:
    return msg("{said} ({more})", said=words, more=more) if more else words


def _observed(run: Run) -> list[_Line]:
    lines = [_Line(fact.value, "inner-name", fact.name) for fact in run.observed]
    return [*lines, _Line(run.sources, "fact")] if run.sources else lines


def _analysed(run: Run) -> list[_Line]:
    lines = [_Line(finding, "inner-name") for finding in run.analysis]
    return [*lines, _Line(run.because, "fact")] if run.because else lines


def _acted(run: Run, lang: str) -> list[_Line]:
    lines = [line for act in run.acts for line in _act(act)]
    if run.error:
        lines.append(_Line(say(msg("broke off: {error}", error=run.error), lang), "wrong"))
    return lines or [_Line(say(_IDLE, lang), "fact")]


def _act(act: Act) -> list[_Line]:
    return [_Line(act.words, "inner-name"), *([_Line(act.failed, "wrong")] if act.failed else [])]


def _fitted(lines: Sequence[_Line], lang: str) -> list[_Line]:
    """The lines broken to the card's width; what a card has no room for is in the twin."""
    rows: list[_Line] = []
    for line in lines:
        bold = line.css == "inner-name"
        room = _WIDE - 2 * _PAD - (_NAMES if line.name else 0)
        pieces = wrapped(line.text, _SIZE if bold else _SMALL, room, bold=bold)
        rows += [_Line(piece, line.css, line.name if not at else _more(line)) for at, piece in enumerate(pieces)]
    if len(rows) > _MOST:
        rows = [*rows[: _MOST - 1], _Line(say(msg("… {count} more", count=len(rows) - _MOST + 1), lang), "fact")]
    return rows


def _more(line: _Line) -> str:
    """Beside the further rows of a fact stands nothing, and they begin where the first does."""
    return " " if line.name else ""


def _card(number: int, lines: Sequence[_Line], height: int, lang: str) -> str:
    x = _MARGIN + number * (_WIDE + _GAP)
    step = STEPS[number]
    rows = "".join(_text(line, _TOP + _ROW * at) for at, line in enumerate(lines))
    now = " now" if step == "act" else ""
    title = f"{'①②③'[number]} {say(_TITLES[step], lang)}".upper()
    return (
        f'<g class="step{now}" data-step="{step}" transform="translate({x},44)">'
        f'<rect class="card" width="{_WIDE}" height="{height}" rx="12"/>'
        f'<text class="head" x="{_PAD}" y="30">{escape(title)}</text><g class="said">{rows}</g></g>'
    )


def _text(line: _Line, y: int) -> str:
    x = _PAD + (_NAMES if line.name else 0)
    name = f'<text class="fact" x="{_PAD}" y="{y}">{escape(line.name)}</text>' if line.name.strip() else ""
    return f'{name}<text class="{line.css}" x="{x}" y="{y}">{escape(line.text)}</text>'


def _arrows(y: float) -> str:
    starts = [_MARGIN + _WIDE + number * (_WIDE + _GAP) for number in range(2)]
    tip = '<path class="tip" d="M{0} {1:g}l-8-4v8z"/>'
    return "".join(
        f'<g class="routes"><path class="edge" d="M{x} {y:g}h{_GAP - 6}"/>{tip.format(x + _GAP, y)}</g>' for x in starts
    )


def _time_line(runs: Sequence[Run], index: int, y: float, wide: int) -> str:
    """A mark for each run: filled where it acted, a ring where there was nothing to do, a cross where it broke off."""
    left, right = _MARGIN + 8, wide - _MARGIN - 8
    gap = min((right - left) / max(len(runs) - 1, 1), 48)
    here = left + gap * index
    marks = "".join(_mark(run, left + gap * at, y, now=at == index) for at, run in enumerate(runs))
    end = left + gap * (len(runs) - 1)
    track = f'<path class="track-line" d="M{left} {y:g}H{end:g}"/><path class="past-line" d="M{left} {y:g}H{here:g}"/>'
    return track + marks


def _mark(run: Run, x: float, y: float, *, now: bool) -> str:
    size = 7 if now else 4
    title = f"<title>{escape(f'{run.number}: {run.cause}' if run.cause else str(run.number))}</title>"
    if run.error or any(act.failed for act in run.acts):
        return (
            f'<g class="trouble" transform="translate({x:g},{y:g})">{title}<circle r="{size + 2}"/>'
            f'<path d="M{-size / 1.5:.2g} {-size / 1.5:.2g}L{size / 1.5:.2g} {size / 1.5:.2g}'
            f'M{size / 1.5:.2g} {-size / 1.5:.2g}L{-size / 1.5:.2g} {size / 1.5:.2g}"/></g>'
        )
    css = "idle" if run.idle else "acted"
    return f'<circle class="{css}" cx="{x:g}" cy="{y:g}" r="{size}">{title}</circle>'


# ---- The stepper: a controller's runs to go through, step by step, forward and back
#
# Import this module late: it needs anywidget and ipywidgets, which take half a second.

_MOST_RUNS = 100  # runs that are sent to the page
_BUTTONS = {
    "back": msg("Step back"),
    "step": msg("Step"),
    "run": msg("Run"),
    "pause": msg("Pause"),
    "runs": msg("Runs"),
    "region": msg("Runs of a controller, step by step"),
}


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

    def __init__(self, source: Recorded, *, lang: str = "") -> None:
        """Draws what has been recorded, and follows what is still to come."""
        self._source, self._lang = source, lang
        super().__init__(words={key: say(word, lang) for key, word in _BUTTONS.items()})
        self.follow()
        self._unsubscribe: Callable[[], None] | None = source.subscribe(self.follow)

    def follow(self) -> None:
        """Takes in the runs recorded since."""
        runs = admit(self._source.runs[-_MOST_RUNS:])
        self.frames = [self._frame(runs, run) for run in runs]

    def close(self) -> None:
        """Stops following and takes the widget off the page."""
        end, self._unsubscribe = self._unsubscribe, None  # ipywidgets closes once more when it lets go of the widget
        if end is not None:
            end()
        super().close()

    def _frame(self, runs: tuple[Run, ...], run: Run) -> dict[str, Any]:
        drawn = _drawn_run(admit(self._source.subject), runs, run.number, self._lang, styled=False)
        return {"svg": drawn.svg, "head": drawn.alt_text.partition("\n")[0], **describe_steps(run, self._lang)}

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The widget, and for those who have no kernel a picture of a run, with its twin."""
        still = run_picture(self._source.subject, self._source.runs, lang=self._lang)
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**data, "text/html": html(still.svg, still.alt_text), "text/plain": still.alt_text}, metadata
