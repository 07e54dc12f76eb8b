"""JSONPath in kubectl's dialect: what a field path in a printer column or in `-o jsonpath` finds.

`.spec.containers[*].name`, `.status.conditions[?(@.type=="Ready")].status`, `.metadata.labels.a\\.b/c`, `..image`,
`['key']`, `[0]`, `[-1]`, `[0:2]`. See kubernetes.io/docs/reference/kubectl/jsonpath.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import TypeAlias

from k8s_tutor.objects.types import Json

__all__ = ["JsonPathError", "find", "show"]

PathStep: TypeAlias = Callable[[Json], Iterator[Json]]


class JsonPathError(ValueError):
    """A path that cannot be understood."""


def find(path: str, value: Json) -> list[Json]:
    """Everything the path finds, in order; nothing where it leads nowhere.

    Args:
        path: With or without the braces (`{.spec}`) and the leading `$`.
        value: Where to look.

    Raises:
        JsonPathError: the path cannot be understood.
    """
    found = [value]
    for step in _steps(path):
        found = [inner for outer in found for inner in step(outer)]
    return found


def show(value: Json) -> str:
    """A found value as kubectl prints it: text as it is, anything deeper as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


_NAME = re.compile(r"(?:\\.|[^.\[\]\\])+")
_INDEX = re.compile(r"-?\d{1,18}")
_SLICE = re.compile(r"(-?\d{0,18}):(-?\d{0,18})")
_FILTER = re.compile(r"\?\(\s*@?(?P<path>[^=!<>]*?)\s*(?:(?P<op>==|!=|<=|>=|<|>)\s*(?P<value>.+?)\s*)?\)")


@lru_cache(maxsize=512)
def _steps(path: str) -> tuple[PathStep, ...]:
    text = path.strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1].strip()
    text = text.removeprefix("$").removeprefix("@")
    steps: list[PathStep] = []
    at = 0
    while at < len(text):
        step, at = _step(text, at)
        steps += step
    return tuple(steps)


def _step(text: str, at: int) -> tuple[list[PathStep], int]:
    if text[at] == "[":
        end = _closing(text, at)
        return [_bracket(text[at + 1 : end].strip(), text)], end + 1
    deep = text.startswith("..", at)
    at += 2 if deep else text[at] == "."
    before: list[PathStep] = [_everywhere] if deep else []
    if at >= len(text) or text[at] == "[":
        return before, at
    match = _NAME.match(text, at)
    if match is None:
        raise JsonPathError(f"error parsing jsonpath {text}, unexpected character {text[at]!r} at {at}")
    name = re.sub(r"\\(.)", r"\1", match[0])
    return [*before, _children if name == "*" else _child(name)], match.end()


def _closing(text: str, at: int) -> int:
    depth, quote = 0, ""
    for index in range(at, len(text)):
        char = text[index]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "[]":
            depth += 1 if char == "[" else -1
            if depth == 0:
                return index
    raise JsonPathError(f"error parsing jsonpath {text}, unterminated array")


def _bracket(inner: str, text: str) -> PathStep:
    if inner == "*":
        return _children
    if inner[:1] in ("'", '"') and inner[-1:] == inner[:1] and len(inner) > 1:
        return _child(inner[1:-1])
    if _INDEX.fullmatch(inner):
        return _index(int(inner))
    if match := _SLICE.fullmatch(inner):
        return _slice(match[1], match[2])
    if match := _FILTER.fullmatch(inner):
        return _filter(match["path"], match["op"] or "", match["value"] or "")
    raise JsonPathError(f"error parsing jsonpath {text}, invalid array index {inner}")


def _child(name: str) -> PathStep:
    def step(value: Json) -> Iterator[Json]:
        if isinstance(value, dict) and name in value:
            yield value[name]

    return step


def _children(value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _everywhere(value: Json) -> Iterator[Json]:
    yield value
    for inner in _children(value):
        yield from _everywhere(inner)


def _index(place: int) -> PathStep:
    def step(value: Json) -> Iterator[Json]:
        if isinstance(value, list) and -len(value) <= place < len(value):
            yield value[place]

    return step


def _slice(first: str, last: str) -> PathStep:
    places = slice(int(first) if first else None, int(last) if last else None)

    def step(value: Json) -> Iterator[Json]:
        if isinstance(value, list):
            yield from value[places]

    return step


def _filter(path: str, operator: str, text: str) -> PathStep:
    wanted = _literal(text)

    def step(value: Json) -> Iterator[Json]:
        items = value if isinstance(value, list) else []
        for item in items:
            found = find(path, item)
            if found and (not operator or _compares(found[0], operator, wanted)):
                yield item

    return step


def _literal(text: str) -> Json:
    if text[:1] == "'" and text[-1:] == "'":
        return text[1:-1]
    try:
        return json.loads(text)
    except ValueError:
        return text


def _compares(value: Json, operator: str, wanted: Json) -> bool:
    if operator in ("==", "!="):
        return (value == wanted) is (operator == "==")
    if isinstance(value, str) is not isinstance(wanted, str):
        return False
    try:
        return bool(_ORDER[operator](value, wanted))
    except TypeError:
        return False


_ORDER: dict[str, Callable[[Json, Json], object]] = {"<": lt, ">": gt, "<=": le, ">=": ge}
