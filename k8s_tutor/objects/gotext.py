"""JSON values in the words of Go's `%v`, `%#v` and `%T`, which a few of Kubernetes' error messages contain."""

from __future__ import annotations

import json

from k8s_tutor.objects.types import Json

__all__ = ["go_syntax", "go_type", "go_value", "group_version"]


def go_value(value: Json) -> str:
    """A value as Go prints it: `map[a:1 b:[x y]]`.

    >>> go_value({"b": ["x", True], "a": None})
    'map[a:<nil> b:[x true]]'
    """
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{go_value(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(go_value(item) for item in value) + "]"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)


def go_syntax(value: Json) -> str:
    """A value as it would stand in Go source: `[]interface {}{"x", 1}`."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(key)}:{go_syntax(value[key])}" for key in sorted(value))
        return f"{go_type(value)}{{{inner}}}"
    if isinstance(value, list):
        return f"{go_type(value)}{{{', '.join(go_syntax(item) for item in value)}}}"
    return go_value(value)


def group_version(api_version: str) -> str:
    """An apiVersion where Go prints group and version: `/v1`, `apps/v1`, `/`."""
    return api_version if "/" in api_version else f"/{api_version}"


def go_type(value: Json) -> str:
    """The Go type a JSON value is decoded into."""
    names = {bool: "bool", str: "string", int: "int64", float: "float64", list: "[]interface {}"}
    return names.get(type(value), "map[string]interface {}" if isinstance(value, dict) else "<nil>")
