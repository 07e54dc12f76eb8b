"""The picture in words: alt text, what a keyboard walks through; and what just changed, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from k8s_tutor.graph.build import Difference
from k8s_tutor.graph.flow import requests
from k8s_tutor.graph.fold import columns_of
from k8s_tutor.graph.model import Edge, Graph, Node, Part, State
from k8s_tutor.language import Message, Wording, is_one_of, join_clauses, join_words, msg, msg_template, say
from k8s_tutor.render.text import kind_word

__all__ = ["describe_changes", "describe_graph", "label", "name_of", "part_label", "title"]


# ---- The picture in words: alt text, what a keyboard walks through, and what tests read

_STEP = "  "
_READY, _NOBODY = msg_template("{ready} of {wanted} ready"), msg("no endpoints")


def describe_graph(graph: Graph, lang: str = "") -> str:
    """The graph as an indented tree of sentences, one line a card; nothing that the picture shows is left out.

    A card that two lines lead to is told at both places, its own descendants only once.
    """
    lines = [say(note, lang) for note in graph.notes]
    if graph.lens == "placement":
        return "\n".join([*_places(graph, lang), *lines])
    told: set[str] = set()
    for node in _roots(graph):
        lines += _branch(graph, node, None, 0, told, lang)
    return "\n".join(lines)


def _places(graph: Graph, lang: str) -> Iterator[str]:
    """Each node, what is requested of it, who is on it; then who is on none, and why."""
    placed = {edge.source for edge in graph.edges}
    waiting = [node for node in graph.nodes if node.kind == "Pod" and node.id not in placed]
    for node in (node for node in graph.nodes if node.kind == "Node"):
        yield _with(_sentence(node, None, lang), [meter.said for meter in node.meters], node.facts, lang)
        for edge in graph.incoming[node.id]:
            pod = graph.by_id[edge.source]
            yield _STEP + _with(_sentence(pod, None, lang), [], pod.facts, lang)
    if waiting:
        yield say(msg("On no node:"), lang)
    yield from (_STEP + _with(_sentence(pod, None, lang), [], pod.facts, lang) for pod in waiting)


def _with(sentence: str, said: Sequence[Wording], facts: Sequence[Wording], lang: str) -> str:
    return say(join_clauses([sentence, *said, *facts]), lang)


def title(graph: Graph, lang: str = "") -> str:
    """A name for the picture: what it shows."""
    if graph.lens == "placement" and not graph.focus and graph.namespace:
        return say(msg("Where the Pods of namespace {namespace} are", namespace=graph.namespace), lang)
    if not graph.focus:
        key = msg("Namespace {name}", name=graph.namespace) if graph.namespace else msg("All namespaces")
        return say(key, lang)
    kind, _, name = graph.focus.partition("/")
    for node in graph.nodes:
        if node.name == name and node.kind.lower().startswith(kind.lower()[:3]):
            return name_of(node, lang)
    return graph.focus


def name_of(node: Node, lang: str = "") -> str:
    """What a card is called: `Pod web`."""
    if node.title is None:
        return f"{kind_word(node.kind, lang)} {node.name}".strip()
    if node.count > 1 or node.health.state is State.ABSENT or node.kind == "Pod":
        return say(node.title, lang)
    return kind_word(node.kind, lang)


def label(node: Node, lang: str = "") -> str:
    """One card in one sentence, for a screen reader."""
    load = [say(requests(node.load.count), lang)] if node.load is not None else []
    parts = [_sentence(node, None, lang), *load, *(say(fact, lang) for fact in node.facts)]
    return say(join_words([*parts, *(meter.said for meter in node.meters)]), lang)


def part_label(part: Part, lang: str = "") -> str:
    """One container in one sentence."""
    said = msg("{what}: {said}", what=f"{say(part.kind, lang)} {part.name}", said=_health(part))
    return say(msg("{said} ({more})", said=said, more=join_words(part.facts)) if part.facts else said, lang)


def _health(thing: Node | Part) -> Wording:
    word, cause = thing.health.word, thing.health.cause
    return msg("{what}: {said}", what=word, said=cause) if cause is not None else word


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
    word = node.health.word
    if node.kind == "Service" and isinstance(word, Message) and is_one_of(word, _READY):
        return say(msg("{service} → {ready} of {wanted} Pods ready", service=name, **word.values), lang)
    if node.kind == "Service" and word == _NOBODY:
        return say(msg("{service} → no endpoints", service=name), lang)
    said: Wording = msg("{what}: {said}", what=name, said=_health(node)) if word or node.health.cause else name
    if edge is not None and edge.cause is not None and edge.cause not in (node.health.cause, word):
        said = msg("{said} ({more})", said=said, more=edge.cause)
    return say(said, lang)


# ---- What just changed, a line each: what the live picture's log says


def describe_changes(changes: Difference, lang: str = "") -> list[str]:
    """Sentences about cards that came, went, or are in another state; cards of what is not there make no news.

    The cause comes after its consequences, as the last line is the one that is read: first what counts pods, then the
    pods, then what came and went.
    """
    changed = sorted(changes.changed, key=lambda pair: pair[1].kind == "Pod")
    lines = [line for before, after in changed for line in _changed(before, after, lang)]
    lines += [say(msg("{name} created", name=name_of(node, lang)), lang) for node in changes.added if _real(node)]
    lines += [say(msg("{name} deleted", name=name_of(node, lang)), lang) for node in changes.removed if _real(node)]
    return lines


def _real(node: Node) -> bool:
    return node.health.state is not State.ABSENT and node.count == 1


def _changed(before: Node, after: Node, lang: str) -> list[str]:
    name = name_of(after, lang)
    was, now = say(before.health.word, lang), say(after.health.word, lang)
    if was != now and after.count == 1:
        return [say(msg("{name}: {before} → {after}", name=name, before=was, after=now), lang)]
    parts = {part.id: part for part in before.parts}
    return [
        say(
            msg(
                "{name}: {before} → {after}",
                name=say(join_words([name, part.name]), lang),
                before=say(parts[part.id].health.word, lang),
                after=word,
            ),
            lang,
        )
        for part in after.parts
        if part.id in parts and (word := say(part.health.word, lang)) != say(parts[part.id].health.word, lang)
    ]
