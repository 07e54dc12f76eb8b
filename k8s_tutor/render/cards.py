"""Drawing cards: kind small, name bold, one fact; state as border, mark and word."""

from __future__ import annotations

from html import escape

from k8s_tutor.graph import geometry
from k8s_tutor.graph.layout import Place
from k8s_tutor.graph.model import Health, Load, Node, Part, Phrase, State, verbatim
from k8s_tutor.render.marks import mark
from k8s_tutor.render.text import clipped, width
from k8s_tutor.render.twin import label, part_label
from k8s_tutor.render.words import say

__all__ = ["draw_card", "line", "shown_facts"]

_PAD = 14
_KIND, _NAME, _FACT, _INNER = 11.0, 14.0, 11.5, 13.0
_MARK = 16  # what a mark and the gap beside it take
_COUNT, _THICK = 42, 8  # room for a bar's number; a bar's height
_LEAST = 58  # room that stays for the kind, however long the word of the state is


def draw_card(node: Node, place: Place, lang: str) -> str:
    """The SVG of one card."""
    told = escape(label(node, lang), quote=True)
    inside = _large(node, place, lang) if node.parts else _small(node, place, lang)
    behind = _behind(place) if node.count > 1 else ""
    there = bool(node.name) and node.health.state is not State.ABSENT
    named = f' data-name="{escape(f"{node.kind}/{node.name}", quote=True)}"' if there else ""
    return (
        f'<g class="node {node.health.state}" data-id="{escape(node.id, quote=True)}"{named} tabindex="0"'
        f' role="img" aria-label="{told}" transform="translate({place.x},{place.y})">'
        f"<title>{_title(node, lang)}</title>{behind}"
        f'<rect class="card" width="{place.width}" height="{place.height}" rx="10"/>{inside}</g>'
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


def _behind(place: Place) -> str:
    """The edges of two more cards: this one stands for several."""
    return "".join(
        f'<rect class="behind" x="{inset}" y="{shift}" width="{place.width - 2 * inset}"'
        f' height="{place.height}" rx="10"/>'
        for inset, shift in ((10, 8), (5, 4))
    )


def _head(kind: str, health: Health, room: float, lang: str) -> str:
    """First line: kind at the left, word and mark of the state at the right edge."""
    word = clipped(say(health.word, lang), _FACT, room - 2 * _PAD - _MARK - _LEAST, bold=True)
    right = room - _PAD - (_MARK if health.look.shape != "none" else 0)
    used = width(word, _FACT, bold=True) + (room - right)
    full = f"<title>{escape(say(health.word, lang))}</title>" if word != say(health.word, lang) else ""
    said = f'<text class="word" x="{right:g}" y="22" text-anchor="end">{full}{escape(word)}</text>' if word else ""
    return (
        line(kind, "kind", (_PAD, 22), _KIND, room - _PAD - used - 8)
        + said
        + mark(health.look.shape, int(room) - _PAD - 5, 18)
    )


def _small(node: Node, place: Place, lang: str) -> str:
    room = place.width - 2 * _PAD
    name = say(node.title, lang) if node.title is not None else node.name
    middle = node.title is None
    if node.load is not None and node.kind != "Client":
        last = _bar(node.load, room)
    else:
        fact = _joined(node.health.cause, node.facts, room, lang)
        last = line(fact, "fact", (_PAD, 65), _FACT, room, middle=_ends_matter(node.health.cause))
    return (
        _head(_kind(node), node.health, place.width, lang)
        + line(name, "name", (_PAD, 45), _NAME, room, middle=middle)
        + last
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


def _ends_matter(cause: Phrase | None) -> bool:
    """An image's name and tag stand at the end of its reference."""
    return cause is not None and cause.key == "cannot-pull"


def _joined(cause: Phrase | None, facts: tuple[Phrase, ...], room: float, lang: str) -> str:
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


def _kind(node: Node) -> str:
    return f"{node.kind} · {node.where}" if node.where else node.kind


def _large(node: Node, place: Place, lang: str) -> str:
    room = place.width - 2 * _PAD
    rows = [
        line(say(fact, lang), "fact", (_PAD, geometry.HEAD + 4 + index * geometry.FACT), _FACT, room)
        for index, fact in enumerate(shown_facts(node))
    ]
    top = geometry.HEAD + len(node.facts) * geometry.FACT
    step = geometry.PART + geometry.PART_GAP
    parts = [_part(part, top + index * step, room, lang) for index, part in enumerate(node.parts)]
    head = _head(_kind(node), node.health, place.width, lang) + line(
        node.name, "name", (_PAD, 45), _NAME, room, middle=True
    )
    return head + "".join(rows) + "".join(parts)


def shown_facts(node: Node) -> list[Phrase]:
    """The facts that a large card has room for: first the cause of its state, unless one of its parts tells it."""
    causes = [part.health.cause for part in node.parts]
    own = node.health.cause if node.health.cause not in causes else None
    return [fact for fact in (own, *node.facts) if fact is not None][: len(node.facts)]


def _part(part: Part, y: int, room: int, lang: str) -> str:
    image, *others = part.facts or (verbatim(""),)
    count = say(others[0], lang) if others else ""
    taken = width(count, _FACT) + 12 if count else 0
    right = f'<text class="fact" x="{room - _PAD}" y="42" text-anchor="end">{escape(count)}</text>' if count else ""
    fact = say(part.health.cause, lang) if part.health.cause is not None else say(image, lang)
    if part.health.cause is not None and part.health.state is State.FAILING and say(image, lang) not in fact:
        fact = f"{fact} · {say(image, lang)}"
    return (
        f'<g class="part {part.health.state}" aria-label="{escape(part_label(part, lang), quote=True)}"'
        f' transform="translate({geometry.INSIDE_X},{y})">'
        f'<rect class="card inner" width="{room}" height="{geometry.PART}" rx="8"/>'
        + _head(say(part.kind, lang), part.health, room, lang)
        + line(part.name, "inner-name", (_PAD, 42), _INNER, room - 2 * _PAD - taken, middle=True)
        + right
        + line(fact, "fact", (_PAD, 59), _FACT, room - 2 * _PAD, middle=True)
        + "</g>"
    )
