"""JSON values as Go has them: in the words of `%v`, `%#v` and `%T`, and as `encoding/json` reads and compares them."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from k8s_tutor.objects.types import Json

__all__ = ["Doubled", "Huge", "canonical", "go_syntax", "go_type", "go_value", "group_version"]


def go_value(value: Json) -> str:
    """A value as Go prints it: `map[a:1 b:[x y]]`.

    >>> go_value({"b": ["x", True], "a": None})
    'map[a:<nil> b:[x true]]'
    """
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{go_value(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(go_value(item) for item in value) + "]"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)


def go_syntax(value: Json) -> str:
    """A value as it would stand in Go source: `[]interface {}{"x", 1}`."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(key)}:{go_syntax(value[key])}" for key in sorted(value))
        return f"{go_type(value)}{{{inner}}}"
    if isinstance(value, list):
        return f"{go_type(value)}{{{', '.join(go_syntax(item) for item in value)}}}"
    return go_value(value)


def group_version(api_version: str) -> str:
    """An apiVersion where Go prints group and version: `/v1`, `apps/v1`, `/`."""
    return api_version if "/" in api_version else f"/{api_version}"


def go_type(value: Json) -> str:
    """The Go type a JSON value is decoded into."""
    names = {bool: "bool", str: "string", int: "int64", float: "float64", list: "[]interface {}"}
    return names.get(type(value), "map[string]interface {}" if isinstance(value, dict) else "<nil>")


# ---- Values as Go's encoding/json knows them


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
