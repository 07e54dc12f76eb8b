"""Making big graphs small: cards that are alike become one, and open again; no column is taller than two screens.

Pods of one owner fold as soon as they are many: those that are well, and those with the same trouble. Other cards keep
to themselves as long as their column has room.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from k8s_tutor.graph.model import Edge, EdgeState, Graph, Health, Load, Node, State
from k8s_tutor.language import Message, Wording, msg

__all__ = ["ABOVE", "OPENED", "ROOM", "Span", "columns_of", "folded", "spread", "vacant"]

ABOVE = 5
"""Pods of one owner up to which each keeps its own card."""
ROOM = 14
"""Cards that a column holds; where there are more, those that are most alike become one."""
OPENED = 5
"""Cards that come out of a folded one when it is opened; they are alike, so that more would tell no more."""

_FEW = 2  # with the same trouble: each keeps its card, and its name
_CALM = (State.GOOD, State.DONE)
_QUIET = (*_CALM, State.PLAIN)
_WORST = (
    State.FAILING, State.UNREADY, State.ABSENT, State.WAITING, State.LEAVING, State.PLAIN, State.GOOD, State.DONE,
)  # fmt: skip


def folded(graph: Graph, above: int = ABOVE, opened: str = "") -> Graph:
    """The graph with cards that are alike as one card `stack:…`, where they are many.

    Args:
        graph: Any graph. The card that was asked for, and one that shows what is inside, stay as they are.
        above: Pods of one owner up to which each keeps its own card.
        opened: The id of a folded card to be opened: the first of its cards are there again, the rest stay folded.
    """
    into = _by_family(graph, above)
    for level in _LEVELS:
        crowded = _crowded(graph, into)
        if not crowded:
            break
        into = _by_level(graph, into, crowded, level)
    if not into:
        return graph
    return _joined(graph, _without(into, opened), opened)


def _by_family(graph: Graph, above: int) -> dict[str, str]:
    """Of owners with many Pods: those that are well into one card, and those with the same trouble into one each."""
    into: dict[str, str] = {}
    for owner, pods in _families(graph).items():
        if len(pods) <= above:
            continue
        alike: dict[str, list[Node]] = {}
        for pod in pods:
            if not pod.parts and not _asked(pod, graph):
                alike.setdefault(_stack_of(pod), []).append(pod)
        for key, group in alike.items():
            if len(group) > (1 if key == f"stack:{owner}" else _FEW):
                into |= {pod.id: key for pod in group}
    return into


def _families(graph: Graph) -> dict[str, list[Node]]:
    families: dict[str, list[Node]] = {}
    for node in graph.nodes:
        if node.kind == "Pod" and node.owner:
            families.setdefault(node.owner, []).append(node)
    return families


def _stack_of(pod: Node) -> str:
    return f"stack:{pod.owner}" if pod.health.state in _CALM else f"stack:{pod.owner}/{_key(*_trouble(pod))}"


def _asked(node: Node, graph: Graph) -> bool:
    kind, _, name = graph.focus.partition("/")
    return bool(name) and node.name == name and node.kind.lower().startswith(kind.lower()[:3])


# ---- What makes cards of one column alike, from very much to hardly: the next is asked while a column is too full


def _trouble(node: Node) -> tuple[object, ...]:
    return (node.health.state, *map(_plain, (node.health.word, node.health.cause or "", node.title or "")))


def _plain(words: Wording) -> object:
    """A sentence as what tells it from others; its own hash and words would depend on the reader."""
    return (words.template, sorted(words.values.items(), key=str)) if isinstance(words, Message) else words


def _well_of_one_owner(node: Node) -> tuple[object, ...] | None:
    return (node.kind, node.owner) if node.health.state in _QUIET else None


def _alike_of_one_owner(node: Node) -> tuple[object, ...] | None:
    return (node.kind, node.owner, *_trouble(node)) if node.owner else None


def _well(node: Node) -> tuple[object, ...] | None:
    return (node.kind,) if node.health.state in _QUIET else None


def _alike(node: Node) -> tuple[object, ...] | None:
    return _well(node) or (node.kind, *_trouble(node))


def _of_one_state(node: Node) -> tuple[object, ...] | None:
    return _well(node) or (node.kind, node.health.state)


def _of_one_kind(node: Node) -> tuple[object, ...] | None:
    return (node.kind,)


_LEVELS: Sequence[Callable[[Node], tuple[object, ...] | None]] = (
    _well_of_one_owner, _alike_of_one_owner, _well, _alike, _of_one_state, _of_one_kind,
)  # fmt: skip


def _crowded(graph: Graph, into: Mapping[str, str]) -> set[int]:
    """Columns with more cards than they hold."""
    columns = columns_of(graph, {})
    cards: dict[int, set[str]] = {}
    for node in graph.nodes:
        cards.setdefault(columns[node.id], set()).add(into.get(node.id, node.id))
    return {column for column, ids in cards.items() if len(ids) > ROOM}


def _by_level(
    graph: Graph, into: Mapping[str, str], crowded: set[int], level: Callable[[Node], tuple[object, ...] | None]
) -> dict[str, str]:
    """The same, and in crowded columns what is alike by this level into one card each."""
    columns = columns_of(graph, {})
    groups: dict[str, list[str]] = {}
    for node in graph.nodes:
        alike = level(node)
        if alike is not None and columns[node.id] in crowded and not node.parts and not _asked(node, graph):
            groups.setdefault(f"stack:{columns[node.id]}/{_key(level.__name__, *alike)}", []).append(node.id)
    merged = dict(into)
    for key, ids in groups.items():
        cards = {into.get(one, one) for one in ids}
        if len(cards) > 1:
            merged |= dict.fromkeys(ids, key)
    return merged


def _key(*parts: object) -> str:
    return f"{crc32(repr(parts).encode('utf-8', 'replace')):08x}"


# ---- One card for several


def _without(into: Mapping[str, str], opened: str) -> dict[str, str]:
    """The same without the first few of an opened card; what is left of it is never a single one."""
    members = [one for one, stack in into.items() if stack == opened]
    shown = set(members[:OPENED] if len(members) > OPENED + 1 else members)
    return {one: stack for one, stack in into.items() if one not in shown}


def _joined(graph: Graph, into: Mapping[str, str], opened: str) -> Graph:
    members: dict[str, list[Node]] = {}
    for node in graph.nodes:
        if node.id in into:
            members.setdefault(into[node.id], []).append(node)
    nodes: dict[str, Node] = {}
    for node in graph.nodes:
        stack = into.get(node.id)
        if stack is None:
            nodes[node.id] = node
        elif stack not in nodes:
            nodes[stack] = _stack(stack, members[stack], rest=stack == opened)
    return replace(graph, nodes=tuple(nodes.values()), edges=_rewired(graph.edges, into, nodes))


def _stack(key: str, cards: Sequence[Node], *, rest: bool) -> Node:
    """One card: their state where they share it, else that of the worst."""
    first, count = cards[0], len(cards)
    same_owner = first.owner if len({card.owner for card in cards}) == 1 else ""
    return Node(
        key, first.kind, "", _health_of_all(cards), title=_title(first.kind, count, rest=rest), facts=_facts(cards),
        count=count, namespace=first.namespace, owner=same_owner, load=_sum([card.load for card in cards]),
    )  # fmt: skip


def _title(kind: str, count: int, *, rest: bool) -> Message:
    if kind == "Pod":
        return msg("{count} more Pods", count=count) if rest else msg("{count} Pods", count=count)
    return (
        msg("{count} more × {kind}", count=count, kind=kind)
        if rest
        else msg("{count} × {kind}", count=count, kind=kind)
    )


def _health_of_all(cards: Sequence[Node]) -> Health:
    good = sum(card.health.state is State.GOOD for card in cards)
    states = {card.health.state for card in cards}
    if cards[0].kind == "Pod" and states <= set(_CALM):
        word = msg("{count} ready", count=good) if good else msg("{count} done", count=len(cards))
        return Health(State.GOOD if good else State.DONE, word)
    worst = min(cards, key=lambda card: _WORST.index(card.health.state)).health
    if all(card.health == worst for card in cards):
        return worst
    if all((card.health.state, card.health.word) == (worst.state, worst.word) for card in cards):
        return Health(worst.state, worst.word)
    return Health(worst.state, msg("not all alike"))


def _facts(cards: Sequence[Node]) -> tuple[Wording, ...]:
    """That they are well; of those in trouble one by name, which is what the next command needs."""
    if all(card.health.state in _CALM for card in cards):
        return (msg("all well, shown as one"),)
    name = next((card.name for card in cards if card.name), "")
    return (msg("one of them: {name}", name=name),) if name else ()


def _sum(loads: Sequence[Load | None]) -> Load | None:
    known = [load for load in loads if load is not None]
    count = sum(load.count for load in known)
    return Load(count, max(count, *(load.most for load in known))) if known else None


def _rewired(edges: Sequence[Edge], into: Mapping[str, str], nodes: Mapping[str, Node]) -> tuple[Edge, ...]:
    single: list[Edge] = []
    bundles: dict[str, list[Edge]] = {}
    for edge in edges:
        moved = replace(edge, source=into.get(edge.source, edge.source), target=into.get(edge.target, edge.target))
        if moved == edge:
            single.append(edge)
        elif moved.source != moved.target:
            bundles.setdefault(moved.id, []).append(moved)
    return (*single, *(_bundle(bundle, nodes) for bundle in bundles.values()))


def _bundle(edges: Sequence[Edge], nodes: Mapping[str, Node]) -> Edge:
    """One line for several; it says what all of them say, and else that not all of them work."""
    first = edges[0]
    same = all(edge.state is first.state for edge in edges)
    cause = first.cause if same and all(edge.cause == first.cause for edge in edges) else None
    every = len(edges) in (nodes[first.source].count, nodes[first.target].count)
    label = None if every else msg("× {count}", count=len(edges))
    state = first.state if same else EdgeState.WAITING
    return replace(first, state=state, cause=cause, label=label, load=_sum([edge.load for edge in edges]))


# ---- Which column a card stands in: by its kind, and always left of what it owns, routes to or runs on

_BY_KIND: Mapping[str, int] = {
    "LoadBalancer": -2,
    "NodePort": -2,
    "Ingress": -2,
    "Client": -2,
    "Service": -1,
    "EndpointSlice": -1,
    "CronJob": -2,
    "Deployment": -2,
    "ReplicaSet": -1,
    "StatefulSet": -1,
    "DaemonSet": -1,
    "Job": -1,
    "ReplicationController": -1,
    "Pod": 0,
    "Address": 0,
    "Node": 1,
    "ConfigMap": 1,
    "Secret": 1,
    "PersistentVolumeClaim": 1,
    "PersistentVolume": 2,
}
_OTHERS = -1  # a custom resource: next to pods until it turns out to own something that owns them


def columns_of(graph: Graph, before: Mapping[str, int]) -> dict[str, int]:
    """The column of every node.

    Args:
        graph: The graph.
        before: Columns in the picture on show; they are kept as long as every line still runs from left to right.
    """
    columns = {node.id: before.get(node.id, _BY_KIND.get(node.kind, _OTHERS)) for node in graph.nodes}
    for _round in graph.nodes:  # as many rounds as the longest chain at most; a circle of owners ends with them
        moved = False
        for edge in graph.edges:
            limit = columns[edge.target] - 1
            if columns[edge.source] > limit:
                columns[edge.source], moved = limit, True
        if not moved:
            break
    return columns


# ---- Placing spans on a line without overlap: all at once near their wishes, or one by one into what is free


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a column: its top and its height."""

    top: int
    height: int


