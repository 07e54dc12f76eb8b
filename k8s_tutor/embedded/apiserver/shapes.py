"""Types as Go decodes them: one walk that checks types, drops what is unknown or empty, and copies.

What comes out is what a real server would store: null and empty values left out unless the field says otherwise,
structs that Go always writes there (`status: {}`), quantities and times in their canonical form.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Protocol, TypeAlias

from k8s_tutor.clock import from_rfc3339, rfc3339
from k8s_tutor.objects import quantity
from k8s_tutor.objects.gojson import Doubled, Huge, canonical
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "Anything",
    "At",
    "Bytes",
    "Field",
    "Inlined",
    "IntOrString",
    "Integer",
    "List",
    "Map",
    "Mistyped",
    "Quantity",
    "Report",
    "Scalar",
    "Shape",
    "Struct",
    "Time",
    "free_form",
    "spell",
]

At: TypeAlias = "tuple[At, str | int] | None"
"""A place in an object: the place around it and the key, innermost last; cheap to build on the way down."""


class Mistyped(Exception):
    """A value that does not fit its field; the message is the decoder's."""


@dataclass(slots=True)
class Report:
    """What strict decoding complains about: `unknown field "spec.foo"`, `duplicate field "data.a"`."""

    complaints: list[str] = field(default_factory=list)

    def unknown(self, at: At) -> None:
        """A field the type does not have."""
        self.complaints.append(f'unknown field "{spell(at)}"')

    def doubled(self, at: At, value: Json) -> None:
        """A JSON object that may hold doubled keys."""
        if isinstance(value, Doubled):
            self.complaints += [f'duplicate field "{spell((at, key))}"' for key in value.doubles]


class Shape(Protocol):
    """A type of value."""

    def read(self, value: Json, at: At, report: Report) -> Json:
        """A checked, canonical copy of a value that is not null.

        Raises:
            Mistyped: the value does not fit.
        """
        ...


class Inlined(str):
    """The name of a field that stands in a struct which Go's type inlines; its decoder names that one on the way."""

    struct: str

    def __new__(cls, name: str, struct: str) -> Inlined:
        """The field's name and the inlined struct's."""
        inlined = super().__new__(cls, name)
        inlined.struct = struct
        return inlined


@dataclass(slots=True)
class Field:
    """One field of a struct: its name, its shape, its Go type, whether its empty value is kept, its step in a path."""

    name: str
    shape: Shape
    go: str
    keep: bool
    step: str


@dataclass(slots=True)
class Struct:
    """An object with known fields.

    Attributes:
        name: Go's name of it.
        fields: By JSON name.
        always: Fields that Go writes even when nobody set them: structs, and scalars without `omitempty`.
    """

    name: str
    fields: dict[str, Field] = field(default_factory=dict)
    always: tuple[tuple[str, Struct | str | int | None], ...] = ()

    def read(self, value: Json, at: At, report: Report) -> Obj:
        """See `Shape`."""
        if type(value) is not dict:
            if not isinstance(value, dict):
                raise _mistyped(value, at, self, f"v1.{self.name}")
            report.doubled(at, value)
        out: Obj = {}
        for key, item in value.items():
            known = self.fields.get(key)
            if known is None:
                report.unknown((at, key))
                continue
            if item is None:
                continue
            try:
                read = known.shape.read(item, (at, known.step), report)
            except _Unfit as unfit:
                raise unfit.explained(self, (at, known.step), known.go) from None
            if read or known.keep:
                out[known.name] = read  # one string for all objects: a decoder makes its own each time
        for key, empty in self.always:
            if key not in out:
                out[key] = empty.read({}, at, report) if isinstance(empty, Struct) else empty
        return out


class _Unfit(Exception):
    """A scalar, list or map of the wrong type; the struct around it knows the words."""

    def __init__(self, got: str, want: str = "") -> None:
        self.got = got
        self.want = want

    def explained(self, struct: Struct, at: At, go: str) -> Mistyped:
        """The decoder's message: `cannot unmarshal string into Go struct field …`."""
        steps = (part for part in _parts(at) if isinstance(part, str))
        path = ".".join(f"{step.struct}.{step}" if isinstance(step, Inlined) else step for step in steps)
        return Mistyped(
            f"json: cannot unmarshal {self.got} into Go struct field {struct.name}.{path} of type {self.want or go}"
        )


@dataclass(slots=True)
class Scalar:
    """A string, integer, number or boolean."""

    python: type

    def read(self, value: Json, at: At, report: Report) -> Json:
        """See `Shape`."""
        if type(value) is self.python:
            return value
        if self.python is float and type(value) is int:
            return value
        raise _Unfit(_json_type(value) if not isinstance(value, float) else f"number {value}")


@dataclass(slots=True)
class Integer(Scalar):
    """An integer of so many bits."""

    python: type = int
    bits: int = 64

    def read(self, value: Json, at: At, report: Report) -> Json:
        """See `Shape`."""
        most = 1 << (self.bits - 1)
        if type(value) is int and -most <= value < most:
            return value
        number = isinstance(value, int | float) and not isinstance(value, bool)
        raise _Unfit(f"number {value}" if number else _json_type(value))


