"""Drawing cards: kind small, name bold, one fact; state as border, mark and word."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from k8s_tutor.graph import layout
from k8s_tutor.graph.health import CANNOT_PULL
from k8s_tutor.graph.layout import Position
from k8s_tutor.graph.model import Health, Load, Node, Part, State
from k8s_tutor.language import Wording, is_one_of, say
from k8s_tutor.render.alt_text import label, part_label
from k8s_tutor.render.text import clipped, kind_word, width, wrapped

__all__ = ["MARKS", "draw_card", "draw_head", "group", "line", "mark", "shown_facts"]


# ---- The marks of states: ten units wide, drawn around (0, 0), each a shape of its own so that grey suffices

_RING = 'fill="none" stroke="currentColor" stroke-width="1.5"'
_STROKE = 'fill="none" stroke="currentColor" stroke-linecap="round"'

MARKS: Mapping[str, str] = {
    "disc": '<circle r="5" fill="currentColor"/>',
    "half-disc": f'<circle r="4.5" {_RING}/><path d="M0-4.5a4.5 4.5 0 0 1 0 9z" fill="currentColor"/>',
    "dashed-ring": f'<circle r="4.5" {_RING} stroke-dasharray="2 2"/>',
    "cross": f'<path d="M-4-4 4 4M4-4-4 4" {_STROKE} stroke-width="2.5"/>',
    "tick": f'<path d="M-4.5 0-1.5 3.5 4.5-3.5" {_STROKE} stroke-width="2"/>',
    "minus": f'<circle r="4.5" {_RING}/><path d="M-2.5 0h5" stroke="currentColor" stroke-width="1.5"/>',
    "slash": f'<circle r="4.5" {_RING}/><path d="M-4.5 4.5l9-9" stroke="currentColor" stroke-width="1.5"/>',
    "none": "",
}
"""Shape name (`Look.shape`) to SVG."""


def mark(shape: str, x: int, y: int) -> str:
    """A mark with its middle at (x, y), in the colour of its surroundings' `color`."""
    return f'<g class="mark" transform="translate({x},{y})">{MARKS[shape]}</g>' if MARKS[shape] else ""


# ---- Drawing cards: kind small, name bold, one fact; state as border, mark and word

_PAD = 14
_KIND, _NAME, _FACT, _INNER = 11.0, 14.0, 11.5, 13.0
_MARK = 16  # what a mark and the gap beside it take
_COUNT, _THICK = 42, 8  # room for a bar's number; a bar's height
_SIGN, _NARROW = 20, 200  # room that hardly a word takes; width of a card below which there is not room for all
_LEAST = 58  # room that stays for the kind, however long the word of the state is


def draw_card(node: Node, place: Position, lang: str) -> str:
    """The SVG of one card."""
    inside = _large(node, place, lang) if node.parts else _small(node, place, lang)
    shape = f'<rect class="card" width="{place.width}" height="{place.height}" rx="10"/>'
    return group(node, place, label(node, lang), shape + inside, _title(node, lang))


def group(node: Node, place: Position, told: str, drawn: str, title: str = "") -> str:
    """What is drawn of a card, as one group that can be found, reached by keyboard, and heard.

    Args:
        node: The card.
        place: Where it stands.
        told: It in one sentence.
        drawn: Its SVG.
        title: What is shown where the mouse rests, escaped; by default the sentence.
    """
    there = bool(node.name) and node.health.state is not State.ABSENT
    named = f' data-name="{escape(f"{node.kind}/{node.name}", quote=True)}"' if there else ""
    behind = _behind(place) if node.count > 1 else ""
    return (
        f'<g class="node {node.health.state}" data-id="{escape(node.id, quote=True)}"{named} tabindex="0"'
        f' role="img" aria-label="{escape(told, quote=True)}" transform="translate({place.x},{place.y})">'
        f"<title>{title or escape(told)}</title>{behind}{drawn}</g>"
    )


def line(text: str, css: str, at: tuple[float, float], size: float, room: float, *, middle: bool = False) -> str:
    """One line of text that never exceeds its room; what had to be left out is in its `<title>`."""
    bold = css.endswith("name") or css in ("word", "head")
    shown = clipped(text, size, room, bold=bold, middle=middle)
    full = f"<title>{escape(text)}</title>" if shown != text else ""
    return f'<text class="{css}" x="{at[0]:g}" y="{at[1]:g}">{full}{escape(shown)}</text>'


def _title(node: Node, lang: str) -> str:
    rows = [label(node, lang), *(part_label(part, lang) for part in node.parts)]
    return escape("\n".join(rows))


def _behind(place: Position) -> str:
    """The edges of two more cards: this one stands for several."""
    return "".join(
        f'<rect class="behind" x="{inset}" y="{shift}" width="{place.width - 2 * inset}"'
        f' height="{place.height}" rx="10"/>'
        for inset, shift in ((10, 8), (5, 4))
    )


