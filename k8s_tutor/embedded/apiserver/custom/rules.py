"""The rules every custom kind follows, made from its schema."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from typing import Any

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid
from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.embedded.apiserver.structural.correlation import ABSENT
from k8s_tutor.embedded.apiserver.structural.pruning import fill_defaults
from k8s_tutor.embedded.apiserver.structural.rules import BLOCKING, RuleTree, broken_rules, has_rules, rule_tree
from k8s_tutor.embedded.apiserver.structural.validation import validate_value
from k8s_tutor.objects.types import Json, Obj

__all__ = ["custom_rules"]

_TOP = ("apiVersion", "kind", "metadata")
_UNCHECKED = (
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete "
    "validation"
)


def custom_rules(schema: Obj, *, status: bool, scale: Obj | None) -> Rules:
    """A custom kind's rules.

    Args:
        schema: Its OpenAPI schema.
        status: Whether it has the status subresource.
        scale: The paths of its scale subresource, None without one.
    """
    check = _Check(schema, scale)
    return Rules(
        default=partial(_default, schema),
        prepare_create=_drop_status if status else _nothing,
        prepare_update=partial(_prepare_update, status),
        prepare_status=_prepare_status,
        validate=check.problems,
        validate_update=check.problems,
        validate_status=check.problems,
        generation=True,
    )


def _nothing(_: Obj) -> None:
    return None


def _default(schema: Obj, obj: Obj) -> None:
    fill_defaults(obj, {key: value for key, value in schema.items() if key != "default"})


def _drop_status(obj: Obj) -> None:
    obj.pop("status", None)


def _prepare_update(status: bool, new: Obj, old: Obj) -> None:
    if status:
        new.pop("status", None)
        if "status" in old:
            new["status"] = old["status"]
    before = _counted(old, status=status)
    if _counted(new, status=status) != before:
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1


def _counted(obj: Obj, *, status: bool) -> Obj:
    """What a change of counts in metadata.generation."""
    return {key: value for key, value in obj.items() if key not in _TOP and not (status and key == "status")}


def _prepare_status(new: Obj, old: Obj) -> None:
    status = new.get("status")
    kept = {key: value for key, value in old.items() if key not in ("metadata", "status")}
    version, managed = new["metadata"].get("resourceVersion"), new["metadata"].get("managedFields")
    metadata = {**old["metadata"], "resourceVersion": version}
    if managed:
        metadata["managedFields"] = managed
    new.clear()
    new.update(kept)
    new["metadata"] = metadata
    if status is not None:
        new["status"] = status


class _Check:
    """Judges whole objects: first by the schema, then, where that leaves them sound, by the rules in it."""

    def __init__(self, schema: Obj, scale: Obj | None) -> None:
        self._schema = schema
        self._scale = scale

    @cached_property
    def _tree(self) -> RuleTree | None:
        return rule_tree(self._schema, root=True) if has_rules(self._schema) else None

    def problems(self, obj: Obj, old: Obj | None = None) -> list[FieldError]:
        """What is wrong with an object, or with the change of one."""
        found = list(self._by_schema(obj, old))
        if self._scale:
            found += _validate_replicas(_body(obj), self._scale["specReplicasPath"])
        if self._tree is None:
            return found
        if any(problem.reason in BLOCKING for problem in found):
            return [*found, FieldError("<nil>", "FieldValueInvalid", f"Invalid value: null: {_UNCHECKED}")]
        return [*found, *broken_rules(self._tree, obj, "", ABSENT if old is None else old)]

    def _by_schema(self, obj: Obj, old: Obj | None) -> Iterator[FieldError]:
        wanted = {**self._schema, "required": [key for key in self._schema.get("required", ()) if key not in _TOP]}
        before: Any = ABSENT if old is None else _body(old)
        properties = self._schema.get("properties") or {}
        if name := properties.get("metadata"):
            metadata = {key: value for key, value in obj["metadata"].items() if key in ("name", "generateName")}
            yield from validate_value(metadata, name, "metadata")
        yield from validate_value(_body(obj), wanted, "", before)


def _body(obj: Obj) -> Obj:
    return {key: value for key, value in obj.items() if key not in _TOP}


def _validate_replicas(body: Json, path: str) -> list[FieldError]:
    """The scale subresource must find a number where it looks."""
    value = body
    for key in path.strip(".").split("."):
        if value is None:
            return []
        if not isinstance(value, dict):
            words = (
                f"{path} accessor error: {value} is of the type {_go_type(value)}, expected map[string]interface{{}}"
            )
            return [invalid(path, 0, words)]
        value = value.get(key)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return [invalid(path, value, "should be a non-negative integer")] if value is not None and value < 0 else []
    return [invalid(path, 0, f"{path} accessor error: {value} is of the type {_go_type(value)}, expected int64")]


def _go_type(value: Json) -> str:
    if isinstance(value, bool):
        return "bool"
    kinds = {str: "string", int: "int64", float: "float64", list: "[]interface {}"}
    return kinds.get(type(value), "map[string]interface {}")
