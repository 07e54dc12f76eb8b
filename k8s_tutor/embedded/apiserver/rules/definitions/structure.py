"""What makes a schema structural: a type for every field, and no types where schemas are only combined."""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required
from k8s_tutor.embedded.apiserver.structural_pruning import prune_value
from k8s_tutor.embedded.apiserver.structural_rules import broken_rules, rule_tree
from k8s_tutor.embedded.apiserver.structural_validation import validate_embedded, validate_value
from k8s_tutor.objects.types import Json, Obj

__all__ = ["check_defaults", "check_structure"]

_P = "x-kubernetes-"
_INT_OR_STRING, _KEEPS, _EMBEDDED = f"{_P}int-or-string", f"{_P}preserve-unknown-fields", f"{_P}embedded-resource"
_EITHER = [{"type": "integer"}, {"type": "string"}]
_TOP = {"apiVersion": "string", "kind": "string", "metadata": "object"}


def check_structure(schema: Obj, path: str) -> Iterator[FieldError]:
    """What keeps a version's whole schema from being structural."""
    kind = schema.get("type", "")
    if kind != "object":
        words = "must be object at the root" if kind else "must not be empty at the root"
        yield invalid(f"{path}.type", kind, words) if kind else required(f"{path}.type", words)
    if schema.get("nullable"):
        yield forbidden(f"{path}.nullable", "nullable cannot be true at the root")
    if schema.get("additionalProperties"):
        yield forbidden(f"{path}.additionalProperties", "must not be used at the root")
    for key, wanted in _TOP.items():
        if inner := (schema.get("properties") or {}).get(key):
            yield from _check_top(key, inner, wanted, f"{path}.properties[{key}]")
    yield from _check_level(schema, path, "")


def _check_top(key: str, schema: Obj, wanted: str, path: str) -> Iterator[FieldError]:
    """Every object has these; a schema may only say a little about them."""
    if schema.get("type") != wanted:
        yield invalid(f"{path}.type", schema.get("type", ""), f"must be {wanted}")
    if "default" in schema:
        yield forbidden(f"{path}.default", f"must not be set in top-level {key}")
    if key != "metadata":
        return
    properties = schema.get("properties") or {}
    other = {name for name in properties if name not in ("name", "generateName")}
    if other or {name for name in schema if name not in ("type", "properties", "description")}:
        words = "must not specify anything other than name and generateName, but metadata is implicitly specified"
        yield forbidden(path, words)
    for name, inner in properties.items():
        if "default" in inner:
            yield forbidden(f"{path}.properties[{name}].default", "must not be set in top-level metadata")


def _check_level(schema: Obj, path: str, where: str) -> Iterator[FieldError]:
    if where and not schema.get("type") and not (schema.get(_INT_OR_STRING) or schema.get(_KEEPS)):
        yield required(f"{path}.type", f"must not be empty for specified {where}")
    items = schema.get("items")
    if schema.get("type") == "array" and items is None:
        yield required(f"{path}.items", "must be specified")
    if isinstance(items, dict):
        yield from _check_level(items, f"{path}.items", "array items")
    for key, inner in (schema.get("properties") or {}).items():
        yield from _check_level(inner, f"{path}.properties[{key}]", "object fields")
    if isinstance(extra := schema.get("additionalProperties"), dict):
        yield from _check_level(extra, f"{path}.additionalProperties", "object fields")
    typed = schema.get(_INT_OR_STRING) and _says_either(schema)
    for key in ("allOf", "anyOf", "oneOf"):
        for index, inner in enumerate(schema.get(key) or ()):
            if not (typed and (key == "anyOf" or (key == "allOf" and inner.get("anyOf") == _EITHER))):
                yield from _check_combined(inner, f"{path}.{key}[{index}]")
    if isinstance(schema.get("not"), dict):
        yield from _check_combined(schema["not"], f"{path}.not")


def _says_either(schema: Obj) -> bool:
    parts = schema.get("allOf") or [{}]
    return schema.get("anyOf") == _EITHER or (parts[0].get("anyOf") == _EITHER)


_EMPTY = ("description", "type", "title", "example", f"{_P}validations")
_UNDEFINED = ("default", "additionalProperties", f"{_P}list-type", f"{_P}list-map-keys", f"{_P}map-type")
_FALSE = ("nullable", _KEEPS, _INT_OR_STRING, _EMBEDDED)


def _check_combined(schema: Obj, path: str) -> Iterator[FieldError]:
    """Inside allOf, anyOf, oneOf and not: values are restricted, nothing is declared."""
    for keys, words in ((_EMPTY, "be empty"), (_UNDEFINED, "be undefined"), (_FALSE, "be false")):
        for key in keys:
            if key in schema and schema[key] not in ("", False):
                yield forbidden(f"{path}.{key}", f"must {words} to be structural")
    for key, inner in (schema.get("properties") or {}).items():
        yield from _check_combined(inner, f"{path}.properties[{key}]")
    for key in ("items", "not"):
        if isinstance(schema.get(key), dict):
            yield from _check_combined(schema[key], f"{path}.{key}")
    for key in ("allOf", "anyOf", "oneOf"):
        for index, inner in enumerate(schema.get(key) or ()):
            yield from _check_combined(inner, f"{path}.{key}[{index}]")


def check_defaults(schema: Obj, path: str, *, root: bool = True) -> Iterator[FieldError]:
    """What is wrong with the defaults of a structural schema: they must be valid themselves."""
    if schema.get("default") is not None:
        yield from _check_default(schema, f"{path}.default", root=root)
    for key, inner in (schema.get("properties") or {}).items():
        if not (root and key in _TOP):
            yield from check_defaults(inner, f"{path}.properties[{key}]", root=False)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from check_defaults(schema[key], f"{path}.{key}", root=False)


def _check_default(schema: Obj, path: str, *, root: bool) -> Iterator[FieldError]:
    value: Json = schema["default"]
    if prune_value(value, schema) != value:
        yield invalid(path, value, "must not have unknown fields")
        return
    if isinstance(value, dict) and (root or schema.get(_EMBEDDED)):
        yield from validate_embedded(value, path)
    found = list(validate_value(value, schema, ""))
    if not found:
        found = list(broken_rules(rule_tree(schema), value, ""))
    for problem in found:
        inner = "" if problem.field in ("", "<nil>") else problem.field
        joined = path + (inner if not inner or inner.startswith("[") else f".{inner}")
        yield FieldError(joined, problem.reason, problem.message)