@dataclass(slots=True)
class List:
    """A list of one shape."""

    item: Shape
    go: str

    def read(self, value: Json, at: At, report: Report) -> Json:
        """See `Shape`."""
        if not isinstance(value, list):
            raise _Unfit(_json_type(value))
        read = self.item.read
        try:
            return [
                _empty(self.item) if item is None else read(item, (at, index), report)
                for index, item in enumerate(value)
            ]
        except _Unfit as unfit:
            unfit.want = unfit.want or self.go.removeprefix("[]")
            raise


@dataclass(slots=True)
class Map:
    """A map from strings to one shape."""

    item: Shape
    go: str

    def read(self, value: Json, at: At, report: Report) -> Json:
        """See `Shape`."""
        if type(value) is not dict:
            if not isinstance(value, dict):
                raise _Unfit(_json_type(value))
            report.doubled(at, value)
        read = self.item.read
        try:
            return {key: _empty(self.item) if item is None else read(item, at, report) for key, item in value.items()}
        except _Unfit as unfit:
            unfit.want = unfit.want or self.go.partition("]")[2]
            raise


class Anything:
    """Free-form JSON."""

    def read(self, value: Json, at: At, report: Report) -> Json:
        """See `Shape`."""
        return free_form(value)


def free_form(value: Json) -> Json:
    """A copy of free-form JSON, its numbers as Go keeps them: what 64 bits cannot hold becomes a float64.

    Raises:
        Mistyped: a number is beyond that, too.
    """
    if isinstance(value, dict):
        return {key: free_form(item) for key, item in value.items()}
    if isinstance(value, list):
        return [free_form(item) for item in value]
    if isinstance(value, Huge):
        raise Mistyped(f"json: cannot unmarshal number {value} into Go value of type float64")
    if type(value) is int and not _INT64 <= value < -_INT64:
        return float(value) if abs(value) >= _LONG else int(Decimal(repr(float(value))))  # its shortest digits
    return value


class Quantity:
    """`500m`, `1Gi`; a number is accepted."""

    def read(self, value: Json, at: At, report: Report) -> Json:
        """See `Shape`."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise Mistyped(
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            )
        try:
            return _canonical(str(value))
        except ValueError as error:
            raise Mistyped(str(error)) from None


class IntOrString:
    """`80` or `http`, `25%`."""

    def read(self, value: Json, at: At, report: Report) -> Json:
        """See `Shape`."""
        if type(value) is int or type(value) is str:
            return value
        raise _Unfit(_json_type(value), "int32")


@dataclass(slots=True)
class Time:
    """An RFC 3339 time, in whole seconds or in microseconds, kept in UTC."""

    micro: bool = False

    def read(self, value: Json, at: At, report: Report) -> Json:
        """See `Shape`."""
        if type(value) is not str:
            raise Mistyped(f"json: cannot unmarshal {_json_type(value)} into Go value of type string")
        if (_MICRO if self.micro else _SECONDS).fullmatch(value):
            return value
        try:
            seconds = from_rfc3339(value)
        except ValueError:
            raise Mistyped(
                f'parsing time "{value}" as "2006-01-02T15:04:05Z07:00": cannot parse "{value}" as "2006"'
            ) from None
        fraction = _FRACTION.search(value)
        if self.micro and fraction and len(fraction[1] or "") != len(".000000"):
            layout = "2006-01-02T15:04:05.000000Z07:00"
            raise Mistyped(f'parsing time "{value}" as "{layout}": cannot parse "{fraction[0]}" as ".000000"')
        text = rfc3339(math.floor(seconds))
        return f"{text[:-1]}.{round((seconds % 1) * 1e6):06d}Z" if self.micro else text


class Bytes:
    """Base64 text."""

    def read(self, value: Json, at: At, report: Report) -> Json:
        """See `Shape`."""
        if type(value) is not str:
            raise _Unfit(_json_type(value), "[]uint8")
        try:
            return canonical(value)
        except ValueError as error:
            raise Mistyped(str(error)) from None


_INT64 = -(2**63)
_LONG = 10**21  # from here on Go writes a float64 with an exponent


def _empty(shape: Shape) -> Json:
    """What Go makes of null where a list or a map has an item of this shape."""
    if isinstance(shape, Struct):
        return shape.read({}, None, Report())
    if isinstance(shape, Scalar):
        return shape.python()
    return {Bytes: "", Quantity: "0", IntOrString: 0, List: [], Map: {}}.get(type(shape))


def spell(at: At) -> str:
    """A place as Kubernetes writes it: `spec.containers[0].image`."""
    text = ""
    for part in _parts(at):
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_MICRO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_FRACTION = re.compile(r"(\.\d*)?(Z|[+-]\d\d:\d\d)$")


def _parts(at: At) -> list[str | int]:
    parts: list[str | int] = []
    while at is not None:
        at, part = at
        parts.append(part)
    return parts[::-1]


def _json_type(value: Json) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, Huge):
        return "number"
    return {str: "string", int: "number", float: "number", list: "array"}.get(type(value), "object")


def _mistyped(value: Json, at: At, struct: Struct, go: str) -> Exception:
    return (
        _Unfit(_json_type(value))
        if at
        else Mistyped(f"json: cannot unmarshal {_json_type(value)} into Go value of type {go}")
    )


@cache
def _canonical(text: str) -> str:
    return quantity.canonical(text)