def draw_head(text: str, health: Health, room: float, lang: str, *, css: str = "kind", size: float = _KIND) -> str:
    """First line: kind (or name) at the left, word and mark of the state at the right edge."""
    least = min(_LEAST, width(text, size) + 8) if room >= _NARROW else 0  # the state matters more than the kind
    word = clipped(say(health.word, lang), _FACT, room - 2 * _PAD - _MARK - least, bold=True)
    right = room - _PAD - (_MARK if health.look.shape != "none" else 0)
    used = width(word, _FACT, bold=True) + (room - right)
    full = f"<title>{escape(say(health.word, lang))}</title>" if word != say(health.word, lang) else ""
    said = f'<text class="word" x="{right:g}" y="22" text-anchor="end">{full}{escape(word)}</text>' if word else ""
    free = room - _PAD - used - 8
    return (
        (line(text, css, (_PAD, 22), size, free, middle=css != "kind") if free > _SIGN else "")
        + said
        + mark(health.look.shape, int(room) - _PAD - 5, 18)
    )


def _small(node: Node, place: Position, lang: str) -> str:
    room = place.width - 2 * _PAD
    name = say(node.title, lang) if node.title is not None else node.name
    middle = node.title is None
    bar = node.load if node.kind != "Client" else None
    last = _bar(bar, room) if bar is not None else _last(node, place, lang)
    return (
        draw_head(_kind(node, lang), node.health, place.width, lang)
        + line(name, "name", (_PAD, 45), _NAME, room, middle=middle)
        + last
    )


def _last(node: Node, place: Position, lang: str) -> str:
    """The cause or the facts: in one line, in two where the card is narrow."""
    room, rows = place.width - 2 * _PAD, 1 + (place.height - layout.HEIGHT) // layout.LINE
    fact = _joined(node.health.cause, node.facts, room * rows, lang)
    middle = _ends_matter(node.health.cause)
    pieces = wrapped(fact, _FACT, room) if rows > 1 else [fact]
    if len(pieces) > rows:
        pieces = [*pieces[: rows - 1], " ".join(pieces[rows - 1 :])]
    return "".join(
        line(piece, "fact", (_PAD, 65 + at * layout.LINE), _FACT, room, middle=middle)
        for at, piece in enumerate(pieces)
    )


def _bar(load: Load, room: float) -> str:
    """How many requests, as a bar with the number at its right."""
    full = room - _COUNT
    drawn = max(load.share * full, _THICK) if load.count else 0
    bar = f'<rect class="bar" x="{_PAD}" y="57" width="{drawn:.4g}" height="{_THICK}" rx="4"/>' if drawn else ""
    return (
        f'<rect class="track" x="{_PAD}" y="57" width="{full:g}" height="{_THICK}" rx="4"/>{bar}'
        f'<text class="count" x="{_PAD + room:g}" y="65" text-anchor="end">{load.count}</text>'
    )


def _ends_matter(cause: Wording | None) -> bool:
    """An image's name and tag stand at the end of its reference."""
    return is_one_of(cause, CANNOT_PULL)


def _joined(cause: Wording | None, facts: tuple[Wording, ...], room: float, lang: str) -> str:
    """The cause alone, where there is one; else as many facts as there is room for, the first in any case."""
    if cause is not None:
        return say(cause, lang)
    said = ""
    for fact in facts:
        longer = f"{said} · {say(fact, lang)}" if said else say(fact, lang)
        if said and width(longer, _FACT) > room:
            break
        said = longer
    return said


def _kind(node: Node, lang: str) -> str:
    kind = kind_word(node.kind, lang)
    return f"{kind} · {node.where}" if node.where else kind


def _large(node: Node, place: Position, lang: str) -> str:
    room = place.width - 2 * _PAD
    rows = [
        line(say(fact, lang), "fact", (_PAD, layout.HEAD + 4 + index * layout.FACT), _FACT, room)
        for index, fact in enumerate(shown_facts(node))
    ]
    top = layout.HEAD + len(node.facts) * layout.FACT
    step = layout.PART + layout.PART_GAP
    parts = [_part(part, top + index * step, room, lang) for index, part in enumerate(node.parts)]
    head = draw_head(_kind(node, lang), node.health, place.width, lang) + line(
        node.name, "name", (_PAD, 45), _NAME, room, middle=True
    )
    return head + "".join(rows) + "".join(parts)


def shown_facts(node: Node) -> list[Wording]:
    """The facts that a large card has room for: first the cause of its state, unless one of its parts tells it."""
    causes = [part.health.cause for part in node.parts]
    own = node.health.cause if node.health.cause not in causes else None
    return [fact for fact in (own, *node.facts) if fact is not None][: len(node.facts)]


def _part(part: Part, y: int, room: int, lang: str) -> str:
    image, *others = part.facts or ("",)
    count = say(others[0], lang) if others else ""
    taken = width(count, _FACT) + 12 if count else 0
    right = f'<text class="fact" x="{room - _PAD}" y="42" text-anchor="end">{escape(count)}</text>' if count else ""
    fact = say(part.health.cause, lang) if part.health.cause is not None else say(image, lang)
    if part.health.cause is not None and part.health.state is State.FAILING and say(image, lang) not in fact:
        fact = f"{fact} · {say(image, lang)}"
    return (
        f'<g class="part {part.health.state}" aria-label="{escape(part_label(part, lang), quote=True)}"'
        f' transform="translate({layout.INSIDE_X},{y})">'
        f'<rect class="card inner" width="{room}" height="{layout.PART}" rx="8"/>'
        + draw_head(say(part.kind, lang), part.health, room, lang)
        + line(part.name, "inner-name", (_PAD, 42), _INNER, room - 2 * _PAD - taken, middle=True)
        + right
        + line(fact, "fact", (_PAD, 59), _FACT, room - 2 * _PAD, middle=True)
        + "</g>"
    )
