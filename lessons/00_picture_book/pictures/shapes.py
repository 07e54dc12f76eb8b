"""SVG elements as text: a few words to draw with, and numbers written the same way every time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

__all__ = ["circle", "element", "ellipse", "group", "number", "path", "polygon", "rect", "scatter", "stroke", "text"]

Attribute = str | float | int


def number(value: float) -> str:
    """A coordinate with at most two decimals, without an empty fraction."""
    return f"{round(value, 2) + 0:.2f}".rstrip("0").rstrip(".")


def element(tag: str, *inner: str, **attributes: Attribute) -> str:
    """One element. `fill="--sea1"` becomes `fill="var(--sea1)"`; `class_` and `stroke_width` lose their underscores."""
    pairs = "".join(f" {_name(name)}={quoteattr(_value(value))}" for name, value in attributes.items())
    content = "".join(inner)
    return f"<{tag}{pairs}>{content}</{tag}>" if content else f"<{tag}{pairs}/>"


def text(tag: str, words: str, **attributes: Attribute) -> str:
    """An element that holds words."""
    return element(tag, escape(words), **attributes)


def _name(name: str) -> str:
    return name.rstrip("_") if name.endswith("_") else re.sub("_", "-", name)


def _value(value: Attribute) -> str:
    if not isinstance(value, str):
        return number(value)
    return f"var({value})" if value.startswith("--") else value


def rect(x: float, y: float, width: float, height: float, **attributes: Attribute) -> str:
    """A rectangle from its upper left corner."""
    return element("rect", x=x, y=y, width=width, height=height, **attributes)


def circle(x: float, y: float, radius: float, **attributes: Attribute) -> str:
    """A circle round its centre."""
    return element("circle", cx=x, cy=y, r=radius, **attributes)


def ellipse(x: float, y: float, across: float, down: float, **attributes: Attribute) -> str:
    """An ellipse round its centre, with its two radii."""
    return element("ellipse", cx=x, cy=y, rx=across, ry=down, **attributes)


def path(d: str, **attributes: Attribute) -> str:
    """A filled path."""
    return element("path", d=d, **attributes)


def polygon(*points: tuple[float, float], **attributes: Attribute) -> str:
    """A filled polygon through the points."""
    return path("M" + "L".join(f"{number(x)} {number(y)}" for x, y in points) + "z", **attributes)


def stroke(d: str, colour: str, width: float = 2.4, **attributes: Attribute) -> str:
    """A line with round ends."""
    ends: dict[str, Attribute] = {"stroke_linecap": "round", "stroke_linejoin": "round"}
    return path(d, fill="none", stroke=colour, stroke_width=width, **ends, **attributes)


def group(
    *parts: str,
    at: tuple[float, float] = (0, 0),
    scale: float = 1,
    turn: float = 0,
    flip: bool = False,
    **attributes: Attribute,
) -> str:
    """Parts drawn as one: moved, turned (degrees), scaled, mirrored left to right."""
    moves = []
    if at != (0, 0):
        moves.append(f"translate({number(at[0])} {number(at[1])})")
    if turn:
        moves.append(f"rotate({number(turn)})")
    if scale != 1 or flip:
        moves.append(f"scale({number(-scale if flip else scale)} {number(scale)})")
    if moves:
        attributes = {"transform": " ".join(moves), **attributes}
    return element("g", *parts, **attributes)


def scatter(count: int, seed: int) -> Iterator[tuple[float, float, float]]:
    """Points that look thrown, and are the same every time: three numbers from 0 to 1 each (golden-ratio sequence)."""
    for index in range(1, count + 1):
        turns = index + seed * 17
        yield (turns * 0.8191725134) % 1, (turns * 0.6710436067) % 1, (turns * 0.5497004779) % 1
