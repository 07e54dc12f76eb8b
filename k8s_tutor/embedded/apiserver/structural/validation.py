"""What is wrong with a custom object by its OpenAPI schema, in the API server's words (recorded from a real one)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from k8s_tutor.embedded.apiserver.fielderrors import (
    FieldError,
    duplicate,
    invalid,
    required,
    too_long,
    too_many,
    type_invalid,
    unsupported,
)
from k8s_tutor.embedded.apiserver.structural.correlation import ABSENT, member, old_item, same
from k8s_tutor.embedded.apiserver.structural.formats import fits
from k8s_tutor.objects import names
from k8s_tutor.objects.types import Json, Obj

__all__ = ["validate_embedded", "validate_value"]

_INT = (int, float)
_BITS = {"int32": 31, "int64": 63, "": 63}


def _whole(value: Json) -> bool:
    return isinstance(value, _INT) and not isinstance(value, bool) and value == int(value)


_TYPES: dict[str, Callable[[Json], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _whole,
    "number": lambda value: isinstance(value, _INT) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}


def validate_value(value: Json, schema: Obj, path: str, old: Any = ABSENT) -> Iterator[FieldError]:
    """Every mistake in a value and all that is in it.

    Args:
        value: The value.
        schema: What it should be like.
        path: Where it is.
        old: What was there before: what stays as it was is not judged again (ratcheting).
    """
    if same(value, old):
        return
    yield from _validate_type(value, schema, path)
    yield from _validate_choice(value, schema, path)
    if isinstance(value, dict):
        yield from _validate_object(value, schema, path, old)
    elif isinstance(value, list):
        yield from _validate_list(value, schema, path, old)
    elif isinstance(value, str):
        yield from _validate_text(value, schema, path)
    elif value is not None and not isinstance(value, bool):
        yield from _validate_number(value, schema, path)
    yield from _validate_combinations(value, schema, path)


def _validate_type(value: Json, schema: Obj, path: str) -> Iterator[FieldError]:
    if value is None and schema.get("nullable"):
        return
    wanted = ["integer", "string"] if schema.get("x-kubernetes-int-or-string") else [schema.get("type", "")]
    if wanted == [""] or any(_TYPES[one](value) for one in wanted if one in _TYPES):
        return
    got, words = json_type(value), ",".join(wanted)
    if got == "number" and wanted == ["integer"] and schema.get("format"):
        got, words = "float64", schema["format"]
    yield type_invalid(path, got, f'{path} in body must be of type {words}: "{got}"')


def _validate_choice(value: Json, schema: Obj, path: str) -> Iterator[FieldError]:
    allowed = schema.get("enum")
    if allowed and not any(type(one) is type(value) and one == value for one in allowed):
        yield unsupported(path, value, [str(one) for one in allowed], sort=False)


def _validate_object(value: Obj, schema: Obj, path: str, old: Any) -> Iterator[FieldError]:
    properties, extra = schema.get("properties", {}), schema.get("additionalProperties")
    for key in schema.get("required", ()):
        if key not in value:
            yield required(join(path, key))
    if schema.get("x-kubernetes-embedded-resource") and path:
        yield from validate_embedded(value, path)
    for key, item in value.items():
        inner = properties.get(key, extra)
        if isinstance(inner, dict):
            yield from validate_value(item, inner, join(path, key), member(old, key))
    most, least = schema.get("maxProperties"), schema.get("minProperties")
    if most is not None and len(value) > most:
        yield too_many(path, len(value), most)
    if least is not None and len(value) < least:
        yield invalid(path, len(value), f"{path} in body should have at least {least} properties")


def validate_embedded(value: Obj, path: str) -> Iterator[FieldError]:
    """An object inside an object says what it is."""
    version, kind = value.get("apiVersion"), value.get("kind")
    if not version:
        yield required(f"{path}.apiVersion")
    elif isinstance(version, str) and version.count("/") > 1:
        yield invalid(f"{path}.apiVersion", version, f"unexpected GroupVersion string: {version}")
    if not kind:
        yield required(f"{path}.kind")
    elif isinstance(kind, str):
        for words in names.dns1035_label(kind.lower()):
            yield invalid(f"{path}.kind", kind, f"may have mixed case, but should otherwise match: {words}")


def _validate_list(value: list[Json], schema: Obj, path: str, old: Any) -> Iterator[FieldError]:
    most, least = schema.get("maxItems"), schema.get("minItems")
    if most is not None and len(value) > most:
        yield too_many(path, len(value), most)
    if least is not None and len(value) < least:
        yield invalid(path, len(value), f"{path} in body should have at least {least} items")
    items: Obj = schema["items"] if isinstance(schema.get("items"), dict) else {}
    for index, item in enumerate(value if items else ()):
        yield from validate_value(item, items, f"{path}[{index}]", old_item(old, item, schema))
    yield from _validate_uniqueness(value, schema, path)


def _validate_uniqueness(value: list[Json], schema: Obj, path: str) -> Iterator[FieldError]:
    kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys", [])
    if kind not in ("set", "map"):
        return
    seen: list[Json] = []
    for index, item in enumerate(value):
        identity = _identity(item, keys) if kind == "map" and isinstance(item, dict) else item
        if identity in seen:
            yield duplicate(f"{path}[{index}]", identity)
        seen.append(identity)


def _identity(item: Obj, keys: list[str]) -> Obj:
    return {key: item[key] for key in sorted(keys) if key in item}


def _validate_text(value: str, schema: Obj, path: str) -> Iterator[FieldError]:
    least, most, pattern = schema.get("minLength"), schema.get("maxLength"), schema.get("pattern")
    if least is not None and len(value) < least:
        yield invalid(path, value, f"{path} in body should be at least {least} chars long")
    if most is not None and len(value) > most:
        yield too_long(path, most)
    if pattern and not _compiled(pattern).search(value):
        yield invalid(path, value, f"{path} in body should match '{pattern}'")
    form = str(schema.get("format", ""))
    if not fits(form.replace("_", "-"), value):
        yield type_invalid(path, value, f'{path} in body must be of type {form}: "{value}"')


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    # `$` is the very end in Go's expressions, and `\z` is what Python calls `\Z`.
    return re.compile(re.sub(r"(?<!\\)\$", r"\\Z", pattern).replace("\\z", "\\Z"))


def _validate_number(value: float, schema: Obj, path: str) -> Iterator[FieldError]:
    if schema.get("type") == "integer":
        yield from _validate_size(value, str(schema.get("format", "")), path)
    least, most, step = (_bound(schema.get(key), value) for key in ("minimum", "maximum", "multipleOf"))
    if least is not None:
        strict = schema.get("exclusiveMinimum")
        if value < least or (strict and value == least):
            words = "greater than" if strict else "greater than or equal to"
            yield invalid(path, value, f"{path} in body should be {words} {least}")
    if most is not None:
        strict = schema.get("exclusiveMaximum")
        if value > most or (strict and value == most):
            words = "less than" if strict else "less than or equal to"
            yield invalid(path, value, f"{path} in body should be {words} {most}")
    if step and abs(value / step - round(value / step)) > 1e-9:
        yield invalid(path, value, f"{path} in body should be a multiple of {step}")


def _bound(bound: float | None, value: float) -> float | None:
    """Whole numbers are compared with whole numbers: the server cuts off what is behind the point."""
    if bound is not None and (isinstance(value, int) or bound == int(bound)):
        return int(bound)
    return bound


def _validate_size(value: float, form: str, path: str) -> Iterator[FieldError]:
    limit = 1 << _BITS.get(form, 63)
    if value != int(value) or not -limit <= value < limit:
        kind = f"with format {form}" if form else "(default format)"
        yield invalid("<nil>", "", f"Checked value must be of type integer {kind} in {path}")


def _validate_combinations(value: Json, schema: Obj, path: str) -> Iterator[FieldError]:
    if parts := schema.get("allOf"):
        yield from _validate_all(value, parts, path)
    if (choices := schema.get("anyOf")) and not any(_fits(value, inner, path) for inner in choices):
        yield invalid("<nil>", "", f'"{path}" must validate at least one schema (anyOf)')
        yield from validate_value(value, choices[0], path)
    if choices := schema.get("oneOf"):
        fitting = sum(_fits(value, inner, path) for inner in choices)
        words = f'"{path}" must validate one and only one schema (oneOf)'
        if fitting == 0:
            yield invalid("<nil>", "", f"{words}. Found none valid")
            yield from validate_value(value, choices[0], path)
        elif fitting > 1:
            yield invalid("<nil>", "", f"{words}. Found {fitting} valid alternatives")
    if (inner := schema.get("not")) is not None and _fits(value, inner, path):
        yield invalid("<nil>", "", f'"{path}" must not validate the schema (not)')


def _validate_all(value: Json, parts: list[Obj], path: str) -> Iterator[FieldError]:
    found = [list(validate_value(value, inner, path)) for inner in parts]
    fitting = sum(not problems for problems in found)
    for problems in found:
        yield from problems
    if fitting < len(parts):
        none = "" if fitting else ". None validated"
        yield invalid("<nil>", "", f'"{path}" must validate all the schemas (allOf){none}')


def _fits(value: Json, schema: Obj, path: str) -> bool:
    return next(validate_value(value, schema, path), None) is None


def join(path: str, key: str) -> str:
    """The path of a field."""
    return f"{path}.{key}" if path else key


def json_type(value: Json) -> str:
    """The type of a JSON value, as schemas name it."""
    if value is None:
        return "null"
    return next(name for name in ("boolean", "string", "integer", "number", "object", "array") if _TYPES[name](value))
