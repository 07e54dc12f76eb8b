"""Lengths of time as kubectl prints them: `45s`, `3m20s`, `5h`, `12d`."""

from __future__ import annotations

from k8s_tutor.clock import from_rfc3339

__all__ = ["age", "human_duration"]

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 86400 * 365

# Up to (exclusive), unit, its letter, smaller unit, its letter: ever coarser the longer it lasts.
_STEPS: tuple[tuple[int, int, str, int, str], ...] = (
    (2 * _MINUTE, 1, "s", 0, ""),
    (10 * _MINUTE, _MINUTE, "m", 1, "s"),
    (3 * _HOUR, _MINUTE, "m", 0, ""),
    (8 * _HOUR, _HOUR, "h", _MINUTE, "m"),
    (2 * _DAY, _HOUR, "h", 0, ""),
    (8 * _DAY, _DAY, "d", _HOUR, "h"),
    (2 * _YEAR, _DAY, "d", 0, ""),
    (8 * _YEAR, _YEAR, "y", _DAY, "d"),
)


def human_duration(seconds: float) -> str:
    """A length of time for people, by the steps of kubectl (`duration.HumanDuration`).

    >>> [human_duration(n) for n in (119, 120, 200, 600, 30_000)]
    ['119s', '2m', '3m20s', '10m', '8h']
    """
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    whole = max(whole, 0)
    for limit, unit, letter, small, small_letter in _STEPS:
        if whole < limit:
            rest = whole % unit // small if small else 0
            return f"{whole // unit}{letter}{rest}{small_letter}" if rest else f"{whole // unit}{letter}"
    return f"{whole // _YEAR}y"


def age(timestamp: str | None, now: float) -> str:
    """How long ago an API timestamp was; `<unknown>` without one."""
    return human_duration(now - from_rfc3339(timestamp)) if timestamp else "<unknown>"
