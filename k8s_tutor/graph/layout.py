"""Where cards stand: one column (lane) a kind, in the order of a request; pods at x = 0, others left or right of them.

A card keeps its place from the previous layout until its object is gone: nothing jumps. Without a previous layout each
card stands at the height of what it points at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from k8s_tutor.graph.fold import Span, columns_of, spread, vacant
from k8s_tutor.graph.model import Graph, Node, State

__all__ = [
    "ANCHOR",
    "BAR",
    "BESIDE",
    "BOX_FACT",
    "BOX_HEAD",
    "BOX_WIDE",
    "CARD",
    "GAP_X",
    "GAP_Y",
    "HEAD",
    "HEIGHT",
    "INSIDE_X",
    "LINE",
    "MARGIN",
    "METER",
    "PAD",
    "PART",
    "PART_GAP",
    "PENDING_HEAD",
    "WIDE",
    "Lane",
    "Layout",
    "Position",
    "arrange",
    "height_of",
    "is_compact",
    "layout",
    "width_of",
]


# ---- How large cards are and how far apart: whole units (CSS pixels at 1:1) that layout and renderer share

WIDTH = 216
"""Width of a card in most columns."""
PODS = 264
"""Width of cards in the column of pods: their names are long."""
WIDE = 368
"""Width of a card that shows what is inside."""
HEIGHT = 80
"""Height of a card with kind, name and one fact."""
ANCHOR = 40
"""How far below a card's top its lines begin and end."""
GAP_X = 76
"""Between two columns: room for lines."""
GAP_Y = 16
"""Between two cards of a column."""
MARGIN = 28
"""Around all lanes: what a picture is wider than they are, at the left and at the right."""
LINE = 18
"""What a narrow card is taller for its second line of facts."""
HEAD = 62
"""Height of a large card's kind and name; its facts follow."""
FACT = 20
"""Height of one line of facts in a large card."""
PART = 68
"""Height of a container's card."""
PART_GAP = 8
"""Between two containers."""
INSIDE_X = 14
"""Left and right of what is inside a card."""
BESIDE = 12
"""Between a lane's border and its cards."""


def height_of(node: Node) -> int:
    """A card's height; it depends on how much is inside, never on state, so that a change of state moves nothing."""
    if not node.parts:
        return HEIGHT
    return HEAD + len(node.facts) * FACT + len(node.parts) * (PART + PART_GAP) + PART_GAP


def width_of(node: Node, column: int) -> int:
    """A card's width."""
    if node.parts:
        return WIDE
    return PODS if column == 0 else WIDTH


# ---- Where cards stand: one column (lane) a kind, in the order of a request; pods at x = 0, others left or right of
# them


@dataclass(frozen=True, slots=True)
class Position:
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

    places: Mapping[str, Position]
    lanes: tuple[Lane, ...]

    @property
    def top(self) -> int:
        """The upper edge of the uppermost card."""
        return min((place.y for place in self.places.values()), default=0)

    @property
    def bottom(self) -> int:
        """The lower edge of the lowest card."""
        return max((place.y + place.height for place in self.places.values()), default=0)


def layout(graph: Graph, previous: Layout | None = None, room: int = 0) -> Layout:
    """Places every card of a graph.

    Args:
        graph: What to place.
        previous: The layout of the picture on show, if any: cards that were there stay where they are.
        room: The width there is, 0 for any: where it is little, columns move together and cards become narrower.

    Returns:
        The layout: no two cards overlap; taking a node out of a graph moves no other.
    """
    before = dict(previous.places) if previous else {}
    columns = columns_of(graph, {key: place.column for key, place in before.items()})
    fit = _fit(graph, columns, room)
    order = sorted(sorted(set(columns.values())), key=abs)  # pods first, then outward
    places: dict[str, Position] = {}
    for column in order:
        nodes = _in_order([node for node in graph.nodes if columns[node.id] == column], graph)
        kept = {node.id: before[node.id] for node in nodes if _stays(node, column, before, fit)}
        places |= kept
        fresh = [node for node in nodes if node.id not in kept]
        floor = previous.top if previous and kept else None
        tops = _tops(fresh, graph, places, kept.values(), floor, fit)
        for node in fresh:
            places[node.id] = Position(0, tops[node.id], fit.width(node, column), fit.height(node), column)
    return _assembled(graph, places, previous, fit)


