"""Small signs on the map, one for each region, in lines."""

from __future__ import annotations

__all__ = ["EMBLEMS"]


def _castle(x: int, y: int) -> str:
    return f"M{x} {y}v-22h6v5h6v-5h6v5h6v-5h6v22zM{x + 12} {y}v-8a3 3 0 0 1 6 0v8M{x + 15} {y - 22}v-12l10 4l-10 4"


def _house(x: int, y: int, size: int = 14) -> str:
    return f"M{x} {y}v-{size * 0.6:g}l{size / 2:g} -{size * 0.5:g}l{size / 2:g} {size * 0.5:g}v{size * 0.6:g}z"


def _crate(x: int, y: int) -> str:
    return f"M{x} {y}h26v-12h-26zM{x + 6} {y}v-12M{x + 13} {y}v-12M{x + 20} {y}v-12"


def _lighthouse(x: int, y: int) -> str:
    return f"M{x} {y}l3 -24h8l3 24zM{x + 2} {y - 24}h10v-7h-10zM{x + 7} {y - 31}v-4M{x + 14} {y - 28}l12 -5M{x + 14} {y - 28}l12 3"


def _bridge(x: int, y: int) -> str:
    return f"M{x} {y}a12 10 0 0 1 24 0a12 10 0 0 1 24 0M{x - 4} {y - 12}h56M{x + 24} {y}v-12"


def _barrel(x: int, y: int) -> str:
    return f"M{x} {y}q-5 -10 0 -20h14q5 10 0 20zM{x - 2} {y - 6}h18M{x - 2} {y - 14}h18"


def _scroll(x: int, y: int) -> str:
    return f"M{x} {y}v-20h18v20zM{x + 4} {y - 14}h10M{x + 4} {y - 9}h10M{x + 4} {y - 4}h6"


def _mountain(x: int, y: int) -> str:
    return f"M{x} {y}l12 -20l7 11l5 -7l10 16M{x + 8} {y - 13}l4 3l4 -4"


def _anchor(x: int, y: int) -> str:
    return f"M{x} {y - 20}a3 3 0 1 1 .1 0M{x} {y - 20}v20M{x - 6} {y - 14}h12M{x - 9} {y - 6}q2 8 9 6q7 2 9 -6"


EMBLEMS = (
    _castle(496, 168),
    _house(420, 288), _house(438, 291, 11), _house(590, 289), _house(607, 292, 11), _house(452, 402), _house(572, 404),
    _house(588, 402, 11),
    _crate(126, 300), _crate(140, 286), _crate(156, 300),
    _mountain(148, 178), _mountain(166, 184), _mountain(278, 172),
    _lighthouse(816, 548),
    _bridge(836, 326),
    _barrel(560, 478), _barrel(642, 470),
    _scroll(366, 480), _scroll(486, 478),
    _anchor(172, 500),
    _mountain(718, 250),
)  # fmt: skip
"""Paths, where they stand."""
