"""The marks of states: ten units wide, drawn around (0, 0), each a shape of its own so that grey suffices."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["MARKS", "mark"]

_RING = 'fill="none" stroke="currentColor" stroke-width="1.5"'
_STROKE = 'fill="none" stroke="currentColor" stroke-linecap="round"'

MARKS: Mapping[str, str] = {
    "disc": '<circle r="5" fill="currentColor"/>',
    "half-disc": f'<circle r="4.5" {_RING}/><path d="M0-4.5a4.5 4.5 0 0 1 0 9z" fill="currentColor"/>',
    "dashed-ring": f'<circle r="4.5" {_RING} stroke-dasharray="2 2"/>',
    "cross": f'<path d="M-4-4 4 4M4-4-4 4" {_STROKE} stroke-width="2.5"/>',
    "tick": f'<path d="M-4.5 0-1.5 3.5 4.5-3.5" {_STROKE} stroke-width="2"/>',
    "minus": f'<circle r="4.5" {_RING}/><path d="M-2.5 0h5" stroke="currentColor" stroke-width="1.5"/>',
    "slash": f'<circle r="4.5" {_RING}/><path d="M-4.5 4.5l9-9" stroke="currentColor" stroke-width="1.5"/>',
    "none": "",
}
"""Shape name (`Look.shape`) to SVG."""


def mark(shape: str, x: int, y: int) -> str:
    """A mark with its middle at (x, y), in the colour of its surroundings' `color`."""
    return f'<g class="mark" transform="translate({x},{y})">{MARKS[shape]}</g>' if MARKS[shape] else ""
