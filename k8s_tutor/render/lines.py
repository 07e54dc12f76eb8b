"""Drawing lines between cards: what flows has an arrow, what owns begins with a ring, what is cut carries a cross."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TypeAlias

from k8s_tutor.graph import geometry
from k8s_tutor.graph.flow import requests
from k8s_tutor.graph.layout import Layout, Place
from k8s_tutor.graph.model import Edge, EdgeState, Graph
from k8s_tutor.graph.relations import RELATIONS
from k8s_tutor.render.text import width
from k8s_tutor.render.twin import name_of
from k8s_tutor.render.words import say

__all__ = ["draw_line"]

_TYPES: Mapping[str, str] = {relation.id: relation.type for relation in RELATIONS}
_CLASSES = {EdgeState.SOLID: "", EdgeState.BROKEN: " broken", EdgeState.WAITING: " wait"}
Point: TypeAlias = tuple[float, float]
_DOTS, _SECONDS = 4, 2.4  # dots on a line that carries everything; how long a dot takes
_APART = 12  # between the ends of an owner's line and of a request's line at the same card


def draw_line(edge: Edge, graph: Graph, layout: Layout, lang: str) -> str:
    """The SVG of one line."""
    kind = _TYPES.get(edge.relation, "routes")
    source, target = layout.places[edge.source], layout.places[edge.target]
    start = (source.x + source.width, source.y + geometry.ANCHOR)
    end = (target.x, target.y + geometry.ANCHOR + _offset(edge, graph))
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


def _path(start: Point, end: Point, layout: Layout, target: Place) -> tuple[str, tuple[float, float]]:
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
    words = f"{name_of(graph.by_id[edge.source], lang)} → {name_of(graph.by_id[edge.target], lang)}"
    if edge.cause is not None:
        words += f": {say(edge.cause, lang)}"
    elif edge.load is not None:
        words += f": {say(requests(edge.load.count), lang)}"
    return escape(f"{words} ({edge.field})" if edge.field else words)
