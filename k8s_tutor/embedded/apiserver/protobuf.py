"""Kubernetes' protobuf request bodies, read into the JSON they stand for.

`kubectl create deployment`, `auth can-i` and their like send nothing else. Field numbers come from `facts/wire.json`.
Format: kubernetes.io/docs/reference/using-api/api-concepts (Kubernetes Protobuf encoding) and
protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, TypeAlias

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.apiserver.builtintypes import schema_facts, wire_facts
from k8s_tutor.objects.types import Json, Obj

__all__ = ["MAGIC", "ProtobufError", "read_protobuf"]

MAGIC = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

Raw: TypeAlias = "int | bytes"
Reader: TypeAlias = Callable[[Raw], Json]


class ProtobufError(ValueError):
    """A body that is no Kubernetes protobuf message, or of a kind that is not known."""


def read_protobuf(body: bytes) -> Obj:
    """The object in a protobuf body, with its apiVersion and kind.

    Raises:
        ProtobufError: it cannot be read.
    """
    if not body.startswith(MAGIC):
        raise ProtobufError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    try:
        return _read_unknown(body[len(MAGIC) :])
    except (IndexError, struct.error, UnicodeDecodeError, ValueError) as error:
        raise ProtobufError(f"proto: {error}") from error


def _read_unknown(data: bytes) -> Obj:
    """The envelope: type, then the message itself."""
    envelope = {number: value for number, _, value in _fields(data)}
    type_meta = {number: value for number, _, value in _fields(_as_bytes(envelope.get(1, b"")))}
    api_version, kind = _text(type_meta.get(1, b"")), _text(type_meta.get(2, b""))
    raw = _as_bytes(envelope.get(2, b""))
    name = schema_facts()["kinds"].get(f"{api_version}/{kind}")
    if name is None:
        raise ProtobufError(f'no kind "{kind}" is registered for version "{api_version}"')
    obj: Obj = _message(name)(raw)
    return {"apiVersion": api_version, "kind": kind, **obj}


@cache
def _message(name: str) -> Reader:
    """A reader of a type by its OpenAPI name."""
    if name in _SPECIAL:
        return _SPECIAL[name]
    if not isinstance(schema_facts()["types"].get(name), dict):
        return _read_raw
    table: dict[int, Any] = {}

    def read(value: Raw) -> Json:
        if not table:  # at first use: types contain themselves
            table.update(_table(name))
        out: Obj = {}
        _read_fields(_as_bytes(value), table, out)
        return out

    return read


def _table(name: str) -> dict[int, Any]:
    """Field numbers of a type: to a field, or to a further table where protobuf nests what JSON inlines."""
    fields, wire = schema_facts()["types"][name]["fields"], wire_facts()[name]
    table: dict[int, Any] = {}
    for key, row in wire.items():
        spec = fields.get(key)
        if spec is None:
            continue
        text = spec if isinstance(spec, str) else spec["type"]
        *outer, last = (int(part) for part in row.split(" ")[0].split("/"))
        place = table
        for number in outer:
            place = place.setdefault(number, {})
        place[last] = (key, *_reader(text))
    return table


def _reader(text: str) -> tuple[str, Reader]:
    """How a field of a type is gathered (one, many, by key) and how each value is read."""
    if text.startswith("[]"):
        return "many", _value(text[2:])
    if text.startswith("{}"):
        return "keyed", _entry(text[2:])
    return "one", _value(text)


def _value(text: str) -> Reader:
    if text.startswith("&"):
        return _message(text[1:])
    return _PLAIN.get(text, _read_raw)


def _entry(text: str) -> Reader:
    """A map's entry: key 1, value 2; a list as value is wrapped in a message of its own."""
    inner = _value(text.removeprefix("[]"))

    def read(value: Raw) -> Json:
        found = {number: item for number, _, item in _fields(_as_bytes(value))}
        key, item = _text(found.get(1, b"")), found.get(2, b"")
        if text.startswith("[]"):
            return key, [inner(one) for number, _, one in _fields(_as_bytes(item)) if number == 1]
        return key, inner(item)

    return read


