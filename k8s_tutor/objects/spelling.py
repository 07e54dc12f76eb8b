"""Did you mean …: the nearest words by edit distance."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["begun", "distance", "nearest"]


def distance(one: str, other: str) -> int:
    """How many insertions, deletions, replacements or swaps of neighbours turn one word into the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        before, last, row = row, before, [i] + [0] * len(other)
        for j, right in enumerate(other, start=1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if last and j > 1 and left == other[j - 2] and one[i - 2] == right:
                row[j] = min(row[j], last[j - 2] + 1)
    return row[-1]


def nearest(word: str, candidates: Iterable[str]) -> str:
    """The candidate a person most likely meant, or `""` when none is near.

    Upper and lower case count little: `replicaset` is near `ReplicaSet`. Ties go to the earlier candidate.

    >>> nearest("contaners", ["containers", "volumes"])
    'containers'
    """
    best, best_distance = "", len(word) // 3 + 1.5
    for candidate in dict.fromkeys(candidates):
        far = distance(word.lower(), candidate.lower()) + (0 if word == candidate else 0.25)
        if far < best_distance:
            best, best_distance = candidate, far
    return best


def begun(word: str, candidates: Iterable[str]) -> str:
    """The first candidate that begins with the word (`initialDelay` of `initialDelaySeconds`), or `""`."""
    if len(word) < 4:
        return ""
    return next((candidate for candidate in candidates if candidate.lower().startswith(word.lower())), "")
