"""What is wrong with an object by its schema: unknown fields, wrong types, missing fields, values not allowed.

This is the check that teaches, before anything is sent. The API server's own refusals are its own.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from k8s_tutor.objects import quantity
from k8s_tutor.objects.schema import Shape, Type
from k8s_tutor.objects.spelling import begun, nearest
from k8s_tutor.objects.types import Json, Obj

__all__ = ["Path", "Problem", "ProblemKind", "path_text", "problems"]

Path: TypeAlias = tuple[str | int, ...]


class ProblemKind(StrEnum):
    """What sort of mistake it is."""

    UNKNOWN_FIELD = "unknown-field"
    WRONG_TYPE = "wrong-type"
    MISSING_FIELD = "missing-field"
    NOT_ALLOWED = "not-allowed"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake.

    Attributes:
        kind: Its sort.
        path: Where: of the field itself, or for a missing field of what should contain it.
        what: What is wrong, for people.
        next_step: How it might be meant; may be empty.
        name: The field that is missing, or that was probably meant.
    """

    kind: ProblemKind
    path: Path
    what: str
    next_step: str = ""
    name: str = ""


def path_text(path: Path) -> str:
    """`spec.containers[0].image`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def problems(obj: Obj, schema: Type) -> list[Problem]:
    """All mistakes, in the order of the object's fields.

    `status` is not looked at: people who write it copied it from the cluster, and the API server drops it.
    """
    found = [problem for problem in _object(obj, schema, (), schema) if problem.path[:1] != ("status",)]
    meant = {(problem.path[:-1], problem.name) for problem in found if problem.kind is ProblemKind.UNKNOWN_FIELD}
    return [
        problem
        for problem in found  # a misspelt field is not missing as well
        if problem.kind is not ProblemKind.MISSING_FIELD or (problem.path, problem.name) not in meant
    ]


def _value(value: Json, schema: Type, path: Path, root: Type) -> Iterator[Problem]:
    if value is None or schema.shape is Shape.ANY:
        return
    if not _fits(value, schema):
        yield _wrong_type(value, schema, path)
    elif schema.shape is Shape.OBJECT:
        yield from _object(value, schema, path, root)
    elif schema.shape is Shape.MAP:
        for key, inner in value.items():
            yield from _value(inner, schema.item, (*path, key), root)
    elif schema.shape is Shape.LIST:
        for index, inner in enumerate(value):
            yield from _item(inner, schema, (*path, index), root)
    elif schema.enum and value not in schema.enum and value != "":
        yield _not_allowed(value, schema, path)
    elif schema.shape is Shape.QUANTITY:
        yield from _quantity(value, path)


def _item(value: Json, schema: Type, path: Path, root: Type) -> Iterator[Problem]:
    if value is None:
        yield Problem(
            ProblemKind.WRONG_TYPE, path, f"{path_text(path)} is empty", "give the item a value, or remove its dash"
        )
    else:
        yield from _value(value, schema.item, path, root)


def _object(value: Obj, schema: Type, path: Path, root: Type) -> Iterator[Problem]:
    for key, inner in value.items():
        field = schema.field(key)
        if field is None:
            yield _unknown_field(key, schema, path, root)
        else:
            yield from _value(inner, field, (*path, key), root)
    for name in schema.required:
        if value.get(name) is None and (schema.name.rpartition(".")[2], name) not in _NOT_ENFORCED:
            yield _missing_field(name, path)


# Required by the schema, but a real API server takes the object without them (asked for every required field).
_NOT_ENFORCED = {
    ("CSIDriver", "spec"),
    ("CSINodeSpec", "drivers"),
    ("CustomResourceDefinitionVersion", "served"),
    ("Event", "eventTime"),
    ("HTTPHeader", "value"),
    ("LimitRangeSpec", "limits"),
    ("SleepAction", "seconds"),
    ("TokenRequest", "audience"),
}


def _fits(value: Json, schema: Type) -> bool:
    if isinstance(value, bool):
        return schema.shape is Shape.BOOLEAN
    return isinstance(value, _PYTHON[schema.shape])


_PYTHON: dict[Shape, tuple[type, ...]] = {
    Shape.OBJECT: (dict,),
    Shape.MAP: (dict,),
    Shape.LIST: (list,),
    Shape.STRING: (str,),
    Shape.TIME: (str,),
    Shape.BYTES: (str,),
    Shape.BOOLEAN: (),
    Shape.INTEGER: (int,),
    Shape.NUMBER: (int, float),
    Shape.INT_OR_STRING: (int, str),
    Shape.QUANTITY: (int, float, str),
}

_WANTS = {
    Shape.OBJECT: "fields below it (name: value)",
    Shape.MAP: "names and values below it (name: value)",
    Shape.LIST: "a list (lines that begin with a dash)",
    Shape.STRING: "text",
    Shape.TIME: "a time such as 2026-01-01T00:00:00Z",
    Shape.BYTES: "base64 text",
    Shape.BOOLEAN: "true or false",
    Shape.INTEGER: "a whole number",
    Shape.NUMBER: "a number",
    Shape.INT_OR_STRING: "a whole number or text",
    Shape.QUANTITY: "an amount such as 500m or 1Gi",
}


def _wrong_type(value: Json, schema: Type, path: Path) -> Problem:
    name = path_text(path[-2:]) if path and isinstance(path[-1], int) else str(path[-1])
    what = f"{name} wants {_WANTS[schema.shape]}, got {_described(value)}"
    return Problem(ProblemKind.WRONG_TYPE, path, what, _mend(value, schema))


def _described(value: Json) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return f"the whole number {value}"
        case float():
            return f"the number {value}"
        case str():
            return f'the text "{value}"' if len(value) <= 40 else f'the text "{value[:37]}..."'
        case list():
            return "a list"
        case _:
            return "fields"


def _mend(value: Json, schema: Type) -> str:
    match schema.shape, value:
        case _, str():
            step = _mend_text(value, schema)
        case Shape.STRING, bool():
            step = 'put it in quotes: yes, no, on, off, true and false without quotes are not text, but "true" is'
        case Shape.STRING, int() | float():
            step = f'put it in quotes: "{value}"'
        case Shape.LIST, dict():
            step = "put a dash and a space before its first field"
        case Shape.LIST, _:
            step = f"write it as [{str(value).lower()}]"
        case ((Shape.OBJECT | Shape.MAP), list()):
            step = "remove the dash"
        case _:
            step = ""
    return step


def _mend_text(value: str, schema: Type) -> str:
    key, colon, rest = value.partition(":")
    plain = value.strip().lower()
    match schema.shape:
        case Shape.LIST:
            step = f"write it as {_as_list(value)}"
        case Shape.OBJECT | Shape.MAP if colon and rest and key.isidentifier():
            step = f"put a space after the colon: {key}: {rest.strip()}"
        case Shape.INTEGER if plain.lstrip("+-").isdigit():
            step = f"write {plain} without the quotes"
        case Shape.BOOLEAN if plain in ("true", "false", "yes", "no"):
            step = f"write {plain} without the quotes"
        case _:
            step = ""
    return step


def _as_list(value: str) -> str:
    """A command line as the list it becomes: a container runs its words as they are, no shell splits them."""
    try:
        words = shlex.split(value)
    except ValueError:
        words = [value]
    return json.dumps(words or [value], ensure_ascii=False)


def _quantity(value: Json, path: Path) -> Iterator[Problem]:
    try:
        quantity.parse(value)
    except quantity.QuantityError:
        what = f'{path[-1]} wants an amount, got "{value}"'
        step = "amounts look like 500m (half a CPU), 2, 128Mi, 1Gi"
        yield Problem(ProblemKind.NOT_ALLOWED, path, what, step)


def _not_allowed(value: Json, schema: Type, path: Path) -> Problem:
    allowed = [str(choice) for choice in schema.enum if choice != ""]
    guess = nearest(str(value), allowed)
    step = f"did you mean {guess}?" if guess else f"it may be {', '.join(allowed)}"
    return Problem(ProblemKind.NOT_ALLOWED, path, f'{path[-1]} cannot be "{value}"', step)


def _missing_field(name: str, path: Path) -> Problem:
    where = path_text(path) or "the object"
    step = f"add {name} to {where}" if path else f"add {name}"
    return Problem(ProblemKind.MISSING_FIELD, path, f"{where} has no {name}", step, name)


def _unknown_field(key: str, schema: Type, path: Path, root: Type) -> Problem:
    where = path_text(path)
    what = f'there is no field "{key}" in {where}' if path else f'an object has no field "{key}"'
    sibling = nearest(key, schema.fields)
    elsewhere = _nearest_place(key, path, root)
    if not sibling and not elsewhere:
        sibling = begun(key, schema.fields)
    if sibling:
        step = f"did you mean {sibling}?"
    elif elsewhere:
        step = f"{key} belongs in {elsewhere}: check the indentation"
    else:
        step = f"fields here: {', '.join(list(schema.fields)[:12])}" + (" …" if len(schema.fields) > 12 else "")
    return Problem(ProblemKind.UNKNOWN_FIELD, (*path, key), what, step, sibling)


def _nearest_place(key: str, path: Path, root: Type) -> str:
    """Where in the kind's schema a field of this name exists, nearest to where it was written."""
    here = tuple("[]" if isinstance(step, int) else step for step in path)
    best, best_cost = "", 1_000
    for place in _places(key, root, (), ()):
        shared = 0
        while shared < min(len(here), len(place)) and here[shared] == place[shared]:
            shared += 1
        cost = len(here) + len(place) - 2 * shared + _optional(place, shared, root)
        if cost < best_cost:
            best, best_cost = ".".join(place).replace(".[]", "[]"), cost
    return best


def _optional(place: tuple[str, ...], shared: int, root: Type) -> int:
    """How many steps of a place, beyond those taken anyway, lead through fields that most objects go without.

    `name` in a Pod's `spec` is more likely meant for a container, or for the Pod, than for `spec.os`.
    """
    steps, schema = 0, root
    for depth, step in enumerate(place):
        if step == "[]":
            schema = schema.item
            continue
        field = schema.field(step)
        steps += depth >= max(shared, 1) and step not in schema.required
        if field is None:
            break
        schema = field
    return steps


def _places(key: str, schema: Type, at: tuple[str, ...], inside: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if len(at) > 9 or (schema.name and schema.name in inside):
        return
    if schema.shape is Shape.LIST:
        yield from _places(key, schema.item, (*at, "[]"), inside)
    elif schema.shape is Shape.OBJECT:
        if key in schema.fields and at:
            yield at
        for name, field in schema.fields.items():
            if not (at == () and name == "status") and name != "managedFields":
                yield from _places(key, field, (*at, name), (*inside, schema.name))
