"""From a graph and its layout to SVG: the same bytes for the same graph, and no program but this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TypeAlias
from zlib import crc32

from k8s_tutor.graph.flow import requests
from k8s_tutor.graph.layout import (
    ANCHOR,
    BAR,
    BESIDE,
    BOX_FACT,
    BOX_HEAD,
    GAP_X,
    MARGIN,
    METER,
    PAD,
    Lane,
    Layout,
    Position,
)
from k8s_tutor.graph.model import Edge, EdgeState, Graph, Meter, Node, Slice
from k8s_tutor.graph.relations import RELATIONS
from k8s_tutor.language import Wording, is_one_of, msg, msg_template, say
from k8s_tutor.render.alt_text import describe_graph, label, name_of, title
from k8s_tutor.render.cards import draw_card, draw_head, group, line
from k8s_tutor.render.text import FONT, PLACEMENT, kinds, static_css, width

__all__ = ["Frame", "document", "draw", "draw_boxes", "draw_heads", "draw_line"]


# ---- Drawing lines between cards: what flows has an arrow, what owns begins with a ring, what is cut carries a cross

_TYPES: Mapping[str, str] = {relation.id: relation.type for relation in RELATIONS}
_CLASSES = {EdgeState.SOLID: "", EdgeState.BROKEN: " broken", EdgeState.WAITING: " wait"}
Point: TypeAlias = tuple[float, float]
_DOTS, _SECONDS = 4, 2.4  # dots on a line that carries everything; how long a dot takes
_APART = 12  # between the ends of an owner's line and of a request's line at the same card


def draw_line(edge: Edge, graph: Graph, layout: Layout, lang: str) -> str:
    """The SVG of one line."""
    kind = _TYPES.get(edge.relation, "routes")
    source, target = layout.places[edge.source], layout.places[edge.target]
    start = (source.x + source.width, source.y + ANCHOR)
    end = (target.x, target.y + ANCHOR + _offset(edge, graph))
    path, middle = _path(start, end, layout, target)
    return (
        f'<g class="{kind}{_CLASSES[edge.state]}" data-edge="{escape(edge.id, quote=True)}">'
        f"<title>{_title(edge, graph, lang)}</title>"
        f'<path class="edge" d="{path}"/>{_ends(kind, start, end)}{_dots(edge, path, middle)}'
        f"{_tag(edge, middle, lang)}</g>"
    )


def _offset(edge: Edge, graph: Graph) -> int:
    """Requests arrive above the middle and owners below it, where both arrive at the same card."""
    owned = [other.relation == "owner" for other in graph.incoming[edge.target]]
    if all(owned) or not any(owned):
        return 0
    return _APART if edge.relation == "owner" else -_APART


def _path(start: Point, end: Point, layout: Layout, target: Position) -> tuple[str, tuple[float, float]]:
    """A curve across the last gap; before it the line runs level. Also its middle."""
    gap_left = max((lane.x + lane.width for lane in layout.lanes if lane.column < target.column), default=start[0])
    bend = max(start[0], gap_left)
    middle = (bend + end[0]) / 2
    level = f"H{bend:g}" if bend > start[0] else ""
    curve = f"C{middle:g} {start[1]:g} {middle:g} {end[1]:g} {end[0]:g} {end[1]:g}"
    return f"M{start[0]:g} {start[1]:g}{level}{curve}", (middle, (start[1] + end[1]) / 2)


def _ends(kind: str, start: Point, end: Point) -> str:
    if kind == "owns":
        return f'<circle class="ring" cx="{start[0] + 4:g}" cy="{start[1]}" r="3.5"/>'
    return f'<path class="tip" d="M{end[0]} {end[1]}l-7-4v8z"/>'


def _tag(edge: Edge, middle: Point, lang: str) -> str:
    x, y = middle
    if edge.state is EdgeState.BROKEN:
        cross = f'<path class="cross" d="M{x - 3:g} {y - 3:g}l6 6m0-6l-6 6"/>'
        return f'<circle class="tag" cx="{x:g}" cy="{y:g}" r="8"/>{cross}'
    if edge.label is None:
        return ""
    text = say(edge.label, lang)
    wide = width(text, 11) + 14
    return (
        f'<rect class="tag" x="{x - wide / 2:g}" y="{y - 9:g}" width="{wide:g}" height="18" rx="9"/>'
        f'<text class="tag-text" x="{x:g}" y="{y + 4:g}" text-anchor="middle">{escape(text)}</text>'
    )


def _dots(edge: Edge, path: str, middle: Point) -> str:
    """Requests on their way, as many dots as the line had its share; at rest for those who want no motion."""
    load = edge.load
    if load is None or not load.count or edge.state is EdgeState.BROKEN:
        return ""
    number = max(1, round(load.share * _DOTS))
    begins = [f"{-_SECONDS * index / number:.3g}s" for index in range(number)]
    moving = "".join(
        f'<circle class="dot" r="4"><animateMotion dur="{_SECONDS:g}s" begin="{begin}" repeatCount="indefinite"'
        f' path="{path}"/></circle>'
        for begin in begins
    )
    return f'<circle class="dot still" cx="{middle[0]:g}" cy="{middle[1]:g}" r="4"/><g class="moving">{moving}</g>'


def _title(edge: Edge, graph: Graph, lang: str) -> str:
    said: Wording = f"{name_of(graph.by_id[edge.source], lang)} → {name_of(graph.by_id[edge.target], lang)}"
    if edge.cause is not None:
        said = msg("{what}: {said}", what=said, said=edge.cause)
    elif edge.load is not None:
        said = msg("{what}: {said}", what=said, said=requests(edge.load.count))
    return escape(say(msg("{said} ({more})", said=said, more=edge.field) if edge.field else said, lang))


# ---- From a graph and its layout to SVG: the same bytes for the same graph, and no program but this

_MARGIN = 16
_HEAD = 30  # the line of lane heads
_NOTE = 28
_EMPTY = 480  # width of a picture without cards


@dataclass(frozen=True, slots=True)
class Frame:
    """What part of the plane a picture shows: the `viewBox`."""

    x: int
    y: int
    width: int
    height: int


def draw(
    graph: Graph, layout: Layout, lang: str = "", *, styled: bool = True, told: tuple[str, str] | None = None
) -> str:
    """The SVG of a graph.

    Args:
        graph: What to draw.
        layout: Where its cards stand.
        lang: Language of the words.
        styled: With its own style sheet (a picture that stands alone), or without (the page has one).
        told: Title and twin; by default those of the graph.
    """
    name, words = told or (title(graph, lang), describe_graph(graph, lang))
    frame = _frame(graph, layout)
    if graph.lens == "placement":
        lanes, lines, cards = draw_heads(graph, layout, lang), "", draw_boxes(graph, layout, lang)
    else:
        ends = [*(lane.x for lane in layout.lanes[1:]), *(lane.x + lane.width + GAP_X for lane in layout.lanes[-1:])]
        heads = zip(layout.lanes, ends, strict=True)
        lanes = "".join(_lane(lane, end - lane.x - BESIDE, layout, frame, lang) for lane, end in heads)
        lines = "".join(draw_line(edge, graph, layout, lang) for edge in graph.edges)
        cards = "".join(draw_card(node, layout.places[node.id], lang) for node in graph.nodes)
    body = f'<g class="lanes">{lanes}</g><g class="edges">{lines}</g><g class="nodes">{cards}</g>'
    rules = PLACEMENT if graph.lens == "placement" else ""
    return document(body + _notes(graph, frame, lang), frame, name, words, styled=styled, rules=rules)


def document(body: str, frame: Frame, name: str, told: str, *, styled: bool = True, rules: str = "") -> str:
    """A whole SVG document around a body: page, style (with more rules), and the text twin as title and description."""
    key = f"{crc32((name + told).encode()):08x}"
    style = f"<style>{static_css(rules)}</style>" if styled else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{frame.x} {frame.y} {frame.width} {frame.height}"'
        f' width="{frame.width}" height="{frame.height}" role="group" aria-labelledby="t{key} d{key}"'
        f' font-family="{FONT}"><title id="t{key}">{escape(name)}</title><desc id="d{key}">{escape(told)}</desc>{style}'
        f'<rect class="page" x="{frame.x}" y="{frame.y}" width="{frame.width}" height="{frame.height}" rx="12"/>'
        f"{body}</svg>"
    )


def _frame(graph: Graph, layout: Layout) -> Frame:
    around = MARGIN
    left = min((lane.x for lane in layout.lanes), default=0) - around
    right = max((lane.x + lane.width for lane in layout.lanes), default=_EMPTY - 2 * around) + around
    notes = _NOTE * len(graph.notes)
    top = layout.top - (_HEAD if layout.lanes else 0) - around
    return Frame(left, top, right - left, layout.bottom + around + notes - top)


def _lane(lane: Lane, room: int, layout: Layout, frame: Frame, lang: str) -> str:
    head = " · ".join(kinds(kind, lang) for kind in lane.kinds).upper()
    y = layout.top - BESIDE
    return (
        f'<rect class="lane" x="{lane.x - BESIDE}" y="{y}" width="{lane.width + 2 * BESIDE}"'
        f' height="{layout.bottom + BESIDE - y}" rx="12"/>'
        + line(head, "head", (lane.x, frame.y + _MARGIN + 14), 11.6, room)
    )


def _notes(graph: Graph, frame: Frame, lang: str) -> str:
    bottom = frame.y + frame.height - _MARGIN
    rows = [say(note, lang) for note in graph.notes]
    return "".join(
        line(
            row, "note", (frame.x + _MARGIN, bottom - _NOTE * (len(rows) - 1 - index)), 11.5, frame.width - 2 * _MARGIN
        )
        for index, row in enumerate(rows)
    )


# ---- Nodes as boxes: bars of what is requested, Pods inside, and below them who is on no node


_SMALL, _NAME = 11.5, 13.0
_MARKED = (msg_template("taint {name}"), msg_template("label {name}"))  # what people have put there
_HAIR = 1.0  # between the slices of a bar


def draw_heads(graph: Graph, layout: Layout, lang: str) -> str:
    """The heads over the nodes, and over the Pods that are on none."""
    placed = {edge.source for edge in graph.edges}
    rows = {
        msg("Nodes"): [node for node in graph.nodes if node.kind == "Node"],
        msg("On no node"): [node for node in graph.nodes if node.kind == "Pod" and node.id not in placed],
    }
    tops = {head: min(layout.places[card.id].y for card in cards) for head, cards in rows.items() if cards}
    return "".join(line(say(head, lang).upper(), "head", (0, y - 12), 11.6, 400) for head, y in tops.items())


def draw_boxes(graph: Graph, layout: Layout, lang: str) -> str:
    """The boxes, and on them the cards: each is a group of its own, so that a card can glide from box to box."""
    drawn = [_box(node, layout.places[node.id], graph, lang) for node in graph.nodes if node.kind == "Node"]
    drawn += [_card(node, layout.places[node.id], lang) for node in graph.nodes if node.kind != "Node"]
    return "".join(drawn)


def _box(node: Node, place: Position, graph: Graph, lang: str) -> str:
    room = place.width - 2 * PAD
    kind = f"{node.kind} · {node.where}" if node.where else node.kind
    name = say(node.title, lang) if node.title is not None else node.name
    rows = [draw_head(kind, node.health, place.width, lang), line(name, "name", (PAD, 46), 14, room, middle=True)]
    y = BOX_HEAD
    if node.health.cause is not None:
        rows.append(line(say(node.health.cause, lang), "marked", (PAD, y + 11), _SMALL, room))
        y += BOX_FACT
    for meter in node.meters:
        rows.append(_meter(meter, y, room, graph, lang))
        y += METER
    for fact in node.facts:
        rows.append(_fact(fact, y + 13, room, lang))
        y += BOX_FACT
    shape = f'<rect class="card inner" width="{place.width}" height="{place.height}" rx="12"/>'
    return group(node, place, label(node, lang), shape + "".join(rows))


def _fact(fact: Wording, y: float, room: float, lang: str) -> str:
    css = "marked" if is_one_of(fact, *_MARKED) else "fact"
    return line(say(fact, lang), css, (PAD, y), _SMALL, room, middle=True)


def _meter(meter: Meter, y: int, room: float, graph: Graph, lang: str) -> str:
    """What each Pod requests, as a slice of what the node has."""
    drawn, start = [], 0
    scale = room / meter.have if meter.have else 0.0
    for part in meter.slices:
        drawn.append(_slice(part, min(start * scale, room), min((start + part.amount) * scale, room), y, graph))
        start += part.amount
    track = f'<rect class="track" x="{PAD}" y="{y + 18}" width="{room:g}" height="{BAR}" rx="2"/>'
    name, amount = say(meter.name, lang), say(meter.amount, lang)
    said = f'<text class="fact" x="{PAD + room:g}" y="{y + 12}" text-anchor="end">{escape(amount)}</text>'
    return line(name, "marked", (PAD, y + 12), _SMALL, room / 3) + said + track + "".join(drawn)


def _slice(part: Slice, left: float, right: float, y: int, graph: Graph) -> str:
    wide = right - left
    pod = graph.by_id.get(part.id)
    title = f"<title>{escape(pod.name)}</title>" if pod is not None else ""
    return (
        f'<rect class="{"bar" if part.own else "bar others"}" x="{PAD + left:.5g}" y="{y + 18}"'
        f' width="{wide - _HAIR if wide > 3 * _HAIR else wide:.4g}" height="{BAR}">{title}</rect>'
    )


def _card(node: Node, place: Position, lang: str) -> str:
    """Name and state in one line, what it requests in the next, then why it is on no node."""
    name = say(node.title, lang) if node.title is not None else node.name
    room = place.width - 2 * PAD
    facts = "".join(
        line(say(fact, lang), "fact" if at == 0 else "marked", (PAD, 40 + at * BOX_FACT), _SMALL, room)
        for at, fact in enumerate(node.facts)
    )
    head = draw_head(name, node.health, place.width, lang, css="inner-name", size=_NAME)
    shape = f'<rect class="card" width="{place.width}" height="{place.height}" rx="8"/>'
    return group(node, place, label(node, lang), shape + head + facts)
