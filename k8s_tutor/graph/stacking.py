"""Placing spans on a line without overlap: all at once near their wishes, or one by one into what is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Span", "spread", "vacant"]


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


def vacant(taken: Sequence[Span], height: int, wish: int | None, gap: int) -> int:
    """The top of a free stretch for a span of this height.

    Args:
        taken: What is occupied, not empty.
        height: What is needed.
        wish: The nearest free stretch to this top is chosen; without a wish the uppermost hole, else below everything.
        gap: To be kept between any two.
    """
    spans = sorted(taken, key=lambda span: span.top)
    candidates = [span.top + span.height + gap for span in spans]
    candidates += [span.top - gap - height for span in spans[0 if wish is not None else 1 :]]
    if wish is not None:
        candidates.append(wish)
    fits = [top for top in candidates if all(_apart(top, height, span, gap) for span in spans)]
    aim = spans[0].top if wish is None else wish
    return min(fits, key=lambda top: (abs(top - aim), top))


def _apart(top: int, height: int, span: Span, gap: int) -> bool:
    return top + height + gap <= span.top or span.top + span.height + gap <= top
