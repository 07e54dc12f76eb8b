"""How wide text is, without a browser: so that nothing is cut off and nothing overlaps.

The widths are the larger ones of DejaVu Sans and Noto Sans, the two widest among the fonts that `system-ui` means in
practice, as Chromium's `measureText` gives them; Segoe UI, San Francisco and Roboto are narrower. East Asian wide
characters take one em, as in every font that has them.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["clipped", "width", "wrapped"]

# Thousandths of an em for the characters from space to tilde.
_REGULAR = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 551, 838, 318, 361, 318, 372, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 339, 295, 656, 557, 907,
    760, 787, 605, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 372, 390, 838, 500, 500, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 413, 521, 392, 634, 592, 818, 592, 592, 525, 636,
    551, 636, 838,
)  # fmt: skip
_BOLD = (
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 545, 838, 380, 415, 380, 413, 696, 696, 696, 696, 696, 696, 696,
    696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 389, 372, 775, 637, 995,
    837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 413, 457, 838, 500, 500, 675, 716, 593, 716,
    678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712,
    551, 712, 838,
)  # fmt: skip
_NARROW = {"·": 380, "‘": 380, "’": 380, "–": 500, "“": 657, "”": 657}
_EM = 1000
_ELLIPSIS = "…"


def width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of text at a font size, in the unit of the size; an upper bound for the usual fonts."""
    return _units(text, bold) * size / _EM


def clipped(text: str, size: float, room: float, *, bold: bool = False, middle: bool = False) -> str:
    """The text if it fits into `room`, else shortened with an ellipsis.

    Args:
        text: One line.
        size: Font size.
        room: Width there is.
        bold: In a bold face.
        middle: Leave out the middle instead of the end: the names of pods differ at their ends.
    """
    if width(text, size, bold=bold) <= room:
        return text
    units = room * _EM / size - _units(_ELLIPSIS, bold)
    if not middle:
        return _head(text, units, bold) + _ELLIPSIS
    tail = _head(text[::-1], units / 2, bold)[::-1]
    return _head(text, units - _units(tail, bold), bold) + _ELLIPSIS + tail


def wrapped(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """The text in as many lines as it needs, broken at spaces; a word that is too long for a line is shortened."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size, bold=bold) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return [clipped(line, size, room, bold=bold, middle=True) for line in lines]


def _head(text: str, units: float, bold: bool) -> str:
    for index, character in enumerate(text):
        units -= _character(character, bold)
        if units < 0:
            return text[:index].rstrip()
    return text


@lru_cache(maxsize=4096)
def _units(text: str, bold: bool) -> int:
    return sum(_character(character, bold) for character in text)


def _character(character: str, bold: bool) -> int:
    code = ord(character)
    if 32 <= code < 127:
        return (_BOLD if bold else _REGULAR)[code - 32]
    if character in _NARROW:
        return _NARROW[character]
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    base = unicodedata.normalize("NFD", character)[0]
    return _character(base, bold) if base != character else _EM
