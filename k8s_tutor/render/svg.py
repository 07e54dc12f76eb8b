"""From a graph and its layout to SVG: the same bytes for the same graph, and no program but this."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from zlib import crc32

from k8s_tutor.graph import geometry
from k8s_tutor.graph.layout import Lane, Layout
from k8s_tutor.graph.model import Graph
from k8s_tutor.render.cards import draw_card, line
from k8s_tutor.render.lines import draw_line
from k8s_tutor.render.style import FONT, static_css
from k8s_tutor.render.twin import title, twin
from k8s_tutor.render.words import kinds, say

__all__ = ["Frame", "document", "draw"]

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
    graph: Graph, layout: Layout, lang: str = "en", *, styled: bool = True, told: tuple[str, str] | None = None
) -> str:
    """The SVG of a graph.

    Args:
        graph: What to draw.
        layout: Where its cards stand.
        lang: Language of the words.
        styled: With its own style sheet (a picture that stands alone), or without (the page has one).
        told: Title and twin; by default those of the graph.
    """
    name, words = told or (title(graph, lang), twin(graph, lang))
    frame = _frame(graph, layout)
    lanes = "".join(_lane(lane, layout, frame, lang) for lane in layout.lanes)
    lines = "".join(draw_line(edge, graph, layout, lang) for edge in graph.edges)
    cards = "".join(draw_card(node, layout.places[node.id], lang) for node in graph.nodes)
    body = f'<g class="lanes">{lanes}</g><g class="edges">{lines}</g><g class="nodes">{cards}</g>'
    return document(body + _notes(graph, frame, lang), frame, name, words, styled=styled)


def document(body: str, frame: Frame, name: str, told: str, *, styled: bool = True) -> str:
    """A whole SVG document around a body: page, style, and the text twin as title and description."""
    key = f"{crc32((name + told).encode()):08x}"
    style = f"<style>{static_css()}</style>" if styled else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{frame.x} {frame.y} {frame.width} {frame.height}"'
        f' width="{frame.width}" height="{frame.height}" role="group" aria-labelledby="t{key} d{key}"'
        f' font-family="{FONT}"><title id="t{key}">{escape(name)}</title><desc id="d{key}">{escape(told)}</desc>{style}'
        f'<rect class="page" x="{frame.x}" y="{frame.y}" width="{frame.width}" height="{frame.height}" rx="12"/>'
        f"{body}</svg>"
    )


def _frame(graph: Graph, layout: Layout) -> Frame:
    around = _MARGIN + geometry.BESIDE
    left = min((lane.x for lane in layout.lanes), default=0) - around
    right = max((lane.x + lane.width for lane in layout.lanes), default=_EMPTY - 2 * around) + around
    notes = _NOTE * len(graph.notes)
    top = layout.top - (_HEAD if layout.lanes else 0) - around
    return Frame(left, top, right - left, layout.bottom + around + notes - top)


def _lane(lane: Lane, layout: Layout, frame: Frame, lang: str) -> str:
    head = " · ".join(kinds(kind, lang) for kind in lane.kinds).upper()
    y = layout.top - geometry.BESIDE
    return (
        f'<rect class="lane" x="{lane.x - geometry.BESIDE}" y="{y}" width="{lane.width + 2 * geometry.BESIDE}"'
        f' height="{layout.bottom + geometry.BESIDE - y}" rx="12"/>'
        + line(head, "head", (lane.x, frame.y + _MARGIN + 14), 11.6, lane.width + geometry.GAP_X - geometry.BESIDE)
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
