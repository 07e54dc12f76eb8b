"""The types of variables: an object's structural schema becomes message types that the checker knows the fields of."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from k8s_tutor.objects.types import Obj

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

__all__ = [
    "DYN",
    "OPAQUE",
    "CelType",
    "Descriptors",
    "Function",
    "Row",
    "content",
    "declared",
    "escaped",
    "optional_of",
    "spellings",
    "wrapped",
]

OPAQUE = (
    "kubernetes.Quantity",
    "kubernetes.URL",
    "kubernetes.Semver",
    "kubernetes.NamedFormat",
    "net.IP",
    "net.CIDR",
)
"""Kubernetes' own types; objects without fields to the checker."""

_RESERVED = frozenset(
    (
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    )
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_ESCAPES = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))
_TIMES = {"date-time": "timestamp", "date": "timestamp", "duration": "duration", "byte": "bytes"}
_SCALARS = {"string": "string", "integer": "int", "number": "double", "boolean": "bool"}


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a message: its name and the type it has."""

    name: str
    type: CelType


@dataclass(frozen=True, slots=True)
class CelType:
    """A type in CEL.

    Attributes:
        signature: As the compiler writes it: `int`, `list<string>`, the name of a message.
        messages: The messages it is made of, by name.
        labels: What Kubernetes calls these messages.
        schema: The OpenAPI schema it came from; None for `dyn`.
        optional: It may have no value.
    """

    signature: str
    messages: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    schema: Obj | None = None
    optional: bool = False


DYN = CelType("dyn")
"""Whatever comes: checked when evaluated."""


def escaped(name: str) -> str | None:
    """A field's name as expressions write it; None for one that they cannot.

    >>> escaped("x-y"), escaped("namespace"), escaped("a__b"), escaped("a b")
    ('x__dash__y', '__namespace__', 'a__underscores__b', None)
    """
    if name in _RESERVED:
        return f"__{name}__"
    if not _NAME.fullmatch(name):
        return None
    for sign, words in _ESCAPES:
        name = name.replace(sign, words)
    return name


def spellings(name: str) -> tuple[str, ...]:
    """Every way in which expressions may write a field's name: words the language keeps for later also as they are.

    >>> spellings("namespace"), spellings("in"), spellings("a b")
    (('__namespace__', 'namespace'), ('__in__',), ())
    """
    found = escaped(name)
    if found is None:
        return ()
    return (found, name) if name in _RESERVED and name not in ("true", "false", "null", "in") else (found,)


def declared(schema: Obj, *, root: bool = False) -> CelType:
    """The type of what a structural schema describes.

    Args:
        schema: The schema.
        root: It describes whole objects: expressions see apiVersion, kind and the name in metadata, too.
    """
    number = zlib.crc32(json.dumps(schema, sort_keys=True, default=str).encode())
    maker = _Maker(f"selfType{number}")
    found = maker.made(_whole(schema) if root else schema, maker.name) or DYN
    return CelType(found.signature, dict(maker.messages), dict(maker.labels), schema)


def optional_of(inner: CelType) -> CelType:
    """The type of a variable that may have no value: `oldSelf` of rules that say so."""
    return CelType(f"optional_type<{inner.signature}>", inner.messages, inner.labels, inner.schema, optional=True)


class _Maker:
    """Collects the messages of one type."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.messages: dict[str, tuple[Row, ...]] = {}
        self.labels: dict[str, str] = {}

    def made(self, schema: Obj, label: str) -> CelType | None:
        """A schema's type; None where expressions see nothing (unknown types)."""
        if schema.get("x-kubernetes-int-or-string"):
            return DYN
        if schema.get("x-kubernetes-embedded-resource"):
            schema = _whole(schema)
        kind = str(schema.get("type", ""))
        if kind == "object":
            return self._object(schema, label)
        if kind == "array":
            items = schema.get("items")
            item = self.made(items, f"{label}.@idx") if isinstance(items, dict) else None
            return CelType(f"list<{item.signature}>") if item else None
        if kind == "string" and schema.get("format") in _TIMES:
            return CelType(_TIMES[schema["format"]])
        return CelType(_SCALARS[kind]) if kind in _SCALARS else None

    def _object(self, schema: Obj, label: str) -> CelType | None:
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            value = self.made(extra, f"{label}.@elem")
            return CelType(f"map<string, {value.signature}>") if value else None
        name = f"{self.name}_{len(self.messages)}_"
        self.messages[name] = ()
        self.labels[name] = label
        self.messages[name] = tuple(self._rows(schema.get("properties") or {}, label))
        return CelType(name)

    def _rows(self, properties: Mapping[str, Any], label: str) -> Iterator[Row]:
        for key, inner in properties.items():
            names = spellings(key)
            found = self.made(inner, f"{label}.{names[0]}") if names else None
            if found:
                yield from (Row(name, found) for name in names)


def _whole(schema: Obj) -> Obj:
    """A schema of whole objects: of the metadata, expressions see only the name."""
    text = {"type": "string"}
    name = {"type": "object", "properties": {"name": text, "generateName": text}}
    properties = {**(schema.get("properties") or {}), "apiVersion": text, "kind": text, "metadata": name}
    return {**schema, "type": "object", "properties": properties, "x-kubernetes-embedded-resource": False}


