"""`echo` and `printf`: what they print, for the shell's own commands and for the programs of that name."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["echo_text", "format_text", "unescape"]

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|0([0-7]{0,3})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_CONVERSION = re.compile(r"%([-+ 0#]*)(\*|\d+)?(?:\.(\d+))?([sdiuxXocbfge%])")


def unescape(text: str) -> str:
    """Backslash escapes as `echo -e` and `printf` read them."""

    def one(match: re.Match[str]) -> str:
        octal = match.group(1) or match.group(2)
        if octal is not None:
            return chr(int(octal or "0", 8))
        if match.group(3):
            return chr(int(match.group(3), 16))
        return _ESCAPES.get(match.group(4), "\\" + match.group(4))

    return _ESCAPE.sub(one, text)


def echo_text(arguments: Sequence[str]) -> str:
    """What `echo` prints."""
    words = list(arguments)
    newline, escapes = "\n", False
    while words and re.fullmatch(r"-[neE]+", words[0]):
        flags = words.pop(0)
        newline = "" if "n" in flags else newline
        escapes = "e" in flags or (escapes and "E" not in flags)
    text = " ".join(words)
    if escapes:
        head, stop, _ = text.partition("\\c")
        return unescape(head) + ("" if stop else newline)
    return text + newline


def format_text(pattern: str, arguments: Sequence[str]) -> str:
    """What `printf` prints; the pattern is used again while arguments are left."""
    left = list(arguments)
    pieces = []
    while True:
        before = len(left)
        pieces.append(_once(pattern, left))
        if not left or len(left) == before:
            return "".join(pieces)


def _once(pattern: str, left: list[str]) -> str:
    def one(match: re.Match[str]) -> str:
        flags, width, precision, kind = match.groups()
        if kind == "%":
            return "%"
        if width == "*":
            width = left.pop(0) if left else "0"
        value = left.pop(0) if left else ""
        size = f"{flags}{width or ''}" + (f".{precision}" if precision else "")
        if kind == "b":
            return f"%{size}s" % unescape(value)
        if kind == "c":
            return value[:1]
        if kind == "s":
            return f"%{size}s" % value
        if kind in "fge":
            return f"%{size}{kind}" % float(value or 0)
        return f"%{size}{'d' if kind in 'diu' else kind}" % _integer(value)

    return _CONVERSION.sub(one, unescape(pattern))


def _integer(text: str) -> int:
    if text[:1] in ("'", '"'):
        return ord(text[1]) if len(text) > 1 else 0
    try:
        return int(text or "0", 0)
    except ValueError:
        return 0
