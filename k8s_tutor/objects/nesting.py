"""How deep a value may nest, and JSON values made of what a Python program hands in.

A real API server reads 10,000 levels. Here whatever walks an object does so by calling itself, on top of the notebook's
own calls, and Python allows a thousand of those in all; no object of Kubernetes comes near either number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from k8s_tutor.language import Wording, msg
from k8s_tutor.objects.types import Json

__all__ = ["DEEPEST", "NotJson", "bracket_too_deep", "is_too_deep", "json_of", "sound_text"]

DEEPEST = 200
"""Levels of lists and groups in one value."""
_SHOWN = 12  # steps of a path in a message


class NotJson(ValueError):
    """A value that JSON has no word for.

    Attributes:
        path: Where it is, outermost first.
        what: What is there.
        instead: What to write in its place; may be empty.
    """

    def __init__(self, what: Wording, instead: Wording = "") -> None:
        super().__init__(str(what))
        self.path: list[str | int] = []
        self.what = what
        self.instead = instead

    @property
    def place(self) -> str:
        """`spec.containers[0].env`; empty for the value itself."""
        steps = [f"[{step}]" if isinstance(step, int) else f".{sound_text(step)}" for step in self.path]
        return "".join(steps[:_SHOWN]).removeprefix(".") + ("…" if len(steps) > _SHOWN else "")


def json_of(value: object) -> Json:
    """A JSON value that shares no list and no dict with the given one. Half characters become U+FFFD, as in Go.

    Raises:
        NotJson: there is something in it that JSON has no word for.
    """
    return _json_of(value, DEEPEST)


def _json_of(value: object, left: int) -> Json:
    if isinstance(value, str):
        return sound_text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if not isinstance(value, dict | list | tuple):
        raise NotJson(
            msg("a value of the type {name}", name=type(value).__name__), _INSTEAD.get(type(value).__name__, "")
        )
    if not left:
        raise NotJson(msg("something that nests deeper than {deepest} levels, or contains itself", deepest=DEEPEST))
    if isinstance(value, dict):
        return {_key(key): _inside(item, key, left - 1) for key, item in value.items()}
    return [_inside(item, index, left - 1) for index, item in enumerate(value)]


def _inside(value: object, step: str | int, left: int) -> Json:
    try:
        return _json_of(value, left)
    except NotJson as error:
        error.path.insert(0, step)
        raise


def _key(key: object) -> str:
    if isinstance(key, str):
        return sound_text(key)
    raise NotJson(
        msg("a field whose name is no text, but {key!r} of the type {name}", key=key, name=type(key).__name__),
        f'"{key}"',
    )


def _number(value: float) -> Json:
    try:
        if math.isfinite(value):
            return value
    except OverflowError:
        raise NotJson(msg("a number of more than 300 digits")) from None
    raise NotJson(msg("the number {value}, which JSON does not know", value=value))


_INSTEAD: Mapping[str, Wording] = {
    "bytes": "base64.b64encode(…).decode()",
    "bytearray": "base64.b64encode(…).decode()",
    "date": msg("its .isoformat()"),
    "datetime": msg("its .isoformat()"),
    "Decimal": msg("str(…) or float(…)"),
    "set": "sorted(…)",
    "frozenset": "sorted(…)",
    "PosixPath": "str(…)",
    "WindowsPath": "str(…)",
}


def sound_text(text: str) -> str:
    r"""A text with U+FFFD for each half of a character (`"\ud800"`), as Go reads it; two halves become one."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


_SIGNS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)


def bracket_too_deep(text: str) -> str:
    """The first bracket of a JSON text that nests deeper than `DEEPEST`, found without reading it; empty for none."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return ""
    depth = 0
    for found in _SIGNS.finditer(text):
        sign = found[0]
        if sign in "[{":
            depth += 1
            if depth > DEEPEST:
                return sign
        elif sign in "]}":
            depth -= 1
    return ""


def is_too_deep(value: Json) -> bool:
    """Whether a value nests deeper than `DEEPEST`: asked of what patches and webhooks have put together."""
    level = [value]
    for _ in range(DEEPEST):
        level = [item for outer in level for item in _items(outer) if isinstance(item, dict | list)]
        if not level:
            return False
    return True


def _items(value: Json) -> Iterable[Json]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
