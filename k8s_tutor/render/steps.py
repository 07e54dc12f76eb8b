"""The picture of one run of a controller: what it observed, what it made of it, what it did; and when, among others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from k8s_tutor.graph.model import phrase
from k8s_tutor.observe.runs import Act, Run
from k8s_tutor.render.picture import Picture
from k8s_tutor.render.svg import Frame, document
from k8s_tutor.render.text import wrapped
from k8s_tutor.render.words import say

__all__ = ["STEPS", "run_picture", "runs_twin", "told_steps"]

STEPS = ("observe", "analyse", "act")

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


def run_picture(subject: str, runs: Sequence[Run], shown: int = 0, *, lang: str = "en", styled: bool = True) -> Picture:
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
    if not runs:
        nothing = say(phrase("steps-none", subject), lang)
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


def runs_twin(subject: str, runs: Sequence[Run], lang: str = "en") -> str:
    """All runs in words; of many the last ones."""
    if not runs:
        return say(phrase("steps-none", subject), lang)
    last = list(runs)[-_SHOWN:]
    lines = [say(phrase("steps-earlier", len(runs) - _SHOWN), lang)] if len(runs) > _SHOWN else []
    for run in last:
        lines += [_head(subject, run, runs[-1].number, lang), *_indented(run, lang)]
    return "\n".join(lines)


def told_steps(run: Run, lang: str = "en") -> Mapping[str, str]:
    """Each step of a run in one line, for those who hear the picture."""
    return dict(zip(STEPS, _told(run, lang), strict=True))


def _index(runs: Sequence[Run], number: int) -> int:
    if number:
        return max(sum(run.number <= number for run in runs) - 1, 0)
    return next((index for index in reversed(range(len(runs))) if not runs[index].idle), len(runs) - 1)


def _head(subject: str, run: Run, last: int, lang: str) -> str:
    said = say(phrase("steps-run", subject, run.number, max(last, run.number)), lang)
    if run.times > 1:
        said = say(phrase("steps-repeated", said, run.times), lang)
    return f"{said}: {run.cause}" if run.cause else said


def _capitals(subject: str, run: Run, last: int, lang: str) -> str:
    said = f"{subject} · {say(phrase('steps-count', run.number, max(last, run.number)), lang)}"
    return f"{said} · {say(phrase('steps-cause'), lang)}: {run.cause}" if run.cause else said


def _told(run: Run, lang: str) -> Iterator[str]:
    facts = "; ".join(f"{fact.name} {fact.value}" for fact in run.observed) or say(phrase("steps-nothing"), lang)
    yield say(phrase("steps-observed", _with(facts, run.sources)), lang)
    found = "; ".join(run.analysis) or say(phrase("steps-nothing"), lang)
    yield say(phrase("steps-analysed", _with(found, run.because)), lang)
    done = "; ".join(_with(act.words, act.failed) for act in run.acts)
    if run.error:
        done = "; ".join(part for part in (done, say(phrase("steps-broke-off", run.error), lang)) if part)
    yield say(phrase("steps-acted", done or say(phrase("steps-idle"), lang)), lang)


def _indented(run: Run, lang: str) -> list[str]:
    return [f"  {line}" for line in _told(run, lang)]


def _with(words: str, more: str) -> str:
    return f"{words} ({more})" if more else words


def _observed(run: Run) -> list[_Line]:
    lines = [_Line(fact.value, "inner-name", fact.name) for fact in run.observed]
    return [*lines, _Line(run.sources, "fact")] if run.sources else lines


def _analysed(run: Run) -> list[_Line]:
    lines = [_Line(finding, "inner-name") for finding in run.analysis]
    return [*lines, _Line(run.because, "fact")] if run.because else lines


def _acted(run: Run, lang: str) -> list[_Line]:
    lines = [line for act in run.acts for line in _act(act)]
    if run.error:
        lines.append(_Line(say(phrase("steps-broke-off", run.error), lang), "wrong"))
    return lines or [_Line(say(phrase("steps-idle"), lang), "fact")]


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
        rows = [*rows[: _MOST - 1], _Line(say(phrase("life-more", len(rows) - _MOST + 1), lang), "fact")]
    return rows


def _more(line: _Line) -> str:
    """Beside the further rows of a fact stands nothing, and they begin where the first does."""
    return " " if line.name else ""


def _card(number: int, lines: Sequence[_Line], height: int, lang: str) -> str:
    x = _MARGIN + number * (_WIDE + _GAP)
    step = STEPS[number]
    rows = "".join(_text(line, _TOP + _ROW * at) for at, line in enumerate(lines))
    now = " now" if step == "act" else ""
    title = f"{'①②③'[number]} {say(phrase(f'steps-{step}'), lang)}".upper()
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
