"""From the facts' short spelling of types to OpenAPI schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from k8s_tutor.embedded.apiserver.builtintypes import schema_facts
from k8s_tutor.embedded.apiserver.documents.openapi.prose import Prose, prose_of
from k8s_tutor.objects.types import Json, Obj

__all__ = ["closure", "definition", "kind_types"]

_EXTENSIONS = {
    "listType": "x-kubernetes-list-type",
    "listMapKeys": "x-kubernetes-list-map-keys",
    "mapType": "x-kubernetes-map-type",
    "mergeKey": "x-kubernetes-patch-merge-key",
    "patchStrategy": "x-kubernetes-patch-strategy",
    "enum": "enum",
    "default": "default",
}
_EITHER: dict[str, Obj] = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {
        "format": "int-or-string",
        "oneOf": [{"type": "integer"}, {"type": "string"}],
    },
}


def kind_types() -> dict[str, str]:
    """The type behind each kind, by `apiVersion/Kind`."""
    kinds: dict[str, str] = schema_facts()["kinds"]
    return kinds


def closure(names: Iterable[str], rows: Mapping[str, Any] | None = None) -> list[str]:
    """The types and all they are made of, sorted.

    Args:
        names: Of the types.
        rows: What types there are; None for those of the facts.
    """
    rows = schema_facts()["types"] if rows is None else rows
    found: dict[str, None] = {}
    todo = list(names)
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found[name] = None
        row = rows.get(name)
        if isinstance(row, dict):
            todo += [reference for spec in row["fields"].values() if (reference := _reference(spec))]
    return sorted(found)


def definition(name: str, prefix: str, *, either: bool, rows: Mapping[str, Any] | None = None) -> Obj:
    """One type's schema.

    Args:
        name: Of the type.
        prefix: Of references: `#/definitions/` or `#/components/schemas/`.
        either: Whether the dialect can say "a string or a number": v3, which also has words for people.
        rows: What types there are; None for those of the facts.
    """
    if either and name in _EITHER:
        return dict(_EITHER[name])
    row = (schema_facts()["types"] if rows is None else rows).get(name, "any")
    if not isinstance(row, dict):
        return _spec(row, prefix)
    fields = {key: _field(spec, prefix, wrap=either) for key, spec in row["fields"].items()}
    schema: Obj = {"type": "object", "properties": fields}
    if either:
        _describe(schema, row["fields"], prose_of(name))
    if row.get("required"):
        schema["required"] = row["required"]
    if row.get("mapType"):
        schema["x-kubernetes-map-type"] = row["mapType"]
    return schema


def _describe(schema: Obj, fields: Obj, prose: Prose) -> None:
    """Adds the words; a field of a type of its own has none, and says what its type says."""
    if prose.text:
        schema["description"] = prose.text
    for key, spec in fields.items():
        field = schema["properties"][key]
        words = prose.fields.get(key) or prose_of(_reference(spec)).text
        if "$ref" in field:  # beside a reference nothing else counts
            field = schema["properties"][key] = {"allOf": [field]}
        if words:
            field["description"] = words


def _field(spec: Json, prefix: str, *, wrap: bool) -> Obj:
    if isinstance(spec, str):
        return _spec(spec, prefix)
    schema = _spec(spec["type"], prefix)
    extra: dict[str, Any] = {long: spec[short] for short, long in _EXTENSIONS.items() if short in spec}
    if "$ref" in schema and wrap and extra:  # beside a reference nothing else counts in v3
        schema = {"allOf": [schema]}
    return schema | extra


def _spec(text: str, prefix: str) -> Obj:
    if text.startswith("&"):
        return {"$ref": prefix + text[1:]}
    if text.startswith("[]"):
        return {"type": "array", "items": _spec(text[2:], prefix)}
    if text.startswith("{}"):
        return {"type": "object", "additionalProperties": _spec(text[2:], prefix)}
    if text in ("any", "any-object"):
        return {"type": "object"} if text == "any-object" else {}
    kind, _, form = text.partition(":")
    return {"type": kind, "format": form} if form else {"type": kind}


def _reference(spec: Json) -> str:
    text = spec if isinstance(spec, str) else str(spec["type"])
    return text.partition("&")[2]
