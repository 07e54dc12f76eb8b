"""The picture in words: alt text, what a keyboard walks through, and what tests read."""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.graph.columns import columns_of
from k8s_tutor.graph.flow import requests
from k8s_tutor.graph.model import Edge, Graph, Node, Part, State, phrase
from k8s_tutor.render.words import say

__all__ = ["label", "name_of", "part_label", "title", "twin"]

_STEP = "  "
_SERVICE_LINES = {"ready-of": "service-line", "no-endpoints": "service-none"}


def twin(graph: Graph, lang: str = "en") -> str:
    """The graph as an indented tree of sentences, one line a card; nothing that the picture shows is left out.

    A card that two lines lead to is told at both places, its own descendants only once.
    """
    lines = [say(note, lang) for note in graph.notes]
    told: set[str] = set()
    for node in _roots(graph):
        lines += _branch(graph, node, None, 0, told, lang)
    return "\n".join(lines)


def title(graph: Graph, lang: str = "en") -> str:
    """A name for the picture: what it shows."""
    if not graph.focus:
        key = phrase("namespace-title", graph.namespace) if graph.namespace else phrase("cluster-title")
        return say(key, lang)
    kind, _, name = graph.focus.partition("/")
    for node in graph.nodes:
        if node.name == name and node.kind.lower().startswith(kind.lower()[:3]):
            return name_of(node, lang)
    return graph.focus


def name_of(node: Node, lang: str = "en") -> str:
    """What a card is called: `Pod web`."""
    if node.title is None:
        return f"{node.kind} {node.name}".strip()
    if node.count > 1 or node.health.state is State.ABSENT:
        return say(node.title, lang)
    return node.kind


def label(node: Node, lang: str = "en") -> str:
    """One card in one sentence, for a screen reader."""
    load = [say(requests(node.load.count), lang)] if node.load is not None else []
    parts = [_sentence(node, None, lang), *load, *(say(fact, lang) for fact in node.facts)]
    return ", ".join(parts)


def part_label(part: Part, lang: str = "en") -> str:
    """One container in one sentence."""
    said = f"{say(part.kind, lang)} {part.name}: {_health(part, lang)}"
    facts = ", ".join(say(fact, lang) for fact in part.facts)
    return f"{said} ({facts})" if facts else said


def _health(thing: Node | Part, lang: str) -> str:
    word = say(thing.health.word, lang)
    cause = thing.health.cause
    return f"{word}: {say(cause, lang)}" if cause is not None else word


def _roots(graph: Graph) -> list[Node]:
    """Where to begin: cards that nothing leads to; those of the left columns first, then in the graph's order."""
    columns = columns_of(graph, {})
    return sorted((node for node in graph.nodes if not graph.incoming[node.id]), key=lambda node: columns[node.id])


def _branch(graph: Graph, node: Node, edge: Edge | None, depth: int, told: set[str], lang: str) -> Iterator[str]:
    yield _STEP * depth + _sentence(node, edge, lang)
    if node.id in told:
        return
    told.add(node.id)
    yield from (_STEP * (depth + 1) + line for line in _details(node, lang))
    for onward in graph.outgoing[node.id]:
        yield from _branch(graph, graph.by_id[onward.target], onward, depth + 1, told, lang)


def _details(node: Node, lang: str) -> Iterator[str]:
    if node.parts:
        yield from (say(fact, lang) for fact in node.facts)
        yield from (part_label(part, lang) for part in node.parts)


def _sentence(node: Node, edge: Edge | None, lang: str) -> str:
    name = name_of(node, lang)
    if node.health.state is State.ABSENT:
        return name
    if node.kind == "Service" and node.health.word.key in _SERVICE_LINES:
        return say(phrase(_SERVICE_LINES[node.health.word.key], name, *node.health.word.args), lang)
    word = _health(node, lang)
    said = f"{name}: {word}" if word else name
    if edge is not None and edge.cause is not None and edge.cause not in (node.health.cause, node.health.word):
        said = f"{said} ({say(edge.cause, lang)})"
    return said
