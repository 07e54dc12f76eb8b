"""`echo` and `printf`: what they print, for the shell's own commands and for the programs of that name."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence

from k8s_tutor.embedded.images.files import LARGEST_CONTAINER, Files
from k8s_tutor.embedded.images.permissions import EXECUTE, READ, WRITE
from k8s_tutor.embedded.images.pipe import Exit

__all__ = ["ConditionFault", "echo_text", "format_text", "holds", "unescape"]

_KILLED = 137
_DIGITS, _WIDEST = 7, 999_999
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
    left = list(reversed(arguments))
    pieces = []
    size = 0
    while True:
        before = len(left)
        pieces.append(_once(pattern, left))
        size += len(pieces[-1])
        if size > LARGEST_CONTAINER:
            raise Exit(_KILLED)
        if not left or len(left) == before:
            return "".join(pieces)


def _once(pattern: str, left: list[str]) -> str:
    def one(match: re.Match[str]) -> str:
        flags, width, precision, kind = match.groups()
        if kind == "%":
            return "%"
        if width == "*":
            width = left.pop() if left else "0"
        value = left.pop() if left else ""
        width = _within(width)
        precision = _within(precision)
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


def _within(number: str | None) -> str | None:
    """A width that some memory could hold."""
    return number if not number or len(number) < _DIGITS else str(_WIDEST)


def _integer(text: str) -> int:
    if text[:1] in ("'", '"'):
        return ord(text[1]) if len(text) > 1 else 0
    try:
        return int(text or "0", 0)
    except ValueError:
        return 0


# ---- `test` and `[`: whether an expression holds


class ConditionFault(Exception):
    """The expression cannot be read; the message is ash's."""


def holds(expression: Sequence[str], files: Files, directory: str) -> bool:
    """Whether the expression is true.

    Raises:
        ConditionFault: it is none.
    """
    reader = _Reader(list(expression), files, directory)
    if not expression:
        return False
    result = reader.either()
    if reader.left:
        raise ConditionFault(f"{reader.left[0]}: unknown operand")
    return result


_NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
}
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}


_ACCESS = {"r": READ, "w": WRITE, "x": EXECUTE}


class _Reader:
    def __init__(self, words: list[str], files: Files, directory: str) -> None:
        self.left = words
        self._files = files
        self._directory = directory

    def either(self) -> bool:
        result = self._both()
        while self.left[:1] in (["-o"], ["||"]):
            self.left.pop(0)
            result = self._both() or result
        return result

    def _both(self) -> bool:
        result = self._not()
        while self.left[:1] in (["-a"], ["&&"]):
            self.left.pop(0)
            result = self._not() and result
        return result

    def _not(self) -> bool:
        if self.left[:1] == ["!"] and len(self.left) > 1:
            self.left.pop(0)
            return not self._not()
        return self._primary()

    def _primary(self) -> bool:
        if not self.left:
            raise ConditionFault("argument expected")
        word = self.left.pop(0)
        if word == "(":
            result = self.either()
            if self.left[:1] != [")"]:
                raise ConditionFault("closing paren expected")
            self.left.pop(0)
            return result
        if self.left and self.left[0] in _NUMBERS:
            operator = self.left.pop(0)
            return _NUMBERS[operator](_number(word), _number(self._operand(operator)))
        if self.left and self.left[0] in _TEXTS:
            operator = self.left.pop(0)
            return _TEXTS[operator](word, self._operand(operator))
        if len(word) == 2 and word[0] == "-" and self.left and word[1] in "nzefdrwxshL":
            return self._unary(word[1], self.left.pop(0))
        return bool(word)

    def _operand(self, operator: str) -> str:
        if not self.left:
            raise ConditionFault(f"{operator}: argument expected")
        return self.left.pop(0)

    def _unary(self, letter: str, value: str) -> bool:
        if letter in "nz":
            return bool(value) == (letter == "n")
        path = posixpath.normpath(posixpath.join(self._directory, value))
        if letter == "d":
            return self._files.is_directory(path)
        if letter == "f":
            return self._files.is_file(path)
        if letter == "s":
            return self._files.is_file(path) and bool(self._files.read(path))
        if letter in _ACCESS:
            return self._files.allows(path, _ACCESS[letter])
        return letter not in "hL" and self._files.exists(path)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ConditionFault(f"{text}: bad number" if text else "bad number") from None
