"""JSON values in the words of Go's `%v`, which a few of Kubernetes' error messages contain."""

from __future__ import annotations

from k8s_tutor.objects.types import Json

__all__ = ["go_value"]


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
