"""As much of CEL as a rule of this lesson needs: to try out a learner's rule without a cluster.

What it does not know it says (`UnknownWordError`), so that nobody is told that a rule is wrong which it cannot read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

__all__ = ["RuleError", "SyntaxFault", "UnknownWordError", "evaluate"]


class SyntaxFault(Exception):  # noqa: N818  the API server refuses the definition
    """No CEL; the text says where it stopped making sense."""


class UnknownWordError(Exception):
    """CEL perhaps, and more than is known here."""


class RuleError(Exception):
    """It broke off over an object; the text is the API server's."""


_Vars: TypeAlias = Mapping[str, Any]
_Part: TypeAlias = Callable[[_Vars], Any]
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>"[^"]*"|'[^']*')|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<sign>&&|\|\||[=!<>]=|[-+*/%<>!?:.,()\[\]]))"""
)
_WORDS = {"true": True, "false": False, "null": None}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == _of(type(a), b),
    "!=": lambda a, b: a != _of(type(a), b),
    "<": lambda a, b: a < _of(type(a), b),
    "<=": lambda a, b: a <= _of(type(a), b),
    ">": lambda a, b: a > _of(type(a), b),
    ">=": lambda a, b: a >= _of(type(a), b),
    "in": lambda a, b: a in b,
}
_COUNT: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + _of(type(a), b),
    "-": lambda a, b: a - _of(type(a), b),
    "*": lambda a, b: a * _of(type(a), b),
    "/": lambda a, b: a // _of(type(a), b),
    "%": lambda a, b: a % _of(type(a), b),
}
_METHODS: Mapping[str, Callable[..., Any]] = {
    "size": len,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": lambda text, part: part in text,
    "matches": lambda text, pattern: re.search(pattern, text) is not None,
}


def evaluate(rule: str, **variables: Any) -> Any:
    """What a rule comes to.

    Raises:
        SyntaxFault: it is no CEL.
        UnknownWordError: it uses more of CEL than is known here.
        RuleError: it breaks off.
    """
    return _Parser(rule, tuple(variables)).whole()(variables)


