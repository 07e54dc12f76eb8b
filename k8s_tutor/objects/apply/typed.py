"""Objects as their schema sees them: which fields they have, where two differ, one merged into the other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from k8s_tutor.objects.apply.fieldset import ApplyError, FieldSet, child_type, insert, is_member, path_text
from k8s_tutor.objects.gojson import go_syntax, go_type, go_value
from k8s_tutor.objects.schema import ANY, JsonType, Type
from k8s_tutor.objects.types import Json, Obj

__all__ = ["ABSENT", "Comparison", "compare", "fields_of", "item_element", "merge", "problems", "without", "zero"]


class _Absent:
    """No value at all, which is not null."""


ABSENT = _Absent()


def fields_of(obj: Obj, schema: Type) -> FieldSet:
    """The fields an object sets: its leaves, and the items of its lists."""
    found: FieldSet = {}
    _collect(obj, schema, [], found)
    return found


def _collect(value: Json, schema: Type, path: list[str], found: FieldSet) -> None:
    if isinstance(value, dict) and not _is_leaf(value, schema):
        for key, inner in value.items():
            path.append(f"f:{key}")
            _collect(inner, schema.field(key) or ANY, path, found)
            if inner is None or inner == {} or not _is_named(schema, key):
                insert(found, path)
            path.pop()
    elif isinstance(value, list) and not _is_leaf(value, schema):
        for item in value:
            path.append(item_element(item, schema))
            _collect(item, schema.item, path, found)
            insert(found, path)
            path.pop()
    elif value is not None or _is_leaf(value, schema):
        insert(found, path)


def _is_named(schema: Type, key: str) -> bool:
    return schema.shape is JsonType.OBJECT and key in schema.fields


def _is_leaf(value: Json, schema: Type) -> bool:
    """Whether nobody owns less than the whole of it."""
    if isinstance(value, dict):
        return schema.atomic
    if isinstance(value, list):
        return schema.shape is not JsonType.LIST or schema.list_type == "atomic"
    return True


def item_element(item: Json, schema: Type) -> str:
    """How an item of a list is told from the others.

    Raises:
        ApplyError: an item without the keys it should have.
    """
    if schema.list_type == "set":
        return f"v:{_compact(item)}"
    if not isinstance(item, dict):
        raise ApplyError("associative list with keys may not have non-map elements")
    keys = {}
    for key in sorted(schema.list_keys):
        value = item.get(key)
        if value is None:
            known = schema.item.field(key)
            value = known.default if known is not None else None
        if value is None:
            words = f'associative list with keys has an element that omits key field "{key}"'
            raise ApplyError(f"{words} (and doesn't have default value)")
        keys[key] = value
    return f"k:{_compact(keys)}"


def _compact(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@dataclass(slots=True)
class Comparison:
    """Where two objects differ."""

    added: FieldSet = field(default_factory=dict)
    modified: FieldSet = field(default_factory=dict)
    removed: FieldSet = field(default_factory=dict)


def compare(before: Json, after: Json, schema: Type) -> Comparison:
    """The fields that came, changed and went."""
    found = Comparison()
    _compare(before, after, schema, [], found)
    return found


def _compare(before: Json, after: Json, schema: Type, path: list[str], found: Comparison) -> None:
    if before is ABSENT:
        insert(found.added, path, _whole(after, schema))
    elif after is ABSENT:
        insert(found.removed, path, _whole(before, schema))
    elif before is not after and not _equal(before, after):
        both_empty = not _items(before) and not _items(after)
        if _is_leaf(before or after, schema) or both_empty or not _same_sort(before, after):
            insert(found.modified, path)
            return
        for element, left, right in _pairs(before, after, schema):
            path.append(element)
            _compare(left, right, child_type(schema, element), path, found)
            path.pop()


def _whole(value: Json, schema: Type) -> FieldSet:
    """A value that came or went: it and everything in it."""
    if not value or _is_leaf(value, schema):
        return {}
    node: FieldSet = {".": {}}
    if isinstance(value, dict):
        for key, inner in value.items():
            node[f"f:{key}"] = _whole(inner, schema.field(key) or ANY)
    else:
        for item in value:
            node[item_element(item, schema)] = _whole(item, schema.item)
    return node


def _equal(one: Json, other: Json) -> bool:
    return bool(one == other) and not (isinstance(one, bool) ^ isinstance(other, bool))


def _items(value: Json) -> Json:
    return value if isinstance(value, dict | list) else ()


def _same_sort(one: Json, other: Json) -> bool:
    if one is None or other is None:
        return True
    return isinstance(one, dict) is isinstance(other, dict) and isinstance(one, list) is isinstance(other, list)


def _pairs(before: Json, after: Json, schema: Type) -> list[tuple[str, Json, Json]]:
    left, right = _by_element(before, schema), _by_element(after, schema)
    elements = dict.fromkeys((*left, *right))
    return [(element, left.get(element, ABSENT), right.get(element, ABSENT)) for element in elements]


def _by_element(value: Json, schema: Type) -> dict[str, Json]:
    if isinstance(value, dict):
        return {f"f:{key}": inner for key, inner in value.items()}
    if isinstance(value, list):
        return {item_element(item, schema): item for item in value}
    return {}


def merge(live: Json, config: Json, schema: Type) -> Json:
    """The live value with the config merged into it: the config wins, items it does not name stay."""
    if config is ABSENT:
        return live
    if live is ABSENT or live is None:
        return config
    if isinstance(config, dict) and isinstance(live, dict) and not schema.atomic:
        keys = dict.fromkeys((*live, *config))
        return {key: merge(live.get(key, ABSENT), config.get(key, ABSENT), schema.field(key) or ANY) for key in keys}
    if isinstance(config, list) and isinstance(live, list) and not _is_leaf(config, schema):
        return _merge_lists(live, config, schema)
    if config is None and isinstance(live, dict | list) and not _is_leaf(live, schema):
        return live
    return config


def _merge_lists(live: list[Json], config: list[Json], schema: Type) -> list[Json]:
    """Items of the config in its order, those of the live list alone between them where they stood."""
    left, right = _by_element(live, schema), _by_element(config, schema)
    waiting = list(right)
    shared = [element for element in right if element in left]
    order: list[str] = []

    def take() -> None:
        order.append(waiting.pop(0))
        if shared and shared[0] == order[-1]:
            shared.pop(0)

    for element in left:
        if element not in right:
            order.append(element)
        elif shared and shared[0] == element:
            while element in waiting:
                take()
        elif not shared and waiting:
            take()
    order += waiting
    return [merge(left.get(element, ABSENT), right.get(element, ABSENT), schema.item) for element in order]


def without(value: Json, fields: FieldSet, schema: Type) -> Json:
    """The value without these fields and items. Containers left empty become null."""
    if not fields or _is_leaf(value, schema):
        return value
    if isinstance(value, dict):
        kept = {}
        for key, inner in value.items():
            node = fields.get(f"f:{key}")
            if node is None:
                kept[key] = inner
            elif not is_member(node):
                kept[key] = without(inner, node, schema.field(key) or ANY)
        return kept or None
    items = []
    for item in value:
        node = fields.get(item_element(item, schema))
        if node is None:
            items.append(item)
        elif not is_member(node):
            items.append(without(item, node, schema.item))
    return items or None


def zero(schema: Type) -> Obj:
    """An object of the kind that nobody has written to yet: the fields its type always has."""
    found: Obj = {}
    for name, known in schema.fields.items():
        if known.default == {} and known.shape is JsonType.OBJECT:
            found[name] = zero(known)
        elif known.default is not None and not known.default:
            found[name] = known.default
        elif known.shape is JsonType.LIST and name in schema.required:
            found[name] = None
    return found


# ---- What in an applied object does not fit its kind's schema, in the words of apply


def problems(obj: Obj, schema: Type) -> str:
    """All misfits, `""` when there is none."""
    found: list[str] = []
    _check(obj, schema, "", found)
    return found[0] if len(found) == 1 else "errors:\n  " + "\n  ".join(found) if found else ""


def _check(value: Json, schema: Type, at: str, found: list[str]) -> None:
    if value is None or schema.shape is JsonType.ANY:
        return
    if wrong := _mismatch(value, schema):
        found.append(f"{at}: {wrong}" if at else wrong)
    elif isinstance(value, dict):
        for key, inner in value.items():
            known = schema.field(key)
            if known is None:
                found.append(f"{at}.{key}: field not declared in schema")
                break  # as the real one does, which goes through the fields in any order
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


_NUMBERS = (JsonType.INTEGER, JsonType.NUMBER)
_ANY_SCALAR = (JsonType.QUANTITY, JsonType.INT_OR_STRING, JsonType.TIME)


def _mismatch(value: Json, schema: Type) -> str:
    nested = isinstance(value, dict | list)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match schema.shape:
        case JsonType.OBJECT | JsonType.MAP if not isinstance(value, dict):
            words = f"expected map, got &{{{go_value(value)}}}"
        case JsonType.LIST if not isinstance(value, list):
            words = f"expected list, got &{{{go_value(value)}}}"
        case JsonType.BOOLEAN if not isinstance(value, bool):
            words = f"expected boolean, got &{{{go_value(value)}}}"
        case shape if shape in _NUMBERS and not number:
            words = f"expected numeric (int or float), got {go_type(value)}"
        case JsonType.STRING | JsonType.BYTES if not isinstance(value, str):
            words = f"expected string, got &value.valueUnstructured{{Value:{go_syntax(value)}}}"
        case shape if shape in _ANY_SCALAR and nested:
            words = f"expected any scalar, got &{{{go_value(value)}}}"
        case _:
            words = ""
    return words
