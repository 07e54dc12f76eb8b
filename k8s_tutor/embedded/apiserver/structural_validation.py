"""What is wrong with a custom object by its structural schema, in the API server's words (recorded from a real one).

Source: k8s.io/apiextensions-apiserver 1.37.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network
from itertools import cycle
from typing import Any

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
from k8s_tutor.embedded.apiserver.structural_rules import ABSENT, member, old_item, same
from k8s_tutor.objects import metadata
from k8s_tutor.objects.regexps import matches
from k8s_tutor.objects.types import Json, Obj

__all__ = ["FORMATS", "NUMBER_FORMATS", "fits", "validate_embedded", "validate_value"]


# ---- The formats of texts that the API server checks in custom objects (`format:` in a schema)
#
# Source: the formats of k8s.io/kube-openapi and which texts a real server took.

NUMBER_FORMATS = ("int32", "int64", "float", "double")
_HEX = "[0-9a-fA-F]"
_LETTER = r"[^\W_]"
_HOSTNAME = rf"{_LETTER}([^\W_]|-)*|({_LETTER}([\w-]{{0,61}}{_LETTER})?\.)+[^\W\d_]{{2,63}}"
_UNITS = (
    "ns|nanos?|nanoseconds?|us|µs|micros?|microseconds?|ms|millis?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?"
    "|h|hrs?|hours?|d|days?|w|wks?|weeks?"
)
_DURATION = rf"[-+]?((\d+(\.\d*)?|\.\d+)\s*({_UNITS})\s*)+|[-+]?0"
_CARD = (
    r"4\d{12}(\d{3})?|5[1-5]\d{14}|(222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|6(011|5\d\d)\d{12}|3[47]\d{13}"
    r"|3(0[0-5]|[68]\d)\d{11}|(2131|1800|35\d{3})\d{11}"
)


def fits(form: str, text: str) -> bool:
    """Whether a text has a format; any text has one that nobody knows."""
    check = FORMATS.get(form)
    return check is None or check(text)


def _like(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


def _read_by(read: Callable[[str], object]) -> Callable[[str], bool]:
    def good(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return good


def _uuid(version: str = "") -> Callable[[str], bool]:
    third = f"{version}{_HEX}{{3}}" if version else f"{_HEX}{{4}}"
    fourth = f"[89abAB]{_HEX}{{3}}" if version in ("4", "5") else f"{_HEX}{{4}}"
    return _like(rf"{_HEX}{{8}}-?{_HEX}{{4}}-?{third}-?{fourth}-?{_HEX}{{12}}")


def _ipv4(text: str) -> None:
    IPv4Address(
        ".".join(part.lstrip("0") or "0" for part in text.split(".")) if re.fullmatch(r"[\d.]+", text) else text
    )


def _cidr(text: str) -> None:
    if "/" not in text:
        raise ValueError(text)
    ip_network(text, strict=False)


def _date_time(text: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", text)) and _time(text)


def _time(text: str) -> bool:
    return _read_by(from_rfc3339)(re.sub(r"\.\d+", "", text).upper())


def _date(text: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text)) and _time(f"{text}T00:00:00Z")


def _isbn10(text: str) -> bool:
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"\d{9}[\dX]", digits):
        return False
    return sum((index + 1) * (10 if char == "X" else int(char)) for index, char in enumerate(digits)) % 11 == 0


def _isbn13(text: str) -> bool:
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"\d{13}", digits):
        return False
    return sum(int(char) * weight for char, weight in zip(digits, cycle((1, 3)), strict=False)) % 10 == 0


def _card(text: str) -> bool:
    digits = re.sub(r"[^0-9]+", "", text)
    if not re.fullmatch(_CARD, digits):
        return False
    doubled = (int(char) * (1 + index % 2) for index, char in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _byte(text: str) -> None:
    base64.b64decode(text, validate=True)


FORMATS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": _like(f"{_HEX}{{24}}"),
    "uri": _like(r"(?:/|[A-Za-z][A-Za-z0-9+.-]*:)[^\s]*"),
    "email": _like(r"[^<>@\s]+@[^<>@\s]+|[^<>@]*<[^<>@\s]+@[^<>@\s]+>"),
    "hostname": lambda text: len(text) < 255 and re.fullmatch(_HOSTNAME, text) is not None,
    "ipv4": _read_by(_ipv4),
    "ipv6": _read_by(IPv6Address),
    "cidr": _read_by(_cidr),
    "mac": _like(rf"{_HEX}{{2}}([:-]{_HEX}{{2}}){{5}}(([:-]{_HEX}{{2}}){{2}})?|{_HEX}{{4}}(\.{_HEX}{{4}}){{2,3}}"),
    "uuid": _uuid(),
    "uuid3": _uuid("3"),
    "uuid4": _uuid("4"),
    "uuid5": _uuid("5"),
    "isbn": lambda text: _isbn10(text) or _isbn13(text),
    "isbn10": _isbn10,
    "isbn13": _isbn13,
    "creditcard": _card,
    "ssn": _like(r"\d{3}[- ]?\d{2}[- ]?\d{4}"),
    "hexcolor": _like(rf"#?({_HEX}{{3}}|{_HEX}{{6}})"),
    "rgbcolor": _like(
        r"rgb\(\s*(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\s*(,\s*(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\s*){2}\)"
    ),
    "byte": _read_by(_byte),
    "password": lambda _: True,
    "date": _date,
    "duration": _like(_DURATION),
    "date-time": _date_time,
    "datetime": _date_time,
    "k8s-short-name": lambda text: not metadata.dns1123_label(text),
    "k8s-long-name": lambda text: not metadata.dns1123_subdomain(text),
}
"""Checks by the name of the format."""


# ---- What is wrong with a custom object by its OpenAPI schema, in the API server's words (recorded from a real one)

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
        for words in metadata.dns1035_label(kind.lower()):
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
    if pattern and not matches(pattern, value):
        yield invalid(path, value, f"{path} in body should match '{pattern}'")
    form = str(schema.get("format", ""))
    if not fits(form.replace("_", "-"), value):
        yield type_invalid(path, value, f'{path} in body must be of type {form}: "{value}"')


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