@dataclass(frozen=True, slots=True)
class _Fit:
    """How wide columns are where there is little room, and how far apart."""

    widths: Mapping[int, int]
    gap: int = GAP_X

    def width(self, node: Node, column: int) -> int:
        return min(width_of(node, column), self.widths.get(column, WIDE))

    def height(self, node: Node) -> int:
        return height_of(node) + (LINE if self.widths and not node.parts else 0)


def _fit(graph: Graph, columns: Mapping[str, int], room: int) -> _Fit:
    """As wide as ever, where there is room; else each column gets its share, and cards a second line."""
    wanted: dict[int, int] = {}
    least: dict[int, int] = {}
    for node in graph.nodes:
        column = columns[node.id]
        wanted[column] = max(wanted.get(column, 0), width_of(node, column))
        least[column] = max(least.get(column, 0), _LEAST_WIDE if node.parts else _LEAST)
    span = max(wanted, default=0) - min(wanted, default=0)  # columns between may be empty, and take room
    free = room - 2 * MARGIN
    if not room or sum(wanted.values()) + GAP_X * span + WIDTH * (span + 1 - len(wanted)) <= free:
        return _Fit({})
    share = (free - _GAP_LEAST * (len(wanted) - 1)) / sum(wanted.values())
    return _Fit(
        {column: max(least[column], min(wide, int(wide * share))) for column, wide in wanted.items()}, _GAP_LEAST
    )


def _stays(node: Node, column: int, before: Mapping[str, Position], fit: _Fit) -> bool:
    old = before.get(node.id)
    size = (fit.width(node, column), fit.height(node))
    return old is not None and old.column == column and (old.width, old.height) == size


def _tops(
    fresh: Sequence[Node],
    graph: Graph,
    places: Mapping[str, Position],
    kept: Iterable[Position],
    floor: int | None,
    fit: _Fit,
) -> dict[str, int]:
    wishes = {node.id: _wish(node, graph, places) for node in fresh}
    heights = {node.id: fit.height(node) for node in fresh}
    taken = [Span(place.y, place.height) for place in kept]
    if not taken:
        order = sorted((node.id for node in fresh), key=lambda key: _key(wishes[key]))
        return dict(zip(order, spread([(wishes[key], heights[key]) for key in order], GAP_Y), strict=True))
    tops = {}
    for node in fresh:
        top = vacant(taken, heights[node.id], wishes[node.id], GAP_Y, floor)
        taken.append(Span(top, heights[node.id]))
        tops[node.id] = top
    return tops


def _key(wish: int | None) -> tuple[bool, int]:
    return wish is None, wish or 0


def _wish(node: Node, graph: Graph, places: Mapping[str, Position]) -> int | None:
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


def _assembled(graph: Graph, places: Mapping[str, Position], previous: Layout | None, fit: _Fit) -> Layout:
    before = previous.lanes if previous and not fit.widths else ()
    widths: dict[int, int] = {lane.column: lane.width for lane in before}
    kinds: dict[int, dict[str, None]] = {}
    for node in graph.nodes:
        place = places[node.id]
        widths[place.column] = max(widths.get(place.column, 0), place.width)
        kinds.setdefault(place.column, {})[node.kind] = None
    xs = _lefts(kinds, widths, fit)
    placed = {}
    for node in graph.nodes:
        old = places[node.id]
        placed[node.id] = Position(xs[old.column], old.y, old.width, old.height, old.column)
    lanes = tuple(Lane(column, xs[column], widths[column], tuple(kinds[column])) for column in sorted(kinds))
    return Layout(placed, lanes)


def _lefts(used: Iterable[int], widths: Mapping[int, int], fit: _Fit) -> dict[int, int]:
    """The left edge of each column, counted from the pods' at 0, so that a column more moves none of the others."""
    columns = sorted(used)
    if fit.widths:  # nothing is left free for columns that are not there
        starts = accumulate((widths[column] + fit.gap for column in columns), initial=0)
        return dict(zip(columns, starts, strict=False))
    xs = {}
    x = 0
    for column in range(-1, min(columns, default=0) - 1, -1):
        x -= GAP_X + widths.get(column, WIDTH)
        xs[column] = x
    x = 0
    for column in range(max(columns, default=0) + 1):
        xs[column] = x
        x += widths.get(column, PODS if column == 0 else WIDTH) + GAP_X
    return xs


