"""Where cards stand: one column (lane) a kind, in the order of a request; pods at x = 0, others left or right of them.

A card keeps its place from the previous layout until its object is gone: nothing jumps. Without a previous layout each
card stands at the height of what it points at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from k8s_tutor.graph import geometry
from k8s_tutor.graph.columns import columns_of
from k8s_tutor.graph.model import Graph, Node, State
from k8s_tutor.graph.stacking import Span, spread, vacant

__all__ = ["Lane", "Layout", "Place", "layout"]


@dataclass(frozen=True, slots=True)
class Place:
    """A card's rectangle and its column, in CSS pixels; y grows downward."""

    x: int
    y: int
    width: int
    height: int
    column: int


@dataclass(frozen=True, slots=True)
class Lane:
    """A column: its number (pods are 0), left edge, width, and the kinds in it in their order."""

    column: int
    x: int
    width: int
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """Places by node id, in the graph's order, and the lanes from left to right."""

    places: Mapping[str, Place]
    lanes: tuple[Lane, ...]

    @property
    def top(self) -> int:
        """The upper edge of the uppermost card."""
        return min((place.y for place in self.places.values()), default=0)

    @property
    def bottom(self) -> int:
        """The lower edge of the lowest card."""
        return max((place.y + place.height for place in self.places.values()), default=0)


def layout(graph: Graph, previous: Layout | None = None) -> Layout:
    """Places every card of a graph.

    Args:
        graph: What to place.
        previous: The layout of the picture on show, if any: cards that were there stay where they are.

    Returns:
        The layout: no two cards overlap; taking a node out of a graph moves no other.
    """
    before = dict(previous.places) if previous else {}
    columns = columns_of(graph, {key: place.column for key, place in before.items()})
    order = sorted(sorted(set(columns.values())), key=abs)  # pods first, then outward
    places: dict[str, Place] = {}
    for column in order:
        nodes = _in_order([node for node in graph.nodes if columns[node.id] == column], graph)
        kept = {node.id: before[node.id] for node in nodes if _stays(node, column, before)}
        places |= kept
        fresh = [node for node in nodes if node.id not in kept]
        tops = _tops(fresh, graph, places, kept.values())
        for node in fresh:
            width = geometry.width_of(node, column)
            places[node.id] = Place(0, tops[node.id], width, geometry.height_of(node), column)
    return _assembled(graph, places, previous)


def _stays(node: Node, column: int, before: Mapping[str, Place]) -> bool:
    old = before.get(node.id)
    return old is not None and old.column == column and old.height == geometry.height_of(node)


def _tops(fresh: Sequence[Node], graph: Graph, places: Mapping[str, Place], kept: Iterable[Place]) -> dict[str, int]:
    wishes = {node.id: _wish(node, graph, places) for node in fresh}
    heights = {node.id: geometry.height_of(node) for node in fresh}
    taken = [Span(place.y, place.height) for place in kept]
    if not taken:
        order = sorted((node.id for node in fresh), key=lambda key: _key(wishes[key]))
        return dict(zip(order, spread([(wishes[key], heights[key]) for key in order], geometry.GAP_Y), strict=True))
    tops = {}
    for node in fresh:
        top = vacant(taken, heights[node.id], wishes[node.id], geometry.GAP_Y)
        taken.append(Span(top, heights[node.id]))
        tops[node.id] = top
    return tops


def _key(wish: int | None) -> tuple[bool, int]:
    return wish is None, wish or 0


def _wish(node: Node, graph: Graph, places: Mapping[str, Place]) -> int | None:
    """The top at which a card's lines would run level: the middle of its neighbours that are placed already."""
    edges = (*graph.outgoing[node.id], *graph.incoming[node.id])
    ends = [edge.target if edge.source == node.id else edge.source for edge in edges]
    tops = [places[end].y for end in dict.fromkeys(ends) if end in places]
    return (min(tops) + max(tops)) // 2 if tops else None


def _in_order(nodes: Sequence[Node], graph: Graph) -> list[Node]:
    """What others lead to first, with the children of one owner together; then what stands alone; ghosts last."""
    family: dict[str, int] = {}
    keys: dict[str, tuple[bool, bool, int, int]] = {}
    for index, node in enumerate(nodes):
        incoming = graph.incoming[node.id]
        parent = next((edge.source for edge in incoming if edge.relation == "owner"), node.id)
        absent = node.health.state is State.ABSENT
        keys[node.id] = (absent, not incoming, family.setdefault(parent, index), index)
    return sorted(nodes, key=lambda node: keys[node.id])


def _assembled(graph: Graph, places: Mapping[str, Place], previous: Layout | None) -> Layout:
    widths: dict[int, int] = {lane.column: lane.width for lane in previous.lanes} if previous else {}
    kinds: dict[int, dict[str, None]] = {}
    for node in graph.nodes:
        place = places[node.id]
        widths[place.column] = max(widths.get(place.column, 0), place.width)
        kinds.setdefault(place.column, {})[node.kind] = None
    xs = _lefts(kinds, widths)
    placed = {}
    for node in graph.nodes:
        old = places[node.id]
        placed[node.id] = Place(xs[old.column], old.y, old.width, old.height, old.column)
    lanes = tuple(Lane(column, xs[column], widths[column], tuple(kinds[column])) for column in sorted(kinds))
    return Layout(placed, lanes)


def _lefts(used: Iterable[int], widths: Mapping[int, int]) -> dict[int, int]:
    """The left edge of each column, counted from the pods' at 0, so that a column more moves none of the others."""
    xs = {}
    columns = sorted(used)
    x = 0
    for column in range(-1, min(columns, default=0) - 1, -1):
        x -= geometry.GAP_X + widths.get(column, geometry.WIDTH)
        xs[column] = x
    x = 0
    for column in range(max(columns, default=0) + 1):
        xs[column] = x
        x += widths.get(column, geometry.PODS if column == 0 else geometry.WIDTH) + geometry.GAP_X
    return xs