def _read_fields(data: bytes, table: dict[int, Any], out: Obj) -> None:
    for number, wire_type, value in _fields(data):
        known = table.get(number)
        if isinstance(known, dict):
            _read_fields(_as_bytes(value), known, out)
        elif known is not None:
            key, gathering, read = known
            if gathering == "one":
                out[key] = read(value)
            elif gathering == "many":
                values = _unpacked(value) if wire_type == _BYTES and read in _NUMBERS else [value]
                out.setdefault(key, []).extend(read(one) for one in values)
            else:
                name, item = read(value)
                out.setdefault(key, {})[name] = item


def _fields(data: bytes) -> Iterator[tuple[int, int, Raw]]:
    """Number, wire type and value of each field of a message."""
    position, end = 0, len(data)
    while position < end:
        tag, position = _varint(data, position)
        number, wire_type = tag >> 3, tag & 7
        value: Raw
        if wire_type == _VARINT:
            value, position = _varint(data, position)
        elif wire_type == _BYTES:
            length, position = _varint(data, position)
            if position + length > end:
                raise ProtobufError("unexpected EOF")
            value, position = data[position : position + length], position + length
        elif wire_type in (_FIXED64, _FIXED32):
            width = 8 if wire_type == _FIXED64 else 4
            value, position = data[position : position + width], position + width
        else:
            raise ProtobufError(f"illegal wireType {wire_type}")
        yield number, wire_type, value


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            return value, position
        shift += 7


def _unpacked(value: Raw) -> list[Raw]:
    data, position = _as_bytes(value), 0
    values: list[Raw] = []
    while position < len(data):
        number, position = _varint(data, position)
        values.append(number)
    return values


def _as_bytes(value: Raw) -> bytes:
    if not isinstance(value, bytes):
        raise ProtobufError("wrong wireType")
    return value


def _text(value: Raw) -> str:
    return _as_bytes(value).decode()


def _integer(value: Raw) -> int:
    if isinstance(value, bytes):
        raise ProtobufError("wrong wireType")
    return value - (1 << 64) if value >= 1 << 63 else value


def _boolean(value: Raw) -> bool:
    return bool(_integer(value))


def _double(value: Raw) -> float:
    number: float = struct.unpack("<d", _as_bytes(value))[0]
    return number


def _base64(value: Raw) -> str:
    return base64.b64encode(_as_bytes(value)).decode()


def _parts(value: Raw) -> dict[int, Raw]:
    return {number: item for number, _, item in _fields(_as_bytes(value))}


def _quantity(value: Raw) -> str:
    return _text(_parts(value).get(1, b""))


def _int_or_string(value: Raw) -> int | str:
    parts = _parts(value)
    return _text(parts.get(3, b"")) if parts.get(1) else _integer(parts.get(2, 0))


def _time(value: Raw) -> str | None:
    parts = _parts(value)
    return rfc3339(_integer(parts[1])) if 1 in parts else None


def _micro_time(value: Raw) -> str | None:
    parts = _parts(value)
    if 1 not in parts:
        return None
    return f"{rfc3339(_integer(parts[1]))[:-1]}.{_integer(parts.get(2, 0)) // 1000:06d}Z"


def _read_raw(value: Raw) -> Json:
    """Free-form JSON travels as its text."""
    raw = _parts(value).get(1, b"null")
    return json.loads(_as_bytes(raw))


_PLAIN: dict[str, Reader] = {
    "string": _text,
    "boolean": _boolean,
    "integer:int32": _integer,
    "integer:int64": _integer,
    "number:double": _double,
    "string:byte": _base64,
}
_NUMBERS = (_integer, _boolean)
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_SPECIAL: dict[str, Reader] = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": _quantity,
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": _int_or_string,
    f"{_META}Time": _time,
    f"{_META}MicroTime": _micro_time,
}
