"""The types of variables: an object's structural schema becomes message types that the checker knows the fields of."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from k8s_tutor.objects.types import Obj

__all__ = ["DYN", "OPAQUE", "CelType", "Row", "declared", "escaped", "optional_of", "spellings"]

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
