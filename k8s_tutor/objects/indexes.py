"""Completion indexes of Jobs as their status and their policies write them: `0,2-4,7`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["IndexesError", "checked", "compact", "expand"]


class IndexesError(ValueError):
    """Indexes that cannot be read; the text says why in Kubernetes' words."""


def compact(indexes: Iterable[int]) -> str:
    """Indexes in as few words as possible.

    >>> compact([4, 0, 2, 3, 6, 7])
    '0,2-4,6,7'
    """
    runs: list[list[int]] = []
    for index in sorted(dict.fromkeys(indexes)):
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    words = [f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs]
    return ",".join(words)


def expand(text: str, limit: int) -> list[int]:
    """The indexes below `limit`, in order; what cannot be read is left out, as the Job controller does.

    >>> expand("0,2-4,x,9", 4)
    [0, 2, 3]
    """
    found: list[int] = []
    for word in text.split(",") if text else ():
        first, *last = word.split("-")
        if first.isdecimal() and (not last or last[0].isdecimal()):
            found += range(int(first), min(int(last[0] if last else first), limit - 1) + 1)
    return found


def checked(text: str, limit: int) -> Sequence[int]:
    """The indexes, where all is as it should be: increasing, and below `limit`.

    Raises:
        IndexesError: it is not.
    """
    found: list[int] = []
    for word in text.split(",") if text else ():
        limits = word.split("-")
        if len(limits) > 2:
            words = "violates the requirement that an index interval can have at most two parts separated by '-'"
            raise IndexesError(f'the fragment "{word}" {words}')
        first, last = _index(limits[0], limit), _index(limits[-1], limit)
        if len(limits) > 1 and first >= last:
            raise IndexesError(f"non-increasing order, previous: {first}, current: {last}")
        if found and found[-1] >= first:
            raise IndexesError(f"non-increasing order, previous: {found[-1]}, current: {first}")
        found += range(first, last + 1)
    return found


def _index(text: str, limit: int) -> int:
    if not text.isdecimal():
        raise IndexesError(f'cannot convert string to integer for index: "{text}"')
    if int(text) >= limit:
        raise IndexesError(f'too large index: "{text}"')
    return int(text)