# ---- Message types as the compiler reads them: descriptors of protobuf, made on the fly

_WELL_KNOWN = {
    "timestamp": "google.protobuf.Timestamp",
    "duration": "google.protobuf.Duration",
    "dyn": "google.protobuf.Value",
}
_IMPORTS = ("google/protobuf/timestamp.proto", "google/protobuf/duration.proto", "google/protobuf/struct.proto")


class _File:
    """A file of descriptors, in the bytes that the compiler asks for."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self.serialized_pb = file.SerializeToString()


class Descriptors:
    """Answers the compiler's questions for message types, as a descriptor pool does."""

    def __init__(self, types: Iterable[CelType]) -> None:
        from google.protobuf.descriptor_pb2 import FileDescriptorProto  # noqa: PLC0415 — with the first expression

        self._files: dict[str, _File] = {}
        self._symbols: dict[str, _File] = {}
        for package in ("kubernetes", "net"):
            file = FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto2")
            names = [name for name in OPAQUE if name.startswith(f"{package}.")]
            for name in names:
                file.message_type.add(name=name.rpartition(".")[2])
            self._keep(file, names)
        messages = {name: rows for one in types for name, rows in one.messages.items()}
        file = FileDescriptorProto(name="schema.proto", syntax="proto2", dependency=_IMPORTS)
        for name, rows in messages.items():
            message = file.message_type.add(name=name)
            for number, row in enumerate(rows, 1):
                _add_field(message, row, number)
        self._keep(file, list(messages))

    def _keep(self, file: FileDescriptorProto, symbols: list[str]) -> None:
        kept = _File(file)
        self._files[file.name] = kept
        self._symbols.update(dict.fromkeys(symbols, kept))

    def FindFileByName(self, name: str) -> _File:  # noqa: N802 — protobuf's name for it
        """A file by its name; KeyError where there is none."""
        return self._files[name]

    def FindFileContainingSymbol(self, symbol: str) -> _File:  # noqa: N802
        """The file a message is in; KeyError where there is none."""
        return self._symbols[symbol]

    def FindMessageTypeByName(self, name: str) -> Any:  # noqa: N802
        """No message of ours has extensions."""
        raise KeyError(name)


def _add_field(message: DescriptorProto, row: Row, number: int) -> None:
    signature = row.type.signature
    made = message.field.add(name=row.name, number=number, label=1)
    if signature.startswith("list<"):
        inner = signature[5:-1]
        if inner.startswith(("list<", "map<")):  # protobuf has no lists of lists: checked when evaluated
            made.type, made.type_name = 11, ".google.protobuf.ListValue"
            return
        made.label = 3
        _fill_type(made, inner)
    elif signature.startswith("map<"):
        name = _entry(row.name)
        if any(other.name == name for other in message.nested_type):  # two names that protobuf cannot tell apart
            _fill_type(made, "dyn")
            return
        entry = message.nested_type.add(name=name)
        entry.options.map_entry = True
        entry.field.add(name="key", number=1, label=1, type=9)
        inner = signature.removeprefix("map<string, ")[:-1]
        _fill_type(entry.field.add(name="value", number=2, label=1), inner)
        made.label, made.type, made.type_name = 3, 11, f".{message.name}.{name}"
    else:
        _fill_type(made, signature)


def _entry(name: str) -> str:
    """What protobuf wants a map's entries to be called."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_")) + "Entry"


_TYPES = {"string": 9, "int": 3, "double": 1, "bool": 8, "bytes": 12}


def _fill_type(made: Any, signature: str) -> None:
    if signature in _TYPES:
        made.type = _TYPES[signature]
        return
    name = "google.protobuf.Value" if signature.startswith(("list<", "map<")) else _WELL_KNOWN.get(signature, signature)
    made.type, made.type_name = 11, f".{name}"


# ---- A function of a library: its name, its types, what it does


@dataclass(frozen=True, slots=True)
class Function:
    """One overload of a function.

    Attributes:
        name: As expressions call it; qualified for those in a namespace (`ip.isCanonical`).
        parameters: Signatures of what it takes; a method's first is what it is called on.
        returns: The signature of what it gives.
        does: Works on plain values; ValueError's text is the error.
        method: It is called on a value.
    """

    name: str
    parameters: tuple[str, ...]
    returns: str
    does: Callable[..., Any]
    method: bool = False

    @property
    def inner(self) -> bool:
        """It is there for the evaluator only: expressions are checked without it."""
        return self.parameters[:1] in (("=list",), ("=map",))

    @property
    def overload(self) -> str:
        """A name of its own for this overload."""
        return f"{'method' if self.method else 'function'}_{self.name}_{'_'.join(self.parameters)}"


def wrapped(type_name: str, text: str) -> dict[str, str]:
    """A value of one of Kubernetes' own types, as it travels through the evaluator: equal where the text is equal."""
    return {type_name: text}


def content(value: dict[str, str]) -> str:
    """What is in such a value."""
    return next(iter(value.values()))
