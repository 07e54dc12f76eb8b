"""One pod, explained: its card inside the node it runs on, and numbers that say what each line of it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from k8s_tutor.graph import layout
from k8s_tutor.graph.fold import spread
from k8s_tutor.graph.layout import Position
from k8s_tutor.graph.model import Graph, Node
from k8s_tutor.language import Message, is_one_of, msg, msg_template, say
from k8s_tutor.render.alt_text import describe_graph
from k8s_tutor.render.cards import draw_card, line, shown_facts
from k8s_tutor.render.svg import Frame, document
from k8s_tutor.render.text import width

__all__ = ["anatomy"]

_BORDER, _TITLE = 16, 40  # around the card, and above it for the node's name
_GAP, _LEAD = 34, 14
_ROW, _MARGIN = 38, 16
_NODE = (msg("Node"), msg("the machine it was put on; it stays there until its end"))
_POD = (msg("Pod"), msg("the smallest thing Kubernetes starts and deletes: always as a whole"))
_ADDRESS = (msg("Address"), msg("one for the whole Pod; inside it, containers meet on localhost"))
_LABELS = (msg("Labels"), msg("free words by which others find it"))
_CONTAINER = (msg("Container"), msg("a program, started from an image"))
_CONTAINERS = (msg("Containers"), msg("programs, each started from its own image, with files of its own"))
_EXPLAINED = (
    (msg_template("address {address}"), _ADDRESS),
    (msg_template("address {address}, shared by its containers"), _ADDRESS),
    (msg("no address yet"), _ADDRESS),
    (msg_template("labels {labels}"), _LABELS),
)


@dataclass(frozen=True, slots=True)
class _Point:
    """Something to explain: at which height, its name and what it is."""

    y: int
    words: tuple[Message, Message]


def anatomy(graph: Graph, lang: str = "", *, styled: bool = True) -> tuple[str, str]:
    """The annotated picture of the pod in a graph of the lens `anatomy`, and its twin.

    Returns:
        SVG and text.
    """
    pod = next(node for node in graph.nodes if node.parts)
    machine = next((node for node in graph.nodes if node.kind == "Node"), None)
    card = Position(0, 0, layout.WIDE, layout.height_of(pod), 0)
    points = list(_points(pod, machine))
    said = [(say(point.words[0], lang), say(point.words[1], lang)) for point in points]
    told = [
        f"{number}. {say(msg('{what}: {said}', what=name, said=text), lang)}"
        for number, (name, text) in enumerate(said, 1)
    ]
    words = "\n".join([describe_graph(graph, lang), *told])
    edge = card.width + (_BORDER if machine else 0)
    x = edge + _GAP + _LEAD
    tops = spread([(point.y - 16, _ROW) for point in points], 4)
    notes = [
        _note(number, point.y, (edge, x, top), text)
        for number, (point, top, text) in enumerate(zip(points, tops, said, strict=True), 1)
    ]
    right = max(x + 22 + max(width(name, 13, bold=True), width(text, 11.5)) for name, text in said)
    top = min(-_TITLE - _BORDER if machine else 0, *tops) - _MARGIN
    bottom = max(card.height + _BORDER, tops[-1] + _ROW) + _MARGIN
    frame = Frame(-_BORDER - _MARGIN, top, round(right) + _BORDER + 2 * _MARGIN, bottom - top)
    title = say(msg("Anatomy of Pod {name}", name=pod.name), lang)
    body = _machine(machine, card) + draw_card(pod, card, lang) + "".join(notes)
    return document(body, frame, title, words, styled=styled), words


def _points(pod: Node, machine: Node | None) -> Iterator[_Point]:
    if machine is not None:
        yield _Point(-_TITLE + 14, _NODE)
    yield _Point(40, _POD)
    for index, fact in enumerate(shown_facts(pod)):
        for sentence, words in _EXPLAINED:
            if is_one_of(fact, sentence):
                yield _Point(layout.HEAD + index * layout.FACT, words)
    first = layout.HEAD + len(pod.facts) * layout.FACT
    yield _Point(first + 38, _CONTAINERS if len(pod.parts) > 1 else _CONTAINER)


def _machine(machine: Node | None, card: Position) -> str:
    if machine is None:
        return ""
    wide, tall = card.width + 2 * _BORDER, card.height + _TITLE + 2 * _BORDER
    return (
        f'<rect class="lane" x="{-_BORDER}" y="{-_TITLE - _BORDER}" width="{wide}" height="{tall}" rx="14"/>'
        + line(machine.kind, "kind", (0, -_TITLE + 4), 11, 120)
        + line(machine.name, "name", (0, -_TITLE + 24), 14, card.width - 10, middle=True)
    )


def _note(number: int, y: int, at: tuple[float, float, float], text: tuple[str, str]) -> str:
    edge, x, top = at
    middle = top + 16
    return (
        f'<path class="guide" d="M{edge:g} {y}h{_LEAD / 2:g}L{x - _LEAD:g} {middle:g}H{x - 2:g}"/>'
        f'<circle class="tag" cx="{x + 8:g}" cy="{middle:g}" r="10"/>'
        f'<text class="tag-text" x="{x + 8:g}" y="{middle + 4:g}" text-anchor="middle">{number}</text>'
        f'<text class="inner-name" x="{x + 26:g}" y="{top + 12:g}">{escape(text[0])}</text>'
        f'<text class="fact" x="{x + 26:g}" y="{top + 29:g}">{escape(text[1])}</text>'
    )
