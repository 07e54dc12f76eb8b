"""What a schema in a definition may say: every keyword where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.definitions.structure import check_structure
from k8s_tutor.objects.regexps import find_problem
from k8s_tutor.objects.types import Json, Obj

__all__ = ["EVERYTHING", "TYPES", "Demands", "check_keywords", "has_defaults", "left_of", "schema_of", "within"]


# ---- How much is asked of a definition: all of it today; less of one that was there when less was asked
#
# Definitions that ask for less come from `apiextensions.k8s.io/v1beta1`, where that is switched on. Source:
# k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation (1.21 and 1.37).

TYPES = ("array", "boolean", "integer", "number", "object", "string")
"""The types a schema can name."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What a definition must do, or may.

    Attributes:
        schemas: Each version has a schema.
        structural: Schemas are structural.
        types: Schemas name types that there are.
        defaults: Schemas may have defaults.
        pruning: Fields that no schema knows are dropped.
        approval: Groups of Kubernetes' own are approved of.
    """

    schemas: bool = True
    structural: bool = True
    types: bool = True
    defaults: bool = True
    pruning: bool = True
    approval: bool = True

    def of(self, spec: Obj) -> Demands:
        """What is asked in any case of a definition that wants something for which a structural schema is needed."""
        schemas = [schema for row in spec.get("versions") or () if (schema := schema_of(row)) is not None]
        wants = not spec.get("preserveUnknownFields") or any(
            key.startswith("x-kubernetes-") or (self.defaults and key == "default")
            for schema in schemas
            for inner in within(schema)
            for key in inner
        )
        return replace(self, structural=True) if wants else self


EVERYTHING = Demands()


def left_of(demands: Demands, old: Obj) -> Demands:
    """What is still asked of the change of a definition: nothing that the old one did not do already."""
    spec = old["spec"]
    versions: list[Obj] = spec.get("versions") or []
    schemas = [schema for row in versions if (schema := schema_of(row)) is not None]
    return Demands(
        schemas=demands.schemas and len(schemas) == len(versions),
        structural=demands.structural and not any(_problem(schema) for schema in schemas),
        types=demands.types and all(inner.get("type", "") in ("", *TYPES) for one in schemas for inner in within(one)),
        defaults=demands.defaults or any(map(has_defaults, schemas)),
        pruning=demands.pruning and not spec.get("preserveUnknownFields"),
        approval=demands.approval,
    )


def _problem(schema: Obj) -> bool:
    return next(check_structure(schema, ""), None) is not None


def has_defaults(schema: Obj) -> bool:
    """Whether a schema fills in anything."""
    return any("default" in inner for inner in within(schema))


def schema_of(version: Obj) -> Obj | None:
    """A version's schema; None where it has none."""
    found: Obj | None = (version.get("schema") or {}).get("openAPIV3Schema")
    return found


def within(schema: Json) -> Iterator[Obj]:
    """A schema and all that it is made of."""
    if isinstance(schema, list):
        for inner in schema:
            yield from within(inner)
    if not isinstance(schema, dict):
        return
    yield schema
    for key in ("properties", "patternProperties", "definitions"):
        for inner in (schema.get(key) or {}).values():
            yield from within(inner)
    for key in ("items", "additionalItems", "additionalProperties", "allOf", "anyOf", "oneOf", "not"):
        yield from within(schema.get(key))


# ---- What a schema in a definition may say: every keyword where it stands

_UNSUPPORTED = ("$ref", "definitions", "dependencies", "patternProperties", "additionalItems", "id")
_P = "x-kubernetes-"
_LIST, _KEYS, _MAP = f"{_P}list-type", f"{_P}list-map-keys", f"{_P}map-type"
_EMBEDDED, _KEEPS = f"{_P}embedded-resource", f"{_P}preserve-unknown-fields"


def check_keywords(
    schema: Obj, path: str, *, combined: bool = False, demands: Demands = EVERYTHING
) -> Iterator[FieldError]:
    """What is wrong with a schema and all in it, apart from its structure.

    Args:
        schema: The schema.
        path: Where it is.
        combined: It stands in an allOf, anyOf, oneOf or not.
        demands: What is asked of it.
    """
    yield from _check_unsupported(schema, path)
    yield from _check_type(schema, path, known=demands.types)
    if "default" in schema and not demands.defaults:
        yield forbidden(f"{path}.default", "must not be set")
    yield from _check_extensions(schema, path)
    if not combined:
        yield from _check_embedded(schema, path)
    yield from _check_list(schema, path)
    yield from _check_pattern(schema, path)
    for inner, field_path in _below(schema, path):
        yield from check_keywords(inner, field_path, combined=combined, demands=demands)
    for inner, field_path in _combined(schema, path):
        yield from check_keywords(inner, field_path, combined=True, demands=demands)


def _below(schema: Obj, path: str) -> Iterator[tuple[Obj, str]]:
    for key, inner in (schema.get("properties") or {}).items():
        yield inner, f"{path}.properties[{key}]"
    for key in ("additionalProperties", "items"):
        if isinstance(schema.get(key), dict):
            yield schema[key], f"{path}.{key}"


def _combined(schema: Obj, path: str) -> Iterator[tuple[Obj, str]]:
    if isinstance(schema.get("not"), dict):
        yield schema["not"], f"{path}.not"
    for key in ("allOf", "anyOf", "oneOf"):
        for index, inner in enumerate(schema.get(key) or ()):
            yield inner, f"{path}.{key}[{index}]"