@dataclass(slots=True)
class _Block:
    """Spans that touch: how many they are, the sum of their wishes for the block's top, and their height with gaps."""

    count: int
    wishes: int
    height: int

    @property
    def top(self) -> int:
        return self.wishes // self.count


def spread(items: Sequence[tuple[int | None, int]], gap: int) -> list[int]:
    """Tops for (wished top, height) in the given order: none overlap, together as near to their wishes as can be.

    Pool adjacent violators: spans that would overlap become one block at the mean of their wishes. A span without a
    wish stands below the one before it.
    """
    blocks: list[_Block] = []
    end = 0
    for wish, height in items:
        below = end + gap if blocks else 0
        blocks.append(_Block(1, below if wish is None else wish, height))
        while len(blocks) > 1 and blocks[-2].top + blocks[-2].height + gap > blocks[-1].top:
            last = blocks.pop()
            first = blocks[-1]
            first.wishes += last.wishes - last.count * (first.height + gap)
            first.height += gap + last.height
            first.count += last.count
        end = blocks[-1].top + blocks[-1].height
    tops: list[int] = []
    for block in blocks:
        top = block.top
        for _wish, height in items[len(tops) : len(tops) + block.count]:
            tops.append(top)
            top += height + gap
    return tops


def vacant(taken: Sequence[Span], height: int, wish: int | None, gap: int, floor: int | None = None) -> int:
    """The top of a free stretch for a span of this height.

    Args:
        taken: What is occupied, not empty.
        height: What is needed.
        wish: The nearest free stretch to this top is chosen; without a wish the uppermost hole, else below everything.
        gap: To be kept between any two.
        floor: Nothing stands above this: what grows upward moves all the rest of a picture down.
    """
    spans = sorted(taken, key=lambda span: span.top)
    candidates = [span.top + span.height + gap for span in spans]
    candidates += [span.top - gap - height for span in spans[0 if wish is not None else 1 :]]
    if wish is not None:
        candidates.append(wish)
    if floor is not None:
        candidates = [top for top in candidates if top >= floor]
    fits = [top for top in candidates if all(_apart(top, height, span, gap) for span in spans)]
    aim = spans[0].top if wish is None else wish
    return min(fits, key=lambda top: (abs(top - aim), top))


def _apart(top: int, height: int, span: Span, gap: int) -> bool:
    return top + height + gap <= span.top or span.top + span.height + gap <= top
