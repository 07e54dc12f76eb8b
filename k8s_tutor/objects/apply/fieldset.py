"""Sets of fields, in the form `fieldsV1` has: a tree of path elements.

An element is `f:name` (a field), `k:{"name":"x"}` (the item of a list with these keys) or `v:"x"` (the item of a set).
A node without children is a member of the set; one with children is a member when it has `.` among them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias, cast

from k8s_tutor.objects.schema import ANY, JsonType, Type
from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "ApplyConflict",
    "ApplyError",
    "Conflict",
    "FieldSet",
    "child_type",
    "difference",
    "insert",
    "intersection",
    "is_member",
    "ordered",
    "path_text",
    "paths",
    "union",
    "with_named_fields",
]

FieldSet: TypeAlias = dict[str, "FieldSet"]
"""A tree of path elements; the root stands for the object and is never a member."""

_SELF = "."


def is_member(node: Mapping[str, FieldSet]) -> bool:
    """Whether the path that leads to this node is in the set."""
    return not node or _SELF in node


def insert(fields: FieldSet, path: Sequence[str], node: FieldSet | None = None) -> None:
    """Adds a path to a set that is being built; with `node`, all that lies below it. The empty path is left out."""
    if not path:
        return
    here = fields
    for element in path[:-1]:
        inner = here.get(element)
        if inner is None:
            inner = here[element] = {}
        elif not inner:
            inner[_SELF] = {}
        here = inner
    last = here.get(path[-1])
    if last is None:
        here[path[-1]] = {} if node is None else node
    elif last:
        last[_SELF] = {}


def union(one: FieldSet, other: FieldSet) -> FieldSet:
    """All paths of both."""
    if not one or not other:
        return one or other
    found: FieldSet = {}
    for element in _elements(one, other):
        left, right = one.get(element), other.get(element)
        if left is None or right is None:
            found[element] = cast("FieldSet", right if left is None else left)
        else:
            found[element] = _node(is_member(left) or is_member(right), union(_inner(left), _inner(right)))
    return found


def difference(one: FieldSet, other: FieldSet) -> FieldSet:
    """The paths of `one` that are not in `other`."""
    if not one or not other:
        return one
    found: FieldSet = {}
    for element, left in one.items():
        right = other.get(element)
        if element == _SELF:
            continue
        if right is None:
            found[element] = left
            continue
        member = is_member(left) and not is_member(right)
        inner = difference(_inner(left), _inner(right))
        if member or inner:
            found[element] = _node(member, inner)
    return found


def intersection(one: FieldSet, other: FieldSet) -> FieldSet:
    """The paths in both."""
    found: FieldSet = {}
    for element, left in one.items():
        right = other.get(element)
        if right is None or element == _SELF:
            continue
        member = is_member(left) and is_member(right)
        inner = intersection(_inner(left), _inner(right))
        if member or inner:
            found[element] = _node(member, inner)
    return found


def with_named_fields(fields: FieldSet, schema: Type) -> FieldSet:
    """The set, with every field the schema names that leads to a member: whoever owns `a.b` holds on to `a`."""
    found: FieldSet = {}
    for element, node in fields.items():
        if element == _SELF:
            continue
        named = element.startswith("f:") and schema.shape is JsonType.OBJECT and element[2:] in schema.fields
        inner = with_named_fields(_inner(node), child_type(schema, element))
        found[element] = _node(is_member(node) or named, inner)
    return found


def child_type(schema: Type, element: str) -> Type:
    """The type of what a path element leads to."""
    if element.startswith("f:"):
        return schema.field(element[2:]) or ANY
    return schema.item if schema.shape is JsonType.LIST else ANY


def paths(fields: FieldSet, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every path in the set, in order."""
    for element in sorted((element for element in fields if element != _SELF), key=_rank):
        node = fields[element]
        if is_member(node):
            yield (*before, element)
        yield from paths(node, (*before, element))


def ordered(fields: FieldSet) -> FieldSet:
    """The same set in the order the API server writes it."""
    if len(fields) < 2:
        return {element: ordered(node) if node else node for element, node in fields.items()}
    return {element: ordered(node) if (node := fields[element]) else node for element in sorted(fields, key=_rank)}


def path_text(path: Sequence[str]) -> str:
    """A path as error messages show it: `.spec.containers[name="web"].image`."""
    text = ""
    for element in path:
        sort, _, rest = element.partition(":")
        if sort == "f":
            text += f".{rest}"
        elif sort == "k":
            text += "[" + ",".join(f"{key}={json.dumps(value)}" for key, value in json.loads(rest).items()) + "]"
        else:
            text += f"[={rest}]"
    return text


def _node(member: bool, inner: FieldSet) -> FieldSet:
    return {_SELF: {}, **inner} if member and inner else inner


def _inner(node: FieldSet) -> FieldSet:
    if _SELF not in node:
        return node
    return {element: inner for element, inner in node.items() if element != _SELF}


def _elements(one: FieldSet, other: FieldSet) -> list[str]:
    return list(dict.fromkeys((*one, *other)))


@lru_cache(maxsize=4096)
def _rank(element: str) -> tuple[int, Json]:
    if element == _SELF:
        return (0, "")
    sort, _, rest = element.partition(":")
    if sort == "f":
        return (1, rest)
    if sort == "k":
        return (2, [(key, isinstance(value, str), value) for key, value in json.loads(rest).items()])
    return (3, rest)


# ---- How an apply fails


class ApplyError(ValueError):
    """An apply that cannot be carried out, with the code and reason of a real API server's `Status`."""

    def __init__(self, message: str, *, code: int = 500, reason: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.reason = reason


class Conflict(NamedTuple):
    """A field that another manager owns and would lose.

    Attributes:
        manager: The other manager, as messages name it: `"kubectl-client-side-apply" using apps/v1`.
        field: The field, `.spec.replicas`.
    """

    manager: str
    field: str


class ApplyConflict(ApplyError):
    """Fields belong to others, and the apply was not forced."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        self.conflicts = list(conflicts)
        super().__init__(_message(self.conflicts), code=409, reason="Conflict")

    @property
    def causes(self) -> list[Obj]:
        """`details.causes` of the `Status`."""
        return [
            {"reason": "FieldManagerConflict", "message": f"conflict with {row.manager}", "field": row.field}
            for row in self.conflicts
        ]


def _message(conflicts: Sequence[Conflict]) -> str:
    if len(conflicts) == 1:
        return f"Apply failed with 1 conflict: conflict with {conflicts[0].manager}: {conflicts[0].field}"
    lines = []
    for manager in dict.fromkeys(row.manager for row in conflicts):
        lines.append(f"conflicts with {manager}:")
        lines += [f"- {row.field}" for row in conflicts if row.manager == manager]
    return f"Apply failed with {len(conflicts)} conflicts: " + "\n".join(lines)
