"""Base64 as Go's `encoding/json` reads and writes it: line breaks anywhere, the first wrong byte named."""

from __future__ import annotations

import base64
import re

__all__ = ["canonical"]

_GROUPS = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_DIGITS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_BREAKS = frozenset("\r\n")


def canonical(text: str) -> str:
    """The text as it is stored: decoded, encoded again.

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
