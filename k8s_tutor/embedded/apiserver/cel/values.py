"""Plain JSON as expressions see it: times are times, and fields have names that can be written."""

from __future__ import annotations

import base64
import re
from typing import Any

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.apiserver.cel.types import spellings
from k8s_tutor.objects.types import Json, Obj

__all__ = ["go_duration", "to_cel"]

_UNITS = {"h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "µs": 10**3, "ns": 1}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)")


def to_cel(value: Json, schema: Obj | None) -> Any:
    """A value for the evaluator.

    Args:
        value: As objects have it.
        schema: What it follows; None for values without one, which stay as they are.
    """
    if schema is None or schema.get("x-kubernetes-int-or-string"):
        return value
    if isinstance(value, dict):
        return _object(value, schema)
    if isinstance(value, list):
        items = schema.get("items")
        return [to_cel(item, items if isinstance(items, dict) else None) for item in value]
    if isinstance(value, str):
        return _text(value, str(schema.get("format", "")))
    if schema.get("type") == "number" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _object(value: Obj, schema: Obj) -> dict[str, Any]:
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        return {key: to_cel(item, extra) for key, item in value.items()}
    properties = schema.get("properties") or {}
    found = {}
    for key, item in value.items():
        if item is not None:  # null means nothing
            found.update(dict.fromkeys(spellings(key), to_cel(item, properties.get(key))))
    return found


def _text(value: str, form: str) -> Any:
    if form not in ("date-time", "date", "duration", "byte"):
        return value
    try:
        if form == "byte":
            return base64.b64decode(value)
        nanos = go_duration(value) if form == "duration" else _nanoseconds(value, form)
    except ValueError:
        return value  # no valid value of its format: validation says so
    return _moment(nanos, length=form == "duration")


def _nanoseconds(value: str, form: str) -> int:
    whole = f"{value}T00:00:00Z" if form == "date" else value
    fraction = re.search(r"\.(\d+)", whole)
    seconds = int(from_rfc3339(re.sub(r"\.\d+", "", whole)))
    return seconds * 10**9 + (int(fraction[1].ljust(9, "0")[:9]) if fraction else 0)


def _moment(nanos: int, *, length: bool) -> Any:
    from google.protobuf.duration_pb2 import Duration  # noqa: PLC0415 — with the first expression
    from google.protobuf.timestamp_pb2 import Timestamp  # noqa: PLC0415

    if length:
        sign = -1 if nanos < 0 else 1
        seconds, rest = divmod(abs(nanos), 10**9)
        return Duration(seconds=sign * seconds, nanos=sign * rest)
    seconds, rest = divmod(nanos, 10**9)
    return Timestamp(seconds=seconds, nanos=rest)


def go_duration(text: str) -> int:
    """Nanoseconds of a duration as Go writes them.

    >>> go_duration("1h30m"), go_duration("-1.5s")
    (5400000000000, -1500000000)

    Raises:
        ValueError: it is none.
    """
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return 0
    total, at = 0, 0
    while at < len(rest):
        match = _DURATION.match(rest, at)
        if match is None:
            raise ValueError(f'invalid duration "{text}"')
        whole, _, fraction = match[1].partition(".")
        unit = _UNITS[match[2]]
        total += int(whole or 0) * unit + (int(fraction) * unit // 10 ** len(fraction) if fraction else 0)
        at = match.end()
    if not rest:
        raise ValueError(f'invalid duration "{text}"')
    return sign * total