class _Parser:
    """Reads from left to right; each level of precedence is a method."""

    def __init__(self, rule: str, names: tuple[str, ...]) -> None:
        self._names = names
        self._tokens: list[tuple[str, str]] = []
        place, rule = 0, rule.strip()
        while place < len(rule):
            if (found := _TOKEN.match(rule, place)) is None:
                raise SyntaxFault(f"token recognition error at: '{rule[place:].strip()[:8]}'")
            kind = str(found.lastgroup)
            self._tokens.append((kind, found[kind]))
            place = found.end()

    def whole(self) -> _Part:
        part = self._choice()
        if self._tokens:
            raise SyntaxFault(f"extraneous input '{self._tokens[0][1]}'")
        return part

    def _choice(self) -> _Part:
        condition = self._either()
        if not self._take("?"):
            return condition
        yes = self._choice()
        self._need(":")
        no = self._choice()
        return lambda given: yes(given) if condition(given) else no(given)

    def _either(self) -> _Part:
        part = self._both()
        while self._take("||"):
            part = _joined(part, self._both(), ends=True)
        return part

    def _both(self) -> _Part:
        part = self._comparison()
        while self._take("&&"):
            part = _joined(part, self._comparison(), ends=False)
        return part

    def _comparison(self) -> _Part:
        part = self._sum()
        while sign := self._take(*_COMPARE):
            part = _applied(_COMPARE[sign], sign, part, self._sum())
        return part

    def _sum(self) -> _Part:
        part = self._product()
        while sign := self._take("+", "-"):
            part = _applied(_COUNT[sign], sign, part, self._product())
        return part

    def _product(self) -> _Part:
        part = self._single()
        while sign := self._take("*", "/", "%"):
            part = _applied(_COUNT[sign], sign, part, self._single())
        return part

    def _single(self) -> _Part:
        if self._take("!"):
            inner = self._single()
            return _applied(lambda value: not _of(bool, value), "!_", inner)
        if self._take("-"):
            inner = self._single()
            return _applied(lambda value: -_of(int, value), "-_", inner)
        return self._member()

    def _member(self) -> _Part:
        part = self._atom()
        while sign := self._take(".", "["):
            if sign == "[":
                part = _applied(lambda whole, key: whole[key], "_[_]", part, self._choice())
                self._need("]")
                continue
            name = self._name()
            part = self._called(_METHODS, name, [part]) if self._take("(") else _field(part, name)
        return part

    def _atom(self) -> _Part:
        if not self._tokens:
            raise SyntaxFault("mismatched input '<EOF>'")
        kind, text = self._tokens.pop(0)
        if kind == "number":
            value: Any = float(text) if "." in text else int(text)
            return lambda _given: value
        if kind == "text":
            return lambda _given: text[1:-1]
        if text == "(":
            part = self._choice()
            self._need(")")
            return part
        if text == "[":
            parts = self._parts("]")
            return lambda given: [one(given) for one in parts]
        if kind == "sign":
            raise SyntaxFault(f"mismatched input '{text}'")
        return self._word(text)

    def _word(self, text: str) -> _Part:
        if text in _WORDS:
            return lambda _given: _WORDS[text]
        if self._take("("):
            return self._has() if text == "has" else self._called({"size": len}, text, [])
        if text not in self._names:
            raise SyntaxFault(f"undeclared reference to '{text}' (in container '')")
        return lambda given: given[text]

    def _has(self) -> _Part:
        part = self._atom()
        names = []
        while self._take("."):
            names.append(self._name())
        self._need(")")
        if not names:
            raise SyntaxFault("invalid argument to has() macro")
        for name in names[:-1]:
            part = _field(part, name)
        return lambda given: names[-1] in part(given)

    def _called(self, known: Mapping[str, Callable[..., Any]], name: str, before: list[_Part]) -> _Part:
        if name not in known:
            raise UnknownWordError(f"{name}()")
        return _applied(known[name], name, *before, *self._parts(")"))

    def _parts(self, end: str) -> list[_Part]:
        parts: list[_Part] = []
        while not self._take(end):
            if parts:
                self._need(",")
            parts.append(self._choice())
        return parts

    def _take(self, *wanted: str) -> str:
        if self._tokens and self._tokens[0][0] in ("sign", "name") and self._tokens[0][1] in wanted:
            return self._tokens.pop(0)[1]
        return ""

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            there = self._tokens[0][1] if self._tokens else "<EOF>"
            raise SyntaxFault(f"mismatched input '{there}' expecting '{sign}'")

    def _name(self) -> str:
        if not self._tokens or self._tokens[0][0] != "name":
            raise SyntaxFault("mismatched input, expecting a name")
        return self._tokens.pop(0)[1]


def _field(part: _Part, name: str) -> _Part:
    def found(given: _Vars) -> Any:
        whole = part(given)
        if not isinstance(whole, Mapping):
            raise RuleError("no such overload")
        if name not in whole:
            raise RuleError(f"no such key: {name}")
        return whole[name]

    return found


def _applied(function: Callable[..., Any], name: str, *parts: _Part) -> _Part:
    def result(given: _Vars) -> Any:
        try:
            return function(*(part(given) for part in parts))
        except (TypeError, ValueError, KeyError, IndexError, AttributeError, ZeroDivisionError) as error:
            raise RuleError(f"no such overload: {name}") from error

    return result


def _joined(one: _Part, other: _Part, *, ends: bool) -> _Part:
    """`||` (ends with true) or `&&` (ends with false): one side that decides is enough, even where the other fails."""

    def result(given: _Vars) -> bool:
        failure: RuleError | None = None
        for part in (one, other):
            try:
                value = part(given)
            except RuleError as error:
                failure = failure or error
                continue
            if not isinstance(value, bool):
                failure = failure or RuleError("no such overload")
            elif value is ends:
                return ends
        if failure is not None:
            raise failure
        return not ends

    return result


def _of(wanted: type, value: Any) -> Any:
    """The value, which has to be of exactly that type: nothing turns into something else by itself.

    Raises:
        TypeError: it is of another.
    """
    if type(value) is not wanted:
        raise TypeError
    return value