# ---- Where cards stand in a picture of placement: Pods inside the box of their node, those on no node below

BOX_WIDE = 324
"""Width of a box, and of a card of a Pod that is on no node."""
PAD = 14
"""Left and right of what is inside a box."""
BOX_HEAD = 58
"""Height of a box's kind and name."""
METER = 38
"""Height of a bar with its words."""
BAR = 10
"""Height of the bar alone."""
BOX_FACT = 18
"""Height of a line of facts."""
CARD = 50
"""Height of a Pod's card; of one without a node, before its reasons."""
PENDING_HEAD = 40
"""Height of the head over the Pods on no node."""
_GAP = 16  # between boxes
_NEAR = 8  # between the cards in one
_COLUMNS = 3
_BOX_LEAST = 244  # width of a box where there is little room
_GAP_LEAST, _LEAST, _LEAST_WIDE = 36, 132, 240  # where there is little room: between columns, of cards, of large cards


def arrange(graph: Graph, previous: Layout | None = None, room: int = 0) -> Layout:
    """The layout that fits the graph's lens.

    Args:
        graph: What to place.
        previous: The layout of the picture on show, if any.
        room: The width there is, 0 for any.
    """
    return _boxes(graph, room) if graph.lens == "placement" else layout(graph, previous, room)


def is_compact(graph: Graph, previous: Layout) -> bool:
    """Whether the picture has no holes when cards keep their places: it is no taller than a fresh one."""
    kept, fresh = arrange(graph, previous), arrange(graph)
    return kept.bottom - kept.top <= fresh.bottom - fresh.top


def _boxes(graph: Graph, room: int) -> Layout:
    """Boxes three abreast, fewer where there is little room, each as tall as its row's tallest; then who waits."""
    free = room - 2 * MARGIN if room else _COLUMNS * (BOX_WIDE + _GAP)
    across = max(1, min(_COLUMNS, (free + _GAP) // (_BOX_LEAST + _GAP)))
    wide = max(_BOX_LEAST, min(BOX_WIDE, (free + _GAP) // across - _GAP))
    machines = [node for node in graph.nodes if node.kind == "Node"]
    placed = {edge.source for edge in graph.edges}
    waiting = [node for node in graph.nodes if node.kind == "Pod" and node.id not in placed]
    places: dict[str, Position] = {}
    top = 0
    for row in _rows(machines, across):
        tall = max(_height(machine, graph) for machine in row)
        for column, machine in enumerate(row):
            x = column * (wide + _GAP)
            places[machine.id] = Position(x, top, wide, tall, column)
            places |= dict(_cards(machine, graph, places[machine.id]))
        top += tall + _GAP
    top += PENDING_HEAD - _GAP if waiting and machines else 0
    for cards in _rows(waiting, across):
        tall = max(CARD + BOX_FACT * (len(card.facts) - 1) for card in cards)
        for column, card in enumerate(cards):
            places[card.id] = Position(column * (wide + _GAP), top, wide, tall, column)
        top += tall + _NEAR
    columns = min(max(len(machines), len(waiting), 1), across)
    return Layout(places, (Lane(0, 0, columns * (wide + _GAP) - _GAP, ("Node",)),) if places else ())


def _rows(cards: Sequence[Node], across: int) -> Iterator[Sequence[Node]]:
    return (cards[at : at + across] for at in range(0, len(cards), across))


def _above(machine: Node) -> int:
    """What stands above the cards; the cause of trouble is a line, too."""
    return BOX_HEAD + METER * len(machine.meters) + BOX_FACT * (len(machine.facts) + (machine.health.cause is not None))


def _height(machine: Node, graph: Graph) -> int:
    return _above(machine) + len(_inside(machine, graph)) * (CARD + _NEAR) + PAD + _NEAR // 2


def _inside(machine: Node, graph: Graph) -> Sequence[str]:
    return [edge.source for edge in graph.incoming[machine.id]]


def _cards(machine: Node, graph: Graph, box: Position) -> Iterator[tuple[str, Position]]:
    for index, card in enumerate(_inside(machine, graph)):
        y = box.y + _above(machine) + index * (CARD + _NEAR) + _NEAR // 2
        yield card, Position(box.x + PAD, y, box.width - 2 * PAD, CARD, 0)
