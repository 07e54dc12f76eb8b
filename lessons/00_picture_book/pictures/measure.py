"""How wide a line of the book is, without a browser.

The widths are those of DejaVu Serif, the widest of the faces the book asks for, as Chromium's `measureText` gives them;
Georgia and Noto Serif are narrower. East Asian characters and the punctuation that goes with them take one em.
"""

from __future__ import annotations

from itertools import pairwise

__all__ = ["broken", "width"]

# Thousandths of an em for the characters from space to tilde.
_LATIN = (
    318, 402, 460, 838, 636, 950, 890, 275, 390, 390, 500, 838, 318, 338, 318, 337, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 536, 1000, 722, 735, 765, 802, 730, 694, 799, 872, 395, 401, 747, 664, 1024,
    875, 820, 673, 820, 753, 685, 667, 843, 722, 1028, 712, 660, 695, 390, 337, 390, 838, 500, 500, 596, 640, 560, 640,
    592, 370, 640, 644, 320, 310, 606, 320, 948, 644, 602, 640, 640, 478, 513, 402, 644, 565, 856, 564, 565, 527, 636,
    337, 636, 838,
)  # fmt: skip
_OTHERS = {"·": 350, "–": 500}
_NEVER_FIRST = "，。：；、！？”）"
_NEVER_LAST = "“（"


def width(text: str, size: float) -> float:
    """An upper bound of a line's width at a font size, in the unit of the size."""
    units = sum(_LATIN[ord(c) - 32] if 32 <= ord(c) < 127 else _OTHERS.get(c, 1000) for c in text)
    return units * size / 1000


def broken(sentences: tuple[str, ...], size: float, room: float) -> list[str]:
    """The sentences as lines: one each where they fit, else run on and broken so that the lines are about as long.

    Raises:
        ValueError: If they need more than three lines.
    """
    if all(width(sentence, size) <= room for sentence in sentences):
        return list(sentences)
    glue = "" if all(ord(sentence[-1]) > 127 for sentence in sentences) else " "
    text = glue.join(sentences)
    for count in (2, 3):
        # The narrowest column that still needs no more lines makes the lines even.
        for column in range(int(width(text, size) / count), int(room) + 1, 4):
            lines = _filled(_pieces(text), size, column)
            if len(lines) <= count and all(width(line, size) <= room for line in lines):
                return lines
    raise ValueError(f"more than three lines: {text}")


def _filled(pieces: list[str], size: float, room: float) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and width((lines[-1] + piece).rstrip(), size) > room:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def _pieces(text: str) -> list[str]:
    """The text cut where a line may end: after a space, and between East Asian characters but for punctuation."""
    pieces = [text[0]]
    for before, after in pairwise(text):
        chinese = ord(before) > 0x2E7F or ord(after) > 0x2E7F
        may_end = before == " " or (chinese and after not in _NEVER_FIRST + " " and before not in _NEVER_LAST)
        if may_end:
            pieces.append(after)
        else:
            pieces[-1] += after
    return pieces
