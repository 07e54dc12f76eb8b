"""From bytes to JSON values, JSON or YAML; what cannot be parsed is told in the words of Go's parsers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from k8s_tutor.embedded.apiserver.shapes import At, Doubled, Report
from k8s_tutor.objects.types import Json, Obj

if TYPE_CHECKING:
    import yaml

__all__ = ["Noted", "Unparsable", "doubled_keys", "parse_json", "parse_yaml", "summary"]

_SHOWN = 30  # bytes of a body in a message


class Noted(dict[str, Any]):
    """An object out of YAML with complaints about it."""

    def __init__(self, value: Obj, notes: list[str]) -> None:
        super().__init__(value)
        self.notes = notes


class Unparsable(ValueError):
    """Bytes that are no JSON or YAML; the message is Go's own."""


def parse_json(body: bytes) -> Json:
    """JSON with its doubled keys marked.

    Raises:
        Unparsable: it is none.
    """
    try:
        return _whole(json.loads(body, object_pairs_hook=_pairs), body)
    except json.JSONDecodeError as error:
        raise Unparsable(_json_problem(error)) from None
    except UnicodeDecodeError as error:
        raise Unparsable(f"invalid character {chr(body[error.start])!r} looking for beginning of value") from None
    except RecursionError:
        raise Unparsable("exceeded max depth") from None


def parse_yaml(body: bytes) -> Json:
    """The first document, as the JSON it stands for.

    Raises:
        Unparsable: it is none.
    """
    import yaml  # noqa: PLC0415  # late: only kubectl's oldest forms and people send YAML

    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(body)
        node = loader.get_node() if loader.check_node() else None
        first = None if node is None else loader.construct_document(node)
        value = _whole(json.loads(json.dumps(first, default=str)), body)
        notes = list(_set_twice(node))
        return Noted(value, notes) if notes and isinstance(value, dict) else value
    except yaml.MarkedYAMLError as error:
        raise Unparsable(f"yaml: {_line(error)}{error.problem}") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise Unparsable(f"yaml: {error}") from None


def doubled_keys(value: Json) -> list[str]:
    """What strict decoding complains about in a parsed value: keys that came twice."""
    report = Report()
    _report_doubles(value, None, report)
    return report.complaints + (value.notes if isinstance(value, Noted) else [])


def _report_doubles(value: Json, at: At, report: Report) -> None:
    if isinstance(value, dict):
        report.doubled(at, value)
        for key, item in value.items():
            _report_doubles(item, (at, key), report)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _report_doubles(item, (at, index), report)


def summary(body: bytes) -> str:
    """The beginning of a body as messages show it: an object as it is, anything else in hexadecimal."""
    if not body:
        return "<empty>"
    shown = body[:_SHOWN].decode("utf-8", "replace") if body.startswith(b"{") else body[:_SHOWN].hex()
    return shown if len(body) <= _SHOWN else f"{shown} ..."


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    merged: dict[str, Any] = {}
    doubles: dict[str, None] = {}
    for key, value in pairs:
        if key in merged:
            doubles[key] = None
        merged[key] = _over(merged.get(key), value)
    return Doubled(list(merged.items()), list(doubles))


def _over(before: Any, after: Any) -> Any:
    """Go reads the second of two equal keys into what the first has left: objects become one."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return after
    doubles = [key for value in (before, after) if isinstance(value, Doubled) for key in value.doubles]
    merged = before | {key: _over(before.get(key), value) for key, value in after.items()}
    return Doubled(list(merged.items()), doubles) if doubles else merged


def _whole(value: Json, source: bytes) -> Json:
    r"""A value with U+FFFD for each half of a character (`"\ud800"`), as Go reads it: no text could hold one."""
    if b"\\u" not in source and b"\\U" not in source:
        return value
    text = json.dumps(value, ensure_ascii=False)
    sound = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value if sound == text else json.loads(sound)


_PLACES = {
    "Extra data": "after top-level value",
    "Expecting property name": "looking for beginning of object key string",
    "Illegal trailing comma": "looking for beginning of object key string",
    "Expecting ':'": "after object key",
    "Invalid control character": "in string literal",
    "Invalid \\escape": "in string escape code",
}


def _json_problem(error: json.JSONDecodeError) -> str:
    text, position = error.doc, error.pos
    if error.msg.startswith("Invalid \\escape"):
        position += 1
    if error.msg.startswith("Illegal trailing comma"):  # newer Pythons point to the comma, Go to what follows it
        position = len(text) - len(text[position + 1 :].lstrip())
    if position >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
        return "unexpected end of JSON input"
    where = next((words for start, words in _PLACES.items() if error.msg.startswith(start)), "")
    if error.msg.startswith("Expecting ','"):
        where = "after object key:value pair" if _inside_object(text[:position]) else "after array element"
    return f"invalid character {text[position]!r} {where or 'looking for beginning of value'}"


def _inside_object(text: str) -> bool:
    """Whether JSON that breaks off here breaks off in an object, not in a list."""
    open_: list[str] = []
    quoted = escaped = False
    for char in text:
        if quoted:
            quoted, escaped = escaped or char != '"', char == "\\" and not escaped
        elif char == '"':
            quoted = True
        elif char in "[{":
            open_.append(char)
        elif char in "]}" and open_:
            open_.pop()
    return open_[-1:] == ["{"]


def _set_twice(node: Any) -> Iterator[str]:
    """Every key of a YAML mapping that is there already (the last one counts)."""
    if node is None or isinstance(node.value, str):
        return
    seen: set[str] = set()
    for child in node.value:
        if not isinstance(child, tuple):
            yield from _set_twice(child)
            continue
        key, value = child
        if isinstance(key.value, str) and key.value in seen:
            yield f'line {key.start_mark.line + 1}: key "{key.value}" already set in map'
        seen.add(str(key.value))
        yield from _set_twice(value)


def _line(error: yaml.MarkedYAMLError) -> str:
    """Where go-yaml sees a problem; it says nothing of first lines."""
    from yaml.scanner import ScannerError  # noqa: PLC0415  # as above

    for mark in (error.context_mark, error.problem_mark):
        if mark is not None and mark.line:
            return f"line {mark.line + isinstance(error, ScannerError)}: "
    return ""
