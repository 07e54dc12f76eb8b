"""What fields an object of a kind has, of which type, and how lists and maps of it merge.

The built-in types come from `facts/schema.json`, read off a real API server; those of custom kinds from their
CustomResourceDefinition (`from_openapi`). Both become the same `Type`, which validation, patches and apply walk.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from k8s_tutor.objects.types import Obj

__all__ = ["ANY", "JsonType", "Schema", "Type", "builtin_schema", "from_openapi", "schema_facts"]


class JsonType(StrEnum):
    """What JSON a type takes."""

    OBJECT = "object"
    MAP = "map"
    LIST = "list"
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    QUANTITY = "quantity"
    INT_OR_STRING = "int-or-string"
    TIME = "date-time"
    BYTES = "byte"
    ANY = "any"


class Type:
    """A type where it is used: its shape, and how it merges there.

    Attributes:
        shape: What JSON it takes.
        name: Its OpenAPI name (`io.k8s.api.core.v1.Pod`), `""` for inline types.
        format: `int32`, `int64`, `double` or `""`.
        required: Fields that must be there (objects).
        open: Unknown fields are kept (custom kinds with preserve-unknown-fields, raw extensions).
        list_type: `atomic`, `set` or `map` (lists): what apply merges by.
        list_keys: The fields that tell items apart when `list_type` is `map`.
        atomic: Apply replaces the whole object or map.
        merge_key: What strategic merge tells items apart by; `""` for none.
        strategies: Of strategic merge: `merge`, `retainKeys`.
        enum: The values it takes, empty for any.
        default: What the server writes where nothing is given; None for no default.
        nullable: null is a value here.
    """

    __slots__ = (
        "_fields",
        "_item",
        "_rows",
        "_schema",
        "atomic",
        "default",
        "enum",
        "format",
        "list_keys",
        "list_type",
        "merge_key",
        "name",
        "nullable",
        "open",
        "required",
        "shape",
        "strategies",
    )

    def __init__(self, shape: JsonType, *, name: str = "", format: str = "", open: bool = False) -> None:  # noqa: A002
        self.shape = shape
        self.name = name
        self.format = format
        self.open = open
        self.required: tuple[str, ...] = ()
        self.list_type = "atomic"
        self.list_keys: tuple[str, ...] = ()
        self.atomic = False
        self.merge_key = ""
        self.strategies: tuple[str, ...] = ()
        self.enum: tuple[Any, ...] = ()
        self.default: Any = None
        self.nullable = False
        self._fields: Mapping[str, Type] | None = None
        self._rows: Mapping[str, Any] = {}  # what the fields are made of on first use
        self._item: Type | str | None = None
        self._schema: Schema | None = None

    @property
    def fields(self) -> Mapping[str, Type]:
        """The fields of an object, in the schema's order; read on first use, for types may contain themselves."""
        found = self._fields
        if found is None:  # two threads may both come here; both make the same
            schema = self._schema
            found = {name: schema.use(row) for name, row in self._rows.items()} if schema else {}
            self._fields = found
        return found

    @property
    def item(self) -> Type:
        """The type of a list's items or a map's values."""
        found = self._item
        if isinstance(found, str):
            found = self._schema.use(found) if self._schema else ANY
            self._item = found
        return found or ANY

    def field(self, name: str) -> Type | None:
        """The type of one field, of an object or of a map; None where there is no such field."""
        if self.shape is JsonType.OBJECT:
            found = self.fields.get(name)
            return found if found is not None or not self.open else ANY
        if self.shape is JsonType.MAP:
            return self.item
        return ANY if self.shape is JsonType.ANY else None

    def at(self, path: Iterable[str | int]) -> Type | None:
        """The type at a path of field names and list indexes, None where the schema has nothing."""
        found: Type | None = self
        for step in path:
            if found is None:
                return None
            found = found.field(step) if isinstance(step, str) else found._element()
        return found

    def _element(self) -> Type | None:
        return self.item if self.shape is JsonType.LIST else None

    def __repr__(self) -> str:
        return f"<Type {self.name or self.shape}>"


ANY = Type(JsonType.ANY, open=True)
"""A type that takes anything."""

_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_SCALARS = {
    "string": (JsonType.STRING, ""),
    "string:date-time": (JsonType.TIME, ""),
    "string:byte": (JsonType.BYTES, ""),
    "string:int-or-string": (JsonType.INT_OR_STRING, ""),
    "integer": (JsonType.INTEGER, "int64"),
    "integer:int32": (JsonType.INTEGER, "int32"),
    "integer:int64": (JsonType.INTEGER, "int64"),
    "number": (JsonType.NUMBER, "double"),
    "number:double": (JsonType.NUMBER, "double"),
    "number:float": (JsonType.NUMBER, "double"),
    "boolean": (JsonType.BOOLEAN, ""),
    "any": (JsonType.ANY, ""),
    "any-object": (JsonType.ANY, ""),
}


