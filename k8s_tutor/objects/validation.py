"""What is wrong with an object by its schema: unknown fields, wrong types, missing fields, values not allowed.

This is the check that teaches, before anything is sent. The API server's own refusals are its own.
"""

from __future__ import annotations

import base64
import binascii
import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from k8s_tutor.language import Message, Wording, msg
from k8s_tutor.objects import quantity
from k8s_tutor.objects.reference import begun, distance, nearest
from k8s_tutor.objects.schema import JsonType, Type
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
    what: Wording
    next_step: Wording = ""
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
    if value is None or schema.shape is JsonType.ANY:
        return
    if not _fits(value, schema):
        yield _wrong_type(value, schema, path)
    elif schema.shape is JsonType.OBJECT:
        yield from _object(value, schema, path, root)
    elif schema.shape is JsonType.MAP:
        for key, inner in value.items():
            yield from _value(inner, schema.item, (*path, key), root)
    elif schema.shape is JsonType.LIST:
        for index, inner in enumerate(value):
            yield from _item(inner, schema, (*path, index), root)
    else:
        yield from _scalar(value, schema, path)


def _scalar(value: Json, schema: Type, path: Path) -> Iterator[Problem]:
    if schema.enum and value not in schema.enum and value != "":
        yield _not_allowed(value, schema, path)
    elif schema.shape is JsonType.QUANTITY:
        yield from _quantity(value, path)
    elif schema.shape is JsonType.BYTES and not _is_base64(value):
        yield _wrong_type(value, schema, path)


