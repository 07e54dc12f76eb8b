"""How a patch fails."""

from __future__ import annotations

from k8s_tutor.objects.types import Json

__all__ = ["PatchError", "json_type"]


class PatchError(ValueError):
    """A patch that cannot be applied, with the code, reason and message of a real API server's `Status`."""

    def __init__(self, message: str, *, code: int = 500, reason: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.reason = reason


def json_type(value: Json) -> str:
    """What Go's JSON decoder calls a value."""
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case int() | float():
            return "number"
        case dict():
            return "object"
        case list():
            return "array"
        case _:
            return "null"
