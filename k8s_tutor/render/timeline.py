"""The time line of a pod: the states it went through, a card each, with how long each lasted; a lane a container."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from k8s_tutor.graph.model import Health, State
from k8s_tutor.graph.timeline import Period, Timeline, timeline_of
from k8s_tutor.language import Message, join_words, msg, say
from k8s_tutor.observe.recording import Recording
from k8s_tutor.render.cards import mark
from k8s_tutor.render.picture import Picture
from k8s_tutor.render.svg import Frame, document
from k8s_tutor.render.text import admit, clipped, width

__all__ = ["draw_timeline"]

_MARGIN, _HEAD, _TALL, _GAP, _ROW = 16, 34, 52, 8, 62
_WORD, _SMALL = 12.0, 11.5
_NARROWEST = 84
_SHOWN, _TAIL = 8, 2  # columns at most, and how many of the last are among them when there are more
_ABSENT = Health(State.PLAIN, "")


@dataclass(frozen=True, slots=True)
class _Cell:
    """A stretch of columns in which one lane says the same; `seconds` is None while it lasts."""

    health: Health
    first: int
    columns: int
    seconds: float | None


def draw_timeline(recording: Recording, ref: str, *, lang: str = "", namespace: str = "") -> Picture:
    """The states a pod went through, as far as the recording goes.

    Args:
        recording: What was seen.
        ref: `"pod/web"` or just `"web"`.
        lang: Language of the words.
        namespace: Only pods of this namespace; any when empty.

    Returns:
        A picture; the first line of its twin lists each distinct state once, in order, and holds no times; the lines
        that begin with "How long" do.
    """
    name = ref.rpartition("/")[2]
    told = admit(timeline_of(recording.about("Pod", name, namespace), name))
    name = told.name
    title = say(msg("Life of Pod {name}", name=name), lang)
    if not told.steps:
        nothing = say(msg("Pod {name} has not been seen.", name=name), lang)
        return Picture(document(_text(nothing, _MARGIN, 40), Frame(0, 0, 480, 64), title, nothing), nothing, lang=lang)
    words = _describe(told, lang)
    return Picture(_draw(told, words, lang), words, lang=lang)


def _describe(told: Timeline, lang: str) -> str:
    states = list(dict.fromkeys(say(step.pod.word, lang) for step in told.steps))
    title = msg("Life of Pod {name}", name=told.name)
    lines = [say(msg("{what}: {said}", what=title, said=" → ".join(states)), lang)]
    cells = _cells(told.steps, lambda step: step.pod)
    lines.append(say(msg("How long: {spans}.", spans=_durations(cells, lang)), lang))
    names = _containers(told)
    for name in names if len(names) > 1 else ():
        cells = _cells(told.steps, lambda step, name=name: step.containers.get(name, _ABSENT))  # type: ignore[misc]
        lines.append(say(msg("How long, container {name}: {spans}.", name=name, spans=_durations(cells, lang)), lang))
    return "\n".join(lines)


def _durations(cells: Sequence[_Cell], lang: str) -> str:
    said = []
    for cell in cells:
        word = say(cell.health.word, lang)
        if not word or cell.health.word == msg("Deleted"):
            continue
        if cell.seconds is None:
            said.append(say(msg("{state} since then", state=word), lang))
        else:
            said.append(say(msg("{state} {time}", state=word, time=say(_duration(cell.seconds), lang)), lang))
    if len(said) > _SHOWN:
        more = say(msg("… {count} more", count=len(said) - _SHOWN), lang)
        said = [*said[: _SHOWN - _TAIL], more, *said[-_TAIL:]]
    return say(join_words(said), lang)


def _duration(seconds: float) -> Message:
    return msg("{seconds} s", seconds=round(seconds)) if seconds >= 1 else msg("<1 s")


def _containers(told: Timeline) -> list[str]:
    return list(dict.fromkeys(name for step in told.steps for name in step.containers))


def _cells(steps: Sequence[Period], of: Callable[[Period], Health]) -> list[_Cell]:
    """Neighbouring steps in which a lane says the same, as one cell."""
    starts = [index for index, step in enumerate(steps) if index == 0 or of(step) != of(steps[index - 1])]
    cells = []
    for start, end in zip(starts, [*starts[1:], len(steps)], strict=True):
        seconds = steps[end].time - steps[start].time if end < len(steps) else None
        cells.append(_Cell(of(steps[start]), start, end - start, seconds))
    return cells


def _draw(told: Timeline, words: str, lang: str) -> str:
    names = _containers(told)
    lanes: list[tuple[str, list[_Cell]]] = [(say(msg("Pod"), lang), _cells(told.steps, lambda step: step.pod))]
    for name in names if len(names) > 1 else ():
        cells = _cells(told.steps, lambda step, name=name: step.containers.get(name, _ABSENT))  # type: ignore[misc]
        lanes.append((name, cells))
    columns = _columns(len(told.steps), [cells for _name, cells in lanes], lang)
    left = _MARGIN + (max(width(name, _SMALL, bold=True) for name, _cells in lanes) + 16 if len(lanes) > 1 else 0)
    rows = [
        _lane(name if len(lanes) > 1 else "", cells, columns, (left, _HEAD + 8 + _ROW * index), lang)
        for index, (name, cells) in enumerate(lanes)
    ]
    wide = round(left + max(x + wide for x, wide in columns.values()) + _MARGIN)
    title = say(msg("Life of Pod {name}", name=told.name), lang)
    wide = max(wide, round(width(title.upper(), 11.6, bold=True)) + 2 * _MARGIN)
    frame = Frame(0, 0, wide, _HEAD + 14 + _ROW * len(lanes))
    head = f'<text class="head" x="{_MARGIN}" y="26">{escape(title.upper())}</text>'
    return document(head + "".join(rows), frame, title, words)


def _columns(count: int, lanes: Sequence[Sequence[_Cell]], lang: str) -> dict[int, tuple[float, float]]:
    """Left edge and width of each shown step; index -1 stands for those in the middle of a long life, left out."""
    shown = list(range(count))
    if count > _SHOWN:
        shown = [*shown[: _SHOWN - _TAIL], -1, *shown[-_TAIL:]]
    needs = dict.fromkeys(shown, float(_NARROWEST))
    for cell in (cell for cells in lanes for cell in cells):
        inside = [index for index in shown if cell.first <= index < cell.first + cell.columns]
        if inside:
            missing = _need(cell, lang) - sum(needs[index] for index in inside) - _GAP * (len(inside) - 1)
            needs[inside[-1]] += max(missing, 0.0)
    x, columns = 0.0, {}
    for index in shown:
        columns[index] = (x, needs[index])
        x += needs[index] + _GAP
    return columns


def _need(cell: _Cell, lang: str) -> float:
    return width(say(cell.health.word, lang), _WORD, bold=True) + 40


def _lane(
    name: str, cells: Sequence[_Cell], columns: dict[int, tuple[float, float]], at: tuple[float, float], lang: str
) -> str:
    left, top = at
    label = f'<text class="kind" x="{_MARGIN}" y="{top + 31:g}">{escape(name)}</text>'
    drawn = [_cell(cell, columns, at, lang) for cell in cells]
    if -1 in columns:
        x, wide = columns[-1]
        middle = f'x="{left + x + wide / 2:g}" y="{top + 31:g}" text-anchor="middle"'
        hidden = sum(all(not cell.first <= index < cell.first + cell.columns for index in columns) for cell in cells)
        more = say(msg("… {count} more", count=hidden), lang)
        drawn.append(f'<text class="fact" {middle}>{escape(more)}</text>')
    return f"<g>{label}{''.join(drawn)}</g>"


def _cell(cell: _Cell, columns: dict[int, tuple[float, float]], at: tuple[float, float], lang: str) -> str:
    inside = [columns[index] for index in range(cell.first, cell.first + cell.columns) if index in columns]
    word = say(cell.health.word, lang)
    if not inside or not word:
        return ""
    x, wide = at[0] + inside[0][0], inside[-1][0] + inside[-1][1] - inside[0][0]
    lasted = say(_duration(cell.seconds), lang) if cell.seconds is not None else ""
    if cell.health.word == msg("Deleted"):
        lasted = ""
    told = escape(f"{word} {lasted}".strip(), quote=True)
    shown = escape(clipped(word, _WORD, wide - 36, bold=True))
    return (
        f'<g class="node {cell.health.state}" tabindex="0" role="img" aria-label="{told}"'
        f' transform="translate({x:g},{at[1]:g})"><title>{told}</title>'
        f'<rect class="card" width="{wide:g}" height="{_TALL}" rx="10"/>{mark(cell.health.look.shape, 17, 19)}'
        f'<text class="word" x="28" y="23">{shown}</text><text class="fact" x="28" y="41">{escape(lasted)}</text></g>'
    )


def _text(text: str, x: int, y: int) -> str:
    return f'<text class="note" x="{x}" y="{y}">{escape(text)}</text>'
