"""What is wrong with a custom object by its OpenAPI schema, in the API server's words (asked of a real one)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from k8s_tutor.clock import from_rfc3339
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
from k8s_tutor.objects.types import Json, Obj

__all__ = ["validate_value"]

_TYPES: dict[str, Callable[[Json], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value == int(value),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}


def validate_value(value: Json, schema: Obj, path: str) -> Iterator[FieldError]:
    """Every mistake in a value and all that is in it."""
    wrong = _wrong_type(value, schema, path)
    if wrong is not None:
        yield wrong
        return
    if value is None:
        return
    yield from _validate_choice(value, schema, path)
    if isinstance(value, dict):
        yield from _validate_object(value, schema, path)
    elif isinstance(value, list):
        yield from _validate_list(value, schema, path)
    elif isinstance(value, str):
        yield from _validate_text(value, schema, path)
    elif not isinstance(value, bool):
        yield from _validate_number(value, schema, path)
    yield from _validate_combinations(value, schema, path)


def _wrong_type(value: Json, schema: Obj, path: str) -> FieldError | None:
    if value is None and schema.get("nullable"):
        return None
    wanted = ["integer", "string"] if schema.get("x-kubernetes-int-or-string") else [schema.get("type", "")]
    if wanted == [""] or any(_TYPES[one](value) for one in wanted if one in _TYPES):
        return None
    got, words = _json_type(value), ",".join(wanted)
    return type_invalid(path, got, f'{path} in body must be of type {words}: "{got}"')


def _validate_choice(value: Json, schema: Obj, path: str) -> Iterator[FieldError]:
    allowed = schema.get("enum")
    if allowed is not None and value not in allowed:
        yield unsupported(path, value, [str(one) for one in allowed], sort=False)


def _validate_object(value: Obj, schema: Obj, path: str) -> Iterator[FieldError]:
    properties, extra = schema.get("properties", {}), schema.get("additionalProperties")
    for key in schema.get("required", ()):
        if key not in value:
            yield required(_join(path, key))
    for key, item in value.items():
        if key in properties:
            yield from validate_value(item, properties[key], _join(path, key))
        elif isinstance(extra, dict):
            yield from validate_value(item, extra, _join(path, key))
    most, least = schema.get("maxProperties"), schema.get("minProperties")
    if most is not None and len(value) > most:
        yield too_many(path, len(value), most)
    if least is not None and len(value) < least:
        yield invalid(path, len(value), f"{path} in body should have at least {least} properties")


def _validate_list(value: list[Json], schema: Obj, path: str) -> Iterator[FieldError]:
    most, least = schema.get("maxItems"), schema.get("minItems")
    if most is not None and len(value) > most:
        yield too_many(path, len(value), most)
    if least is not None and len(value) < least:
        yield invalid(path, len(value), f"{path} in body should have at least {least} items")
    for index, item in enumerate(value):
        yield from validate_value(item, schema.get("items", {}), f"{path}[{index}]")
    yield from _validate_uniqueness(value, schema, path)


def _validate_uniqueness(value: list[Json], schema: Obj, path: str) -> Iterator[FieldError]:
    kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys", [])
    if kind not in ("set", "map"):
        return
    seen: list[Json] = []
    for index, item in enumerate(value):
        identity = {key: item[key] for key in keys if key in item} if kind == "map" and isinstance(item, dict) else item
        if identity in seen:
            yield duplicate(f"{path}[{index}]", identity)
        seen.append(identity)


def _validate_text(value: str, schema: Obj, path: str) -> Iterator[FieldError]:
    least, most, pattern = schema.get("minLength"), schema.get("maxLength"), schema.get("pattern")
    if least is not None and len(value) < least:
        yield invalid(path, value, f"{path} in body should be at least {least} chars long")
    if most is not None and len(value) > most:
        yield too_long(path, most)
    if pattern is not None and not re.search(pattern, value):
        yield invalid(path, value, f"{path} in body should match '{pattern}'")
    form = schema.get("format")
    if form in _FORMATS and not _FORMATS[form](value):
        yield invalid(path, value, f'{path} in body must be of type {form}: "{value}"')


def _validate_number(value: float, schema: Obj, path: str) -> Iterator[FieldError]:
    least, most, step = schema.get("minimum"), schema.get("maximum"), schema.get("multipleOf")
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


def _validate_combinations(value: Json, schema: Obj, path: str) -> Iterator[FieldError]:
    for inner in schema.get("allOf", ()):
        yield from validate_value(value, inner, path)
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


def _fits(value: Json, schema: Obj, path: str) -> bool:
    return next(validate_value(value, schema, path), None) is None


def _is_time(value: str) -> bool:
    try:
        from_rfc3339(value)
    except ValueError:
        return False
    return "T" in value.upper()


_FORMATS: dict[str, Callable[[str], bool]] = {
    "date-time": _is_time,
    "date": lambda value: bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value)) and _is_time(f"{value}T00:00:00Z"),
    "uuid": lambda value: bool(re.fullmatch(r"(?i)[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", value)),
    "email": lambda value: bool(re.fullmatch(r"[^@\s]+@[^@\s]+", value)),
    "ipv4": lambda value: bool(re.fullmatch(r"(\d{1,3}\.){3}\d{1,3}", value)),
}


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _json_type(value: Json) -> str:
    if value is None:
        return "null"
    return next(name for name in ("boolean", "string", "integer", "number", "object", "array") if _TYPES[name](value))
