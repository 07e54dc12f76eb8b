"""What in an applied object does not fit its kind's schema, in the words of apply."""

from __future__ import annotations

from collections.abc import Sequence

from k8s_tutor.objects.apply.errors import ApplyError
from k8s_tutor.objects.apply.fieldset import path_text
from k8s_tutor.objects.apply.typed import item_element
from k8s_tutor.objects.gotext import go_syntax, go_type, go_value
from k8s_tutor.objects.schema import Shape, Type
from k8s_tutor.objects.types import Json, Obj

__all__ = ["problems"]


def problems(obj: Obj, schema: Type) -> str:
    """All misfits, `""` when there is none."""
    found: list[str] = []
    _check(obj, schema, "", found)
    return found[0] if len(found) == 1 else "errors:\n  " + "\n  ".join(found) if found else ""


def _check(value: Json, schema: Type, at: str, found: list[str]) -> None:
    if value is None or schema.shape is Shape.ANY:
        return
    if wrong := _mismatch(value, schema):
        found.append(f"{at}: {wrong}" if at else wrong)
    elif isinstance(value, dict):
        for key, inner in value.items():
            known = schema.field(key)
            if known is None:
                found.append(f"{at}.{key}: field not declared in schema")
            else:
                _check(inner, known, f"{at}.{key}", found)
    elif isinstance(value, list):
        _check_items(value, schema, at, found)


def _check_items(items: Sequence[Json], schema: Type, at: str, found: list[str]) -> None:
    seen: dict[str, None] = {}
    for index, item in enumerate(items):
        place = f"[{index}]"
        if schema.list_type != "atomic":
            try:
                element = item_element(item, schema)
            except ApplyError as error:
                found.append(f"{at}: element {index}: {error}")
                continue
            place = path_text([element])
            if element in seen:
                found.append(f"{at}: duplicate entries for key {place}")
            seen[element] = None
        _check(item, schema.item, at + place, found)


_NUMBERS = (Shape.INTEGER, Shape.NUMBER)
_ANY_SCALAR = (Shape.QUANTITY, Shape.INT_OR_STRING, Shape.TIME)


def _mismatch(value: Json, schema: Type) -> str:
    nested = isinstance(value, dict | list)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match schema.shape:
        case Shape.OBJECT | Shape.MAP if not isinstance(value, dict):
            words = f"expected map, got &{{{go_value(value)}}}"
        case Shape.LIST if not isinstance(value, list):
            words = f"expected list, got &{{{go_value(value)}}}"
        case Shape.BOOLEAN if not isinstance(value, bool):
            words = f"expected boolean, got &{{{go_value(value)}}}"
        case shape if shape in _NUMBERS and not number:
            words = f"expected numeric (int or float), got {go_type(value)}"
        case Shape.STRING | Shape.BYTES if not isinstance(value, str):
            words = f"expected string, got &value.valueUnstructured{{Value:{go_syntax(value)}}}"
        case shape if shape in _ANY_SCALAR and nested:
            words = f"expected any scalar, got &{{{go_value(value)}}}"
        case _:
            words = ""
    return words