class Schema:
    """Types by name, and the type behind each kind. Types are made when first asked for.

    Args:
        facts: `kinds` (`apps/v1/Deployment` → type name) and `types` (name → row), see `scripts/facts/kinds.py`.
    """

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._kinds: Mapping[str, str] = facts["kinds"]
        self._rows: Mapping[str, Any] = facts["types"]
        self._types: dict[str, Type] = {}

    def kind(self, api_version: str, kind: str) -> Type | None:
        """The type of a kind's objects; None for a kind that is not built in."""
        name = self._kinds.get(f"{api_version}/{kind}")
        return self.type(name) if name else None

    def kinds(self) -> list[tuple[str, str]]:
        """Every (apiVersion, kind) there is a type for."""
        return [(text.rpartition("/")[0], text.rpartition("/")[2]) for text in self._kinds]

    def type(self, name: str) -> Type:
        """A type by its OpenAPI name."""
        found = self._types.get(name)
        if found is None:
            found = self._types[name] = self._made(name)
        return found

    def use(self, row: str | Mapping[str, Any]) -> Type:
        """The type a field's row describes."""
        if isinstance(row, str):
            return self.type(row[1:]) if row.startswith("&") else self._inline(row)
        base = self.use(row["type"])
        made = Type(base.shape, name=base.name, format=base.format, open=base.open)
        made.required = base.required
        made.atomic = row["mapType"] == "atomic" if "mapType" in row else base.atomic
        made._rows, made._item, made._schema = base._rows, base._item, base._schema
        made.list_type = row.get("listType", base.list_type)
        made.list_keys = tuple(row.get("listMapKeys", ()))
        made.merge_key = row.get("mergeKey", "")
        made.strategies = tuple(row.get("patchStrategy", "").split(",")) if "patchStrategy" in row else ()
        made.enum, made.default = tuple(row.get("enum", ())), row.get("default")
        return made

    def _made(self, name: str) -> Type:
        row = self._rows[name]
        if isinstance(row, str):
            shape, format_ = (JsonType.QUANTITY, "") if name == _QUANTITY else _SCALARS[row]
            return _scalar(shape, name, format_)
        made = Type(JsonType.OBJECT, name=name)
        made.required = tuple(row.get("required", ()))
        made.atomic = row.get("mapType") == "atomic"
        made._rows, made._schema = row["fields"], self
        return made

    def _inline(self, spec: str) -> Type:
        found = self._types.get(spec)
        if found is None:
            if spec[:2] in ("[]", "{}"):
                found = Type(JsonType.LIST if spec.startswith("[]") else JsonType.MAP)
                found._item, found._schema = spec[2:], self
            else:
                shape, format_ = _SCALARS[spec]
                found = _scalar(shape, "", format_)
            self._types[spec] = found
        return found


def _scalar(shape: JsonType, name: str, format_: str) -> Type:
    made = Type(shape, name=name, format=format_, open=shape is JsonType.ANY)
    made.atomic = shape is JsonType.ANY  # free-form JSON inside built-in kinds belongs to one owner as a whole
    return made


@cache
def builtin_schema() -> Schema:
    """The types of the Kubernetes release this package tracks."""
    return Schema(schema_facts())


@cache
def schema_facts() -> Any:
    """The facts about all built-in types, see `scripts/facts/kinds.py`; a megabyte, so all read the same."""
    return json.loads(resources.files("k8s_tutor.objects").joinpath("facts/schema.json").read_text(encoding="utf-8"))


def from_openapi(schema: Obj, *, root: bool = True) -> Type:
    """The type a CustomResourceDefinition's structural schema (`openAPIV3Schema`) describes.

    Args:
        schema: The schema.
        root: It describes whole objects: `apiVersion`, `kind` and `metadata` are as in every kind.
    """
    made = _custom(schema)
    if root and made.shape in (JsonType.OBJECT, JsonType.ANY, JsonType.MAP):
        fields = dict(made.fields) if made.shape is JsonType.OBJECT else {}
        made = Type(JsonType.OBJECT, open=made.open or made.shape is not JsonType.OBJECT)
        made.required = tuple(schema.get("required", ()))
        text = Type(JsonType.STRING)
        metadata = builtin_schema().type("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
        made._fields = {**fields, "apiVersion": text, "kind": text, "metadata": metadata}
    return made


_CUSTOM_SHAPES = {
    "string": JsonType.STRING,
    "integer": JsonType.INTEGER,
    "number": JsonType.NUMBER,
    "boolean": JsonType.BOOLEAN,
    "array": JsonType.LIST,
}


def _custom(schema: Obj) -> Type:
    keeps = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    if schema.get("x-kubernetes-int-or-string"):
        made = Type(JsonType.INT_OR_STRING)
    elif schema.get("type") == "object":
        made = _custom_object(schema, keeps)
    elif shape := _CUSTOM_SHAPES.get(str(schema.get("type"))):
        made = Type(shape, format=str(schema.get("format", "")))
    else:
        made = Type(JsonType.ANY, open=True)
    if made.shape is JsonType.LIST:
        made._item = _custom(schema.get("items") or {})
        made.list_type = schema.get("x-kubernetes-list-type", "atomic")
        made.list_keys = tuple(schema.get("x-kubernetes-list-map-keys", ()))
    made.atomic = schema.get("x-kubernetes-map-type") == "atomic"
    made.required = tuple(schema.get("required", ()))
    made.enum, made.default = tuple(schema.get("enum", ())), schema.get("default")
    made.nullable = bool(schema.get("nullable"))
    return made


def _custom_object(schema: Obj, keeps: bool) -> Type:
    extra = schema.get("additionalProperties")
    if not schema.get("properties") and extra not in (None, False):
        made = Type(JsonType.MAP)
        made._item = _custom(extra) if isinstance(extra, dict) else ANY
        return made
    made = Type(JsonType.OBJECT, open=keeps)
    made._fields = {name: _custom(row) for name, row in (schema.get("properties") or {}).items()}
    if schema.get("x-kubernetes-embedded-resource"):
        return _embedded(made)
    return made


def _embedded(made: Type) -> Type:
    text = Type(JsonType.STRING)
    metadata = builtin_schema().type("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    made._fields = {**made.fields, "apiVersion": text, "kind": text, "metadata": metadata}
    return made
