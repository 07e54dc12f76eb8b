"""Protobuf's wire format: varints, lengths, tags, and stepping over fields nobody knows.

A place is an index into the data. Complaints are those of the decoders that Kubernetes generates, word for word.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from k8s_tutor.objects.quantity import QuantityError, canonical
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "BYTES",
    "FIXED64",
    "SPECIAL",
    "VARINT",
    "Data",
    "Envelope",
    "Malformed",
    "chunk",
    "double",
    "open_envelope",
    "signed32",
    "signed64",
    "skip",
    "tag",
    "varint",
]

Data: TypeAlias = "memoryview[int]"

VARINT, FIXED64, BYTES, _GROUP, _END_GROUP, _FIXED32 = range(6)

_FIXED = {FIXED64: 8, _FIXED32: 4}
_LONGEST = 10  # bytes of a varint


class Malformed(ValueError):
    """Data that is no protobuf of the expected message; the message is the decoder's."""


def varint(data: Data, at: int) -> tuple[int, int]:
    """An unsigned number of 64 bits, and the place behind it.

    Raises:
        Malformed: it is too long, or ends too early.
    """
    value = 0
    for index in range(_LONGEST):
        if at >= len(data):
            raise Malformed("unexpected EOF")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
    raise Malformed("proto: integer overflow")


def chunk(data: Data, at: int) -> tuple[Data, int]:
    """The bytes behind a length, and the place behind them.

    Raises:
        Malformed: there are not so many.
    """
    length, at = varint(data, at)
    end = at + length
    if end >> 63:
        raise Malformed("proto: negative length found during unmarshaling")
    if end > len(data):
        raise Malformed("unexpected EOF")
    return data[at:end], end


def double(data: Data, at: int) -> tuple[float, int]:
    """A number of eight bytes, and the place behind it.

    Raises:
        Malformed: the data ends before.
    """
    if at + 8 > len(data):
        raise Malformed("unexpected EOF")
    return struct.unpack_from("<d", data, at)[0], at + 8


def tag(message: str, data: Data, at: int) -> tuple[int, int, int]:
    """What comes next in a message: the field's number, its wire type, and the place behind the two.

    Args:
        message: Go's name of the message, for complaints.
        data: All of its bytes.
        at: Where a field begins.

    Raises:
        Malformed: none does.
    """
    value, at = varint(data, at)
    number, wire_type = signed32(value >> 3), value & 7
    if wire_type == _END_GROUP:
        raise Malformed(f"proto: {message}: wiretype end group for non-group")
    if number <= 0:
        raise Malformed(f"proto: {message}: illegal tag {number} (wire type {value})")
    return number, wire_type, at


def skip(data: Data, at: int) -> int:
    """The place behind the field that begins at one, groups with all they hold.

    Raises:
        Malformed: the field is none, or ends too early.
    """
    depth = 0
    while True:
        value, at = varint(data, at)
        wire_type = value & 7
        if wire_type == VARINT:
            _, at = varint(data, at)
        elif wire_type == BYTES:
            _, at = chunk(data, at)
        elif wire_type in _FIXED:
            at += _FIXED[wire_type]
        elif wire_type == _GROUP:
            depth += 1
        elif wire_type == _END_GROUP:
            depth -= 1
        else:
            raise Malformed(f"proto: illegal wireType {wire_type}")
        if depth < 0:
            raise Malformed("proto: unexpected end of group")
        if at > len(data):
            raise Malformed("unexpected EOF")
        if depth == 0:
            return at


def signed64(value: int) -> int:
    """The lowest 64 bits as Go's `int64`."""
    value &= 0xFFFFFFFFFFFFFFFF
    return value - (1 << 64) if value >> 63 else value


def signed32(value: int) -> int:
    """The lowest 32 bits as Go's `int32`."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


# ---- The envelope that Kubernetes puts around protobuf: four bytes, then `runtime.Unknown` with a kind and a message

_PREFIX = b"k8s\0"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is in a body: `apiVersion` and `kind` (`""` where the sender leaves it to the address), and a message."""

    api_version: str
    kind: str
    message: Data