def _item(value: Json, schema: Type, path: Path, root: Type) -> Iterator[Problem]:
    if value is None:
        yield Problem(
            ProblemKind.WRONG_TYPE,
            path,
            msg("{field} is empty", field=path_text(path)),
            msg("give the item a value, or remove its dash"),
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
        return schema.shape is JsonType.BOOLEAN
    return isinstance(value, _PYTHON[schema.shape])


_PYTHON: dict[JsonType, tuple[type, ...]] = {
    JsonType.OBJECT: (dict,),
    JsonType.MAP: (dict,),
    JsonType.LIST: (list,),
    JsonType.STRING: (str,),
    JsonType.TIME: (str,),
    JsonType.BYTES: (str,),
    JsonType.BOOLEAN: (),
    JsonType.INTEGER: (int,),
    JsonType.NUMBER: (int, float),
    JsonType.INT_OR_STRING: (int, str),
    JsonType.QUANTITY: (int, float, str),
}

_WANTS = {
    JsonType.OBJECT: msg("fields below it (name: value)"),
    JsonType.MAP: msg("names and values below it (name: value)"),
    JsonType.LIST: msg("a list (lines that begin with a dash)"),
    JsonType.STRING: msg("text"),
    JsonType.TIME: msg("a time such as 2026-01-01T00:00:00Z"),
    JsonType.BYTES: msg("base64 text"),
    JsonType.BOOLEAN: msg("true or false"),
    JsonType.INTEGER: msg("a whole number"),
    JsonType.NUMBER: msg("a number"),
    JsonType.INT_OR_STRING: msg("a whole number or text"),
    JsonType.QUANTITY: msg("an amount such as 500m or 1Gi"),
}


def _wrong_type(value: Json, schema: Type, path: Path) -> Problem:
    name = path_text(path[-2:]) if path and isinstance(path[-1], int) else str(path[-1])
    what = msg("{field} wants {wanted}, got {given}", field=name, wanted=_WANTS[schema.shape], given=_described(value))
    step = _PLAIN.get(str(path[0]), "") if schema.shape is JsonType.BYTES else _mend(value, schema)
    return Problem(ProblemKind.WRONG_TYPE, path, what, step)


_PLAIN: dict[str, Wording] = {
    "data": msg("plain text goes under stringData, in place of data: Kubernetes encodes it"),
    "binaryData": msg("plain text goes under data, in place of binaryData"),
}
"""Where in a Secret, or in a ConfigMap, plain text belongs that stands where bytes are wanted."""


def _described(value: Json) -> Wording:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return msg("the whole number {value}", value=value)
        case float():
            return msg("the number {value}", value=value)
        case str():
            return msg('the text "{value}"', value=value if len(value) <= 40 else f"{value[:37]}...")
        case list():
            return msg("a list")
        case _:
            return msg("fields")


def _mend(value: Json, schema: Type) -> Wording:
    step: Wording
    match schema.shape, value:
        case _, str():
            step = _mend_text(value, schema)
        case JsonType.STRING, _ if schema.enum:
            step = _may_be(schema)
        case JsonType.STRING, bool():
            step = msg('put it in quotes: yes, no, on, off, true and false without quotes are not text, but "true" is')
        case JsonType.STRING, int() | float():
            step = msg('put it in quotes: "{value}"', value=value)
        case JsonType.LIST, dict():
            step = msg("put a dash and a space before its first field")
        case JsonType.LIST, _ if schema.item.shape is JsonType.OBJECT:
            step = msg("its items are fields behind a dash, such as: - {field}: …", field=_first_field(schema.item))
        case JsonType.LIST, _:
            step = msg("write it as {value}", value=f"[{str(value).lower()}]")
        case ((JsonType.OBJECT | JsonType.MAP), list()):
            step = msg("remove the dash")
        case _:
            step = _MENDS.get(schema.shape, "")
    return step


_MENDS: dict[JsonType, Wording] = {
    JsonType.STRING: msg("put a | behind the colon, and the text below it, indented: then it is one text"),
    JsonType.OBJECT: msg("write its fields below it, indented"),
    JsonType.MAP: msg("write its fields below it, indented"),
    JsonType.BOOLEAN: msg("write true or false"),
    JsonType.INTEGER: msg("write it in digits"),
    JsonType.NUMBER: msg("write it in digits"),
}
"""What is right for a shape, whatever was written instead."""


def _may_be(schema: Type) -> Message:
    return msg("it may be {allowed}", allowed=", ".join(str(choice) for choice in schema.enum if choice != ""))


def _mend_text(value: str, schema: Type) -> Wording:
    key, colon, rest = value.partition(":")
    plain = value.strip().lower()
    step: Wording
    match schema.shape:
        case JsonType.LIST if schema.item.shape is JsonType.OBJECT:
            step = msg("its items are fields behind a dash, such as: - {field}: …", field=_first_field(schema.item))
        case JsonType.LIST:
            step = msg("write it as {value}", value=_as_list(value))
        case JsonType.OBJECT | JsonType.MAP if colon and rest and key.isidentifier():
            step = msg("put a space after the colon: {key}: {value}", key=key, value=rest.strip())
        case JsonType.INTEGER if plain.lstrip("+-").isdigit():
            step = msg("write {value} without the quotes", value=plain)
        case JsonType.BOOLEAN if plain in ("true", "false", "yes", "no"):
            step = msg("write {value} without the quotes", value=plain)
        case _:
            step = _MENDS.get(schema.shape, "")
    return step


def _first_field(item: Type) -> str:
    return next(iter((*item.required, *item.fields)), "name")


def _as_list(value: str) -> str:
    """A command line as the list it becomes: a container runs its words as they are, no shell splits them."""
    try:
        words = shlex.split(value)
    except ValueError:
        words = [value]
    return json.dumps(words or [value], ensure_ascii=False)


def _quantity(value: Json, path: Path) -> Iterator[Problem]:
    if not _is_amount(value):
        what = msg('{field} wants an amount, got "{value}"', field=path[-1], value=value)
        bare = str(value).rstrip("Bb")  # `2GB`, `512MiB`
        step = msg("amounts look like 500m (half a CPU), 2, 128Mi, 1Gi")
        if bare and _is_amount(bare):
            step = msg("did you mean {guess}?", guess=bare)
        yield Problem(ProblemKind.NOT_ALLOWED, path, what, step)


def _is_amount(value: Json) -> bool:
    try:
        quantity.parse(value)
    except quantity.QuantityError:
        return False
    return True


def _is_base64(value: str) -> bool:
    """Whether the API server can decode it; line breaks in it count for nothing."""
    try:
        base64.b64decode(value.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _not_allowed(value: Json, schema: Type, path: Path) -> Problem:
    guess = nearest(str(value), [str(choice) for choice in schema.enum if choice != ""])
    step = msg("did you mean {guess}?", guess=guess) if guess else _may_be(schema)
    return Problem(ProblemKind.NOT_ALLOWED, path, msg('{field} cannot be "{value}"', field=path[-1], value=value), step)


def _missing_field(name: str, path: Path) -> Problem:
    where = path_text(path) or msg("the object")
    step = msg("add {name} to {where}", name=name, where=where) if path else msg("add {name}", name=name)
    return Problem(ProblemKind.MISSING_FIELD, path, msg("{where} has no {name}", where=where, name=name), step, name)


def _unknown_field(key: str, schema: Type, path: Path, root: Type) -> Problem:
    where = path_text(path)
    what = msg('an object has no field "{field}"', field=key)
    if path:
        what = msg('there is no field "{field}" in {where}', field=key, where=where)
    sibling = nearest(key, schema.fields)
    elsewhere, deeper = _nearest_place(key, path, root)
    if deeper == 1 and distance(key, sibling) > _SLIP:
        sibling = ""  # `readinessProbe` beside containers is no misspelt readinessGates
    if not sibling and not elsewhere:
        sibling = begun(key, schema.fields)
    if sibling:
        step = msg("did you mean {guess}?", guess=sibling)
    elif elsewhere and deeper == 1:
        step = msg("{field} belongs one level deeper, in {where}: indent it as the fields there", field=key,
                   where=elsewhere)  # fmt: skip
    elif elsewhere:
        step = msg("{field} belongs in {where}: check the indentation", field=key, where=elsewhere)
    else:
        names = ", ".join(list(schema.fields)[:12]) + (" …" if len(schema.fields) > 12 else "")
        step = msg("fields here: {names}", names=names)
    return Problem(ProblemKind.UNKNOWN_FIELD, (*path, key), what, step, sibling)


_SLIP = 2  # letters that are wrong in a misspelt word


def _nearest_place(key: str, path: Path, root: Type) -> tuple[str, int]:
    """Where in the kind's schema a field of this name exists, nearest to where it was written; how much deeper.

    0 is not deeper: above it, or beside.
    """
    here = tuple("[]" if isinstance(step, int) else step for step in path)
    best, best_cost, deeper = "", 1_000, 0
    for place in _places(key, root, (), ()):
        shared = 0
        while shared < min(len(here), len(place)) and here[shared] == place[shared]:
            shared += 1
        cost = len(here) + len(place) - 2 * shared + _optional(place, shared, root)
        if cost < best_cost:
            best, best_cost = ".".join(place).replace(".[]", "[]"), cost
            below = [step for step in place[shared:] if step != "[]"]
            deeper = len(below) if shared == len(here) else 0
    return best, deeper


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
    if schema.shape is JsonType.LIST:
        yield from _places(key, schema.item, (*at, "[]"), inside)
    elif schema.shape is JsonType.OBJECT:
        if key in schema.fields and at:
            yield at
        for name, field in schema.fields.items():
            if not (at == () and name == "status") and name != "managedFields":
                yield from _places(key, field, (*at, name), (*inside, schema.name))
