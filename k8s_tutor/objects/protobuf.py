"""Kubernetes' protobuf, read: request bodies of clients that prefer it, such as `kubectl create deployment`.

Law: pure; bytes in, an object or `Malformed` in the words of a real server's decoder out. Nothing is written in
protobuf: answers are JSON, which every client takes. The built-in types are read off the wire by their field numbers.

The facts are in `objects/facts/protobuf.json`, see `scripts/facts/protobuf.py`; a message is made of them when
first met.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Protocol

from k8s_tutor.objects.protobuf_wire import (
    BYTES,
    FIXED64,
    SPECIAL,
    VARINT,
    Data,
    Envelope,
    Malformed,
    chunk,
    double,
    signed32,
    signed64,
    skip,
    tag,
    varint,
)
from k8s_tutor.objects.schema import builtin_schema
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Message", "message_named", "protobuf_facts", "read_object"]

_DEEPEST = 100  # messages inside messages; schemas of schemas are the deepest there are


def read_object(envelope: Envelope) -> Obj | None:
    """The object in an envelope; None for a kind that is not built in.

    It has what the same client's JSON would have, but no empty lists and maps: protobuf does not tell them from none.

    Raises:
        Malformed: the bytes are no such object.
    """
    found = builtin_schema().kind(envelope.api_version, envelope.kind)
    message = found and message_named(found.name)
    if not message:
        return None
    obj: Obj = {"apiVersion": envelope.api_version, "kind": envelope.kind}
    message.merge(envelope.message, obj, 0)
    return obj


class _Value(Protocol):
    """How one value is written.

    Attributes:
        wire_type: What announces it.
        empty: What a map holds where an entry has no value.
    """

    wire_type: int

    @property
    def empty(self) -> Json: ...

    def read(self, data: Data, at: int, depth: int) -> tuple[Json, int]: ...


@dataclass(slots=True)
class _Scalar:
    wire_type: int
    empty: Json
    decode: Callable[[Data, int], tuple[Json, int]]

    def read(self, data: Data, at: int, depth: int) -> tuple[Json, int]:
        return self.decode(data, at)


@dataclass(slots=True)
class _Field:
    """A field of a message, which takes what it finds at a place into an object.

    Attributes:
        json: Its JSON name.
        go: Its name in Go, for complaints.
        value: How it is written.
        omitted: JSON leaves an empty value out.
    """

    json: str
    go: str
    value: _Value
    omitted: bool = False

    def take(self, data: Data, at: int, wire_type: int, into: Obj, depth: int) -> int:
        """The place behind it. The last value counts.

        Raises:
            Malformed: something else is there.
        """
        self._expect(wire_type, self.value.wire_type)
        value, at = self.value.read(data, at, depth)
        if value or not self.omitted:
            into[self.json] = value
        else:
            into.pop(self.json, None)
        return at

    def _expect(self, wire_type: int, expected: int) -> None:
        if wire_type != expected:
            raise Malformed(f"proto: wrong wireType = {wire_type} for field {self.go}")


class _Repeated(_Field):
    """A list; numbers may come packed."""

    __slots__ = ()

    def take(self, data: Data, at: int, wire_type: int, into: Obj, depth: int) -> int:
        value, items = self.value, into.setdefault(self.json, [])
        if wire_type == BYTES != value.wire_type:
            packed, end = chunk(data, at)
            place = 0
            while place < len(packed):
                item, place = value.read(packed, place, depth)
                items.append(item)
            return end
        self._expect(wire_type, value.wire_type)
        item, at = value.read(data, at, depth)
        items.append(item)
        return at


class _Map(_Field):
    """A map from strings: one entry at a time, its key and its value being fields 1 and 2."""

    __slots__ = ()

    def take(self, data: Data, at: int, wire_type: int, into: Obj, depth: int) -> int:
        self._expect(wire_type, BYTES)
        entry, end = chunk(data, at)
        key, value, place = "", self.value.empty, 0
        while place < len(entry):
            start = place
            number, place = varint(entry, start)
            if number >> 3 == 1:
                key, place = _string(entry, place)
            elif number >> 3 == 2:
                value, place = self.value.read(entry, place, depth)
            else:
                place = skip(entry, start)
        into.setdefault(self.json, {})[key] = value
        return end


@dataclass(slots=True)
class Message:
    """A type of message.

    Attributes:
        go: Go's name of it.
        fields: By number.
        finish: What becomes of the fields in JSON, where it is not an object of them.
    """

    go: str
    fields: dict[int, _Field] = field(default_factory=dict)
    finish: Callable[[Obj], Json] | None = None

    wire_type = BYTES

    @property
    def empty(self) -> Json:
        """What no bytes mean."""
        return {} if self.finish is None else self.finish({})

    def read(self, data: Data, at: int, depth: int) -> tuple[Json, int]:
        """The message behind a length, and the place behind it.

        Raises:
            Malformed: it is none.
        """
        body, end = chunk(data, at)
        return self.decode(body, depth), end

    def decode(self, data: Data, depth: int = 0) -> Json:
        """What the bytes of a message say in JSON.

        Raises:
            Malformed: they are no such message.
        """
        found: Obj = {}
        self.merge(data, found, depth)
        return found if self.finish is None else self.finish(found)

    def merge(self, data: Data, into: Obj, depth: int) -> None:
        """Takes the fields of a message into an object that may have some already.

        Raises:
            Malformed: the bytes are no such message.
        """
        if depth >= _DEEPEST:
            raise Malformed(f"proto: {self.go}: more than {_DEEPEST} messages inside each other")
        at = 0
        while at < len(data):
            start = at
            number, wire_type, at = tag(self.go, data, start)
            known = self.fields.get(number)
            at = skip(data, start) if known is None else known.take(data, at, wire_type, into, depth + 1)


class _Nested(_Field):
    """One message in another: a second one is merged into the first."""

    __slots__ = ()

    value: Message

    def take(self, data: Data, at: int, wire_type: int, into: Obj, depth: int) -> int:
        self._expect(wire_type, BYTES)
        body, end = chunk(data, at)
        self.value.merge(body, into if self.json == "-" else into.setdefault(self.json, {}), depth)
        return end


def message_named(name: str) -> Message | None:
    """The message of a type by its OpenAPI name (`io.k8s.api.core.v1.Pod`); None for a type without protobuf."""
    found = _messages.get(name)
    if found is None and (row := protobuf_facts()["messages"].get(name)) is not None:
        found = _messages[name] = Message(name.rpartition(".")[2], finish=SPECIAL.get(name))
        package = name.rpartition(".")[0]
        if isinstance(row, str):  # Go calls it a list
            found.finish = _items
            row = {"1": f"items {row}"}
        for number, text in row.items():
            found.fields[int(number)] = _field(package, *text.split(" "))
    return found


@cache
def protobuf_facts() -> Any:
    """The release the facts are of, and the messages behind all built-in kinds."""
    text = resources.files("k8s_tutor.objects").joinpath("facts/protobuf.json").read_text(encoding="utf-8")
    return json.loads(text)


_messages: dict[str, Message] = {}  # some contain themselves, such as JSONSchemaProps


def _field(package: str, name: str, kind: str, go: str = "") -> _Field:
    go = go or name[:1].upper() + name[1:]
    omitted, kind = kind.endswith("?"), kind.removesuffix("?")
    form, kind = (kind[:2], kind[2:]) if kind[:2] in ("[]", "{}") else ("", kind)
    value = _message(package, kind[1:]) if kind.startswith("&") else _SCALARS[kind]
    if form:
        return (_Repeated if form == "[]" else _Map)(name, go, value)
    if isinstance(value, Message) and value.finish is None:
        return _Nested(name, go, value)
    return _Field(name, go, value, omitted)


def _message(package: str, name: str) -> Message:
    found = message_named(name if "." in name else f"{package}.{name}")
    assert found is not None, f"no message {name}"
    return found


def _items(fields: Obj) -> Json:
    return fields.get("items", [])


def _string(data: Data, at: int) -> tuple[str, int]:
    found, at = chunk(data, at)
    return str(found, "utf-8", "replace"), at


def _bytes(data: Data, at: int) -> tuple[Json, int]:
    found, at = chunk(data, at)
    return base64.b64encode(found).decode("ascii"), at


def _bool(data: Data, at: int) -> tuple[Json, int]:
    found, at = varint(data, at)
    return found != 0, at


def _int32(data: Data, at: int) -> tuple[Json, int]:
    found, at = varint(data, at)
    return signed32(found), at


def _int64(data: Data, at: int) -> tuple[Json, int]:
    found, at = varint(data, at)
    return signed64(found), at


def _double(data: Data, at: int) -> tuple[Json, int]:
    found, at = double(data, at)
    if not math.isfinite(found):
        raise Malformed(f"json: unsupported value: {found}")
    return int(found) if found.is_integer() and abs(found) < 1e15 else found, at  # Go writes 5, not 5.0


_SCALARS: dict[str, _Scalar] = {
    "string": _Scalar(BYTES, "", _string),
    "bytes": _Scalar(BYTES, "", _bytes),
    "bool": _Scalar(VARINT, False, _bool),
    "int32": _Scalar(VARINT, 0, _int32),
    "int64": _Scalar(VARINT, 0, _int64),
    "double": _Scalar(FIXED64, 0, _double),
}