def open_envelope(body: bytes) -> Envelope:
    """The envelope in a request's body.

    Raises:
        Malformed: there is none, in the decoder's words.
    """
    if not body:
        raise Malformed("empty data")
    if not body.startswith(_PREFIX):
        shown = " ".join(str(byte) for byte in _PREFIX)
        raise Malformed(f"provided data does not appear to be a protobuf message, expected prefix [{shown}]")
    if len(body) == len(_PREFIX):
        raise Malformed("empty body")
    found = _chunks("Unknown", memoryview(body)[len(_PREFIX) :], ("TypeMeta", "Raw", "ContentEncoding", "ContentType"))
    about = _chunks("TypeMeta", found.get("TypeMeta", memoryview(b"")), ("APIVersion", "Kind"))
    api_version, kind = (str(about.get(name, b""), "utf-8", "replace") for name in ("APIVersion", "Kind"))
    return Envelope(api_version, kind, found.get("Raw", memoryview(b"")))


def _chunks(message: str, data: Data, fields: tuple[str, ...]) -> dict[str, Data]:
    """The fields of a message that has but strings, bytes and messages, numbered from 1."""
    found: dict[str, Data] = {}
    at = 0
    while at < len(data):
        start = at
        number, wire_type, at = tag(message, data, start)
        if number > len(fields):
            at = skip(data, start)
            continue
        if wire_type != BYTES:
            raise Malformed(f"proto: wrong wireType = {wire_type} for field {fields[number - 1]}")
        found[fields[number - 1]], at = chunk(data, at)
    return found


# ---- Messages whose JSON is not the object of their fields: times, quantities, free-form JSON, this or that
#
# Each function takes the decoded fields and answers what Go writes for them.

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO_TIME = datetime(1, 1, 1, tzinfo=UTC)  # Go's: written as null


def _time(fields: Obj) -> Json:
    when = _moment(fields)
    return when and f"{when:%Y-%m-%dT%H:%M:%S}Z".zfill(20)


def _micro_time(fields: Obj) -> Json:
    when = _moment(fields)
    return when and f"{when + timedelta(microseconds=_micros(fields)):%Y-%m-%dT%H:%M:%S.%f}Z".zfill(27)


def _moment(fields: Obj) -> datetime | None:
    if not fields:
        return None
    try:
        when = _EPOCH + timedelta(seconds=fields.get("seconds", 0))
        when + timedelta(microseconds=_micros(fields))
    except OverflowError:  # Go writes years beyond 9999, which no client reads again
        raise Malformed("Time.MarshalJSON: year outside of range [0,9999]") from None
    return None if when == _ZERO_TIME else when


def _micros(fields: Obj) -> int:
    return int(fields.get("nanos", 0) / 1000)  # towards zero, as Go truncates


def _quantity(fields: Obj) -> Json:
    if "string" not in fields:
        return "0"
    try:
        return canonical(fields["string"])
    except QuantityError as error:
        raise Malformed(str(error)) from None


def _int_or_string(fields: Obj) -> Json:
    kind = fields.get("type", 0)
    if kind == 0:
        return fields.get("intVal", 0)
    if kind == 1:
        return fields.get("strVal", "")
    raise Malformed("impossible IntOrString.Type")


def _free_form(fields: Obj) -> Json:
    text = base64.b64decode(fields.get("raw", ""))
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError) as error:
        raise Malformed(f"json: error calling MarshalJSON for type runtime.RawExtension: {error}") from None


def _owned_fields(fields: Obj) -> Json:
    """Who owns what; a server takes ownership that it cannot read for none at all."""
    try:
        return _free_form({"raw": fields.get("Raw", "")})
    except Malformed:
        return None


def _schema_or_bool(fields: Obj) -> Json:
    return fields["schema"] if "schema" in fields else fields.get("allows", False)


def _schema_or_schemas(fields: Obj) -> Json:
    return fields.get("jSONSchemas") or fields.get("schema")


def _schema_or_strings(fields: Obj) -> Json:
    return fields.get("property") or fields.get("schema")


_EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1"

SPECIAL: dict[str, Callable[[Obj], Json]] = {
    f"{_META}.Time": _time,
    f"{_META}.MicroTime": _micro_time,
    f"{_META}.FieldsV1": _owned_fields,
    "io.k8s.apimachinery.pkg.api.resource.Quantity": _quantity,
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": _int_or_string,
    "io.k8s.apimachinery.pkg.runtime.RawExtension": _free_form,
    f"{_EXTENSIONS}.JSON": _free_form,
    f"{_EXTENSIONS}.JSONSchemaPropsOrBool": _schema_or_bool,
    f"{_EXTENSIONS}.JSONSchemaPropsOrArray": _schema_or_schemas,
    f"{_EXTENSIONS}.JSONSchemaPropsOrStringArray": _schema_or_strings,
}
"""By OpenAPI name."""
