"""From bytes to JSON values, JSON or YAML; what cannot be parsed is told in the words of Go's parsers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import yaml

from k8s_tutor.embedded.apiserver.shapes import At, Report
from k8s_tutor.objects.gojson import Doubled, Huge
from k8s_tutor.objects.nesting import bracket_too_deep, sound_text
from k8s_tutor.objects.types import Json, Obj
from k8s_tutor.objects.yamlnodes import MERGE, Resolver, compose, scalar

__all__ = ["NotYaml", "Noted", "Unparsable", "doubled_keys", "parse_json", "parse_yaml", "read_first", "summary"]

_SHOWN = 30  # bytes of a body in a message
_LONGEST = 309  # digits of the largest float64


class Noted(dict[str, Any]):
    """An object out of YAML with complaints about it."""

    def __init__(self, value: Obj, notes: list[str]) -> None:
        super().__init__(value)
        self.notes = notes


class Unparsable(ValueError):
    """Bytes that are no JSON or YAML; the message is Go's own."""


def parse_json(body: bytes) -> Json:
    """JSON with its doubled keys marked, read as leniently as Go does: bytes that are no text become U+FFFD.

    Raises:
        Unparsable: it is none.
    """
    text = body.decode("utf-8", "surrogateescape")
    if bracket := bracket_too_deep(text):
        raise Unparsable(f"invalid character '{bracket}' exceeded max depth")
    try:
        value = _READER.decode(text)
    except json.JSONDecodeError as error:
        raise Unparsable(_json_problem(error)) from None
    return _sound(value) if "\\u" in text or not _is_text(text) else value


def parse_yaml(body: bytes) -> Json:
    """The first document, as the JSON it stands for.

    Raises:
        Unparsable: it is none.
    """

    try:
        value, notes = read_first(body)
    except NotYaml as error:
        raise Unparsable(str(error)) from None
    return Noted(value, notes) if notes and isinstance(value, dict) else value


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
    excerpt = body[:_SHOWN].decode("utf-8", "replace") if body.startswith(b"{") else body[:_SHOWN].hex()
    return excerpt if len(body) <= _SHOWN else f"{excerpt} ..."


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


def _is_text(text: str) -> bool:
    """Whether all of it was UTF-8: what was not came in as halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _sound(value: Json) -> Json:
    r"""A value with U+FFFD for each half of a character (`"\ud800"`), as Go reads it: no text could hold one."""
    if isinstance(value, str):
        return sound_text(value)
    if isinstance(value, Doubled):
        return Doubled([(sound_text(key), _sound(item)) for key, item in value.items()], value.doubles)
    if isinstance(value, dict):
        return {sound_text(key): _sound(item) for key, item in value.items()}
    return [_sound(item) for item in value] if isinstance(value, list) else value


def _float(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else Huge(text)


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= _LONGEST else Huge(text)


def _constant(text: str) -> Json:
    """`NaN` and `Infinity`, which Python would read."""
    where = "in numeric literal" if text.startswith("-") else "looking for beginning of value"
    raise Unparsable(f"invalid character {text.removeprefix('-')[0]!r} {where}")


_READER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_float, parse_int=_integer, parse_constant=_constant)


_PARSER_WORDS = {
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
    where = next((words for start, words in _PARSER_WORDS.items() if error.msg.startswith(start)), "")
    if error.msg.startswith("Expecting ','"):
        where = "after object key:value pair" if _inside_object(text[:position]) else "after array element"
    found = chr(text[position].encode("utf-8", "surrogateescape")[0])  # Go shows a byte
    return f"invalid character {found!r} {where or 'looking for beginning of value'}"


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


# ---- A request's body in YAML, read as go-yaml reads it; what cannot be read is told in its words

_FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML brings it


class _Loader(Resolver, _FASTEST):  # type: ignore[misc]  # one of two classes
    """PyYAML's fastest parser, with the scalars of the API server."""


_LOADER: Any = _Loader


class NotYaml(ValueError):
    """A body that is none; the message is go-yaml's."""


def read_first(body: bytes) -> tuple[Json, list[str]]:
    """The first document, as the JSON it stands for, and complaints about it.

    Raises:
        NotYaml: it is none.
    """
    try:
        node = next(compose(_LOADER(body)), None)
        return (None, []) if node is None else (_value(node), list(_set_twice(node)))
    except yaml.MarkedYAMLError as error:
        raise NotYaml(f"yaml: {_line(error)}{error.problem}") from None
    except yaml.reader.ReaderError as error:
        raise NotYaml(f"yaml: {error.reason}") from None
    except OverflowError as error:
        raise NotYaml(f"json: unsupported value: {error}") from None


def _value(node: Any) -> Json:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    return _scalar(node)


def _scalar(node: yaml.ScalarNode) -> Json:
    try:
        return scalar(node.tag, node.value)
    except (ValueError, KeyError, IndexError):
        kind = node.tag.rpartition(":")[2]
        raise NotYaml(f"yaml: cannot decode !!str `{node.value[:10]}` as a !!{kind}") from None


def _mapping(node: yaml.MappingNode) -> dict[str, Json]:
    own: dict[str, Json] = {}
    merged: dict[str, Json] = {}
    for key, value in node.value:
        if key.tag == MERGE:
            for part in reversed(value.value if isinstance(value, yaml.SequenceNode) else [value]):
                if not isinstance(part, yaml.MappingNode):
                    raise NotYaml("yaml: map merge requires map or sequence of maps as the value")
                merged |= _mapping(part)
        else:
            own[_key(key, value)] = _value(value)
    return merged | own


def _key(node: Any, value: Any) -> str:
    if not isinstance(node, yaml.ScalarNode):
        kind = "map[interface {}]interface {}" if isinstance(node, yaml.MappingNode) else "[]interface {}"
        raise NotYaml(f"yaml: invalid map key: {kind}")
    key = _scalar(node)
    if key is None:
        shown = f'"{value.value}"' if isinstance(value, yaml.ScalarNode) else "…"
        raise NotYaml(f"unsupported map key of type: %!s(<nil>), key: <nil>, value: {shown}")
    if isinstance(key, bool):
        return "true" if key else "false"
    return key if isinstance(key, str) else str(key)


def _set_twice(node: Any) -> Iterator[str]:
    """Every key of a YAML mapping that is there already (the last one counts)."""
    if isinstance(node.value, str):
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
    """Where go-yaml sees a problem; it says nothing of first lines, nor of anchors."""
    if isinstance(error, yaml.composer.ComposerError):
        return ""
    for mark in (error.context_mark, error.problem_mark):
        if mark is not None and mark.line:
            return f"line {mark.line + isinstance(error, yaml.scanner.ScannerError)}: "
    return ""
