"""How large cards are and how far apart: whole units (CSS pixels at 1:1) that layout and renderer share."""

from __future__ import annotations

from k8s_tutor.graph.model import Node

__all__ = [
    "ANCHOR",
    "BESIDE",
    "GAP_X",
    "GAP_Y",
    "HEAD",
    "HEIGHT",
    "INSIDE_X",
    "PART",
    "PART_GAP",
    "WIDE",
    "height_of",
    "width_of",
]

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
