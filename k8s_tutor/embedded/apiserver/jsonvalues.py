"""JSON values as Go's `encoding/json` knows them: keys that came twice, numbers beyond a float64, bytes in base64."""

from __future__ import annotations

import base64
import re
from typing import Any

from k8s_tutor.objects.types import Json

__all__ = ["Doubled", "Huge", "canonical"]

_GROUPS = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_DIGITS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_BREAKS = frozenset("\r\n")


class Doubled(dict[str, Any]):
    """A JSON object in which some keys came twice (the last one counts)."""

    def __init__(self, pairs: list[tuple[str, Json]], doubles: list[str]) -> None:
        super().__init__(pairs)
        self.doubles = doubles


class Huge(float):
    """A number beyond what a float64 holds: infinite here, and known by its digits.

    Go reads it where nobody asks for its value, and refuses it wherever somebody does.
    """

    text: str

    def __new__(cls, text: str) -> Huge:
        """The number as it was written."""
        number = super().__new__(cls, "-inf" if text.startswith("-") else "inf")
        number.text = text
        return number

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return self.text


def canonical(text: str) -> str:
    """A base64 text as it is stored: decoded, with line breaks anywhere, and encoded again; the first wrong byte named.

    Raises:
        ValueError: it is no base64 text; the message is Go's.
    """
    joined = text.replace("\n", "").replace("\r", "")
    if not _GROUPS.fullmatch(joined):
        raise ValueError(f"illegal base64 data at input byte {_first_wrong(text)}")
    return base64.b64encode(base64.b64decode(joined)).decode("ascii")


def _first_wrong(text: str) -> int:
    """Where Go stops: at a byte that cannot stand there, or at the start of a group of four that ends too early."""
    at = in_group = 0
    while at < len(text):
        byte = text[at]
        if byte == "=":
            return _after_padding(text, at, in_group)
        if byte not in _DIGITS and byte not in _BREAKS:
            return at
        in_group = (in_group + (byte in _DIGITS)) % 4
        at += 1
    return at - in_group


def _after_padding(text: str, at: int, in_group: int) -> int:
    if in_group < 2:
        return at
    at = _past_breaks(text, at + 1)
    if in_group == 2:
        if at == len(text):
            return at
        if text[at] != "=":
            return at - 1
        at = _past_breaks(text, at + 1)
    return at


def _past_breaks(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BREAKS:
        at += 1
    return at