def _check_unsupported(schema: Obj, path: str) -> Iterator[FieldError]:
    for key in _UNSUPPORTED:
        if key in schema:
            yield forbidden(f"{path}.{key}", f"{key} is not supported")
    if schema.get("uniqueItems"):
        words = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield forbidden(f"{path}.uniqueItems", words)
    if schema.get("properties") and schema.get("additionalProperties") not in (None, False):
        words = "additionalProperties and properties are mutual exclusive"
        yield forbidden(f"{path}.additionalProperties", words)
    if isinstance(schema.get("items"), list):
        yield forbidden(f"{path}.items", "items must be a schema object and not an array")


def _check_type(schema: Obj, path: str, *, known: bool) -> Iterator[FieldError]:
    kind = schema.get("type", "")
    if known and kind and kind not in TYPES:
        yield unsupported(f"{path}.type", kind, TYPES)
    if kind == "null":
        yield forbidden(f"{path}.type", "type cannot be set to null, use nullable as an alternative")


def _check_extensions(schema: Obj, path: str) -> Iterator[FieldError]:
    kind = schema.get("type", "")
    if schema.get(_KEEPS) is False:
        yield invalid(f"{path}.{_KEEPS}", False, "must be true or undefined")
    if _MAP in schema:
        if kind != "object":
            words = f"must be object if {_MAP} is specified"
            yield invalid(f"{path}.type", kind, words) if kind else required(f"{path}.type", words)
        if schema[_MAP] not in ("atomic", "granular"):
            yield unsupported(f"{path}.{_MAP}", schema[_MAP], ("atomic", "granular"))


def _check_embedded(schema: Obj, path: str) -> Iterator[FieldError]:
    kind = schema.get("type", "")
    if schema.get(_EMBEDDED):
        if not schema.get("properties") and not schema.get(_KEEPS):
            yield required(f"{path}.properties", f"must not be empty if {_EMBEDDED} is true without {_KEEPS}")
        if kind != "object":
            words = f"must be object if {_EMBEDDED} is true"
            yield invalid(f"{path}.type", kind, words) if kind else required(f"{path}.type", words)


def _check_list(schema: Obj, path: str) -> Iterator[FieldError]:
    kind, keys, own = schema.get(_LIST), schema.get(_KEYS) or [], schema.get("type", "")
    if kind is not None and own != "array":
        words = f"must be array if {_LIST} is specified"
        yield invalid(f"{path}.type", own, words) if own else required(f"{path}.type", words)
    if kind is not None and kind not in ("atomic", "set", "map"):
        yield unsupported(f"{path}.{_LIST}", kind, ("atomic", "set", "map"), sort=False)
    if keys and kind != "map":
        yield required(f"{path}.{_LIST}", f"must be map if {_KEYS} is non-empty")
    items = schema.get("items")
    if own != "array" or not isinstance(items, dict):
        return
    if kind == "set":
        yield from _check_set_items(items, f"{path}.items")
    elif kind == "map":
        if not keys:
            yield required(f"{path}.{_KEYS}", f"must not be empty if {_LIST} is map")
        yield from _check_map_items(items, keys, path)


def _check_set_items(items: Obj, path: str) -> Iterator[FieldError]:
    if items.get("nullable"):
        yield forbidden(f"{path}.nullable", f"cannot be nullable when {_LIST} is set")
    if items.get("type") == "object" and items.get(_MAP) != "atomic":
        words = f"must be atomic as item of a list with {_LIST}=set"
        yield invalid(f"{path}.{_MAP}", items.get(_MAP), words)
    if items.get("type") == "array" and items.get(_LIST) not in (None, "atomic"):
        words = f"must be atomic as item of a list with {_LIST}=set"
        yield invalid(f"{path}.{_LIST}", items.get(_LIST), words)


def _check_map_items(items: Obj, keys: list[str], path: str) -> Iterator[FieldError]:
    kind, properties = items.get("type", ""), items.get("properties") or {}
    if items.get("nullable"):
        yield forbidden(f"{path}.items.nullable", f"cannot be nullable when {_LIST} is map")
    if kind != "object":
        yield invalid(f"{path}.items.type", kind, f"must be object if parent array's {_LIST} is map")
        return
    if len(set(keys)) < len(keys):
        yield invalid(f"{path}.{_KEYS}", keys, "must not contain duplicate entries")
    for key in dict.fromkeys(keys):
        field_path = f"{path}.items.properties[{key}]"
        if key not in properties:
            yield invalid(f"{path}.{_KEYS}", keys, "entries must all be names of item properties")
            continue
        inner = properties[key]
        if inner.get("type") in ("array", "object"):
            words = f"must be a scalar type if parent array's {_LIST} is map"
            yield invalid(f"{field_path}.type", inner["type"], words)
        words = f"this property is in {_KEYS}, so it"
        if "default" not in inner and key not in (items.get("required") or ()):
            yield required(f"{field_path}.default", f"{words} must have a default or be a required property")
        if inner.get("nullable"):
            yield forbidden(f"{field_path}.nullable", f"{words} cannot be nullable")


def _check_pattern(schema: Obj, path: str) -> Iterator[FieldError]:
    pattern = schema.get("pattern")
    if not pattern:
        return
    if problem := find_problem(pattern):
        words = f"must be a valid regular expression, but isn't: error parsing regexp: {problem}"
        yield invalid(f"{path}.pattern", pattern, words)
