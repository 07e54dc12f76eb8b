"""The rules every custom kind follows, made from its schema."""

from __future__ import annotations

from functools import partial

from k8s_tutor.embedded.apiserver.custom.structural import fill_defaults
from k8s_tutor.embedded.apiserver.custom.validation import validate_value
from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid
from k8s_tutor.embedded.apiserver.rules.rule import Rules
from k8s_tutor.objects.types import Json, Obj

__all__ = ["custom_rules"]

_TOP = ("apiVersion", "kind", "metadata")


def custom_rules(schema: Obj, *, status: bool, scale: Obj | None) -> Rules:
    """A custom kind's rules.

    Args:
        schema: Its OpenAPI schema.
        status: Whether it has the status subresource.
        scale: The paths of its scale subresource, None without one.
    """
    check = partial(_validate, schema, scale)
    return Rules(
        default=partial(_default, schema),
        prepare_create=_drop_status if status else _nothing,
        prepare_update=partial(_prepare_update, status),
        prepare_status=_prepare_status,
        validate=check,
        validate_update=lambda new, _: check(new),
        validate_status=lambda new, _: check(new),
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


def _validate(schema: Obj, scale: Obj | None, obj: Obj) -> list[FieldError]:
    body = {key: value for key, value in obj.items() if key not in _TOP}
    wanted = {**schema, "required": [key for key in schema.get("required", ()) if key not in _TOP]}
    found = list(validate_value(body, wanted, ""))
    if scale:
        found += _validate_replicas(body, scale["specReplicasPath"])
    return found


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
