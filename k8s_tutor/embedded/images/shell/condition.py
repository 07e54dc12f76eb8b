"""`test` and `[`: whether an expression holds."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence

from k8s_tutor.embedded.images.files import Files

__all__ = ["ConditionFault", "holds"]


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
        return letter not in "hL" and self._files.exists(path)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ConditionFault(f"{text}: bad number" if text else "bad number") from None
