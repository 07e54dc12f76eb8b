"""Field errors as Kubernetes words them: `spec.replicas: Invalid value: -1: must be greater than or equal to 0`.

Source of types and wording: k8s.io/apimachinery/pkg/util/validation/field (1.37), checked against a real server.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from k8s_tutor.objects.types import Json, Obj

__all__ = [
    "OMITTED",
    "FieldError",
    "aggregate",
    "causes",
    "duplicate",
    "forbidden",
    "internal",
    "invalid",
    "not_found",
    "quoted",
    "required",
    "too_long",
    "too_many",
    "type_invalid",
    "unsupported",
]


class _Omitted:
    """Marks an error that does not show the value."""


OMITTED: Final = _Omitted()


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field.

    Attributes:
        field: Path, `spec.containers[0].image`.
        reason: Machine-readable cause, `FieldValueInvalid`.
        message: What is wrong, without the field's name.
    """

    field: str
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def required(field: str, detail: str = "") -> FieldError:
    """A field that must be there is not."""
    return FieldError(field, "FieldValueRequired", _with("Required value", detail))


def invalid(field: str, value: Json | _Omitted, detail: str = "") -> FieldError:
    """A value that is not acceptable."""
    return FieldError(field, "FieldValueInvalid", _with(_valued("Invalid value", value), detail))


def type_invalid(field: str, value: Json | _Omitted, detail: str = "") -> FieldError:
    """A value of the wrong type (custom resources only: built-in kinds fail while decoding)."""
    return FieldError(field, "FieldValueTypeInvalid", _with(_valued("Invalid value", value), detail))


def forbidden(field: str, detail: str) -> FieldError:
    """A value that may not be given here."""
    return FieldError(field, "FieldValueForbidden", _with("Forbidden", detail))


def duplicate(field: str, value: Json | _Omitted, detail: str = "") -> FieldError:
    """A value that must be unique is there twice."""
    return FieldError(field, "FieldValueDuplicate", _with(_valued("Duplicate value", value), detail))


def not_found(field: str, value: Json) -> FieldError:
    """A reference to something that is not there."""
    return FieldError(field, "FieldValueNotFound", _valued("Not found", value))


def unsupported(field: str, value: Json, known: Sequence[str], *, sort: bool = True) -> FieldError:
    """A value that is none of the known ones."""
    words = ", ".join(quoted(word) for word in (sorted(known) if sort else known))
    detail = f"supported values: {words}" if known else ""
    return FieldError(field, "FieldValueNotSupported", _with(_valued("Unsupported value", value), detail))


def too_long(field: str, limit: int) -> FieldError:
    """A text of more than `limit` bytes."""
    return FieldError(field, "FieldValueTooLong", f"Too long: may not be more than {limit} bytes")


def too_many(field: str, actual: int, limit: int) -> FieldError:
    """A list of more than `limit` items."""
    items = "item" if limit == 1 else "items"
    return FieldError(field, "FieldValueTooMany", f"Too many: {actual}: must have at most {limit} {items}")


def internal(field: str, detail: str) -> FieldError:
    """A check that could not be made."""
    return FieldError(field, "InternalError", _with("Internal error", detail))


def aggregate(errors: Iterable[FieldError | str]) -> str:
    """All messages in one line, without repetition, as Go's aggregate error prints them."""
    messages = list(dict.fromkeys(str(error) for error in errors))
    return messages[0] if len(messages) == 1 else "[" + ", ".join(messages) + "]"


def causes(errors: Iterable[FieldError]) -> list[Obj]:
    """`details.causes` of a Status, each of them once."""
    different = dict.fromkeys(errors)
    return [{"reason": error.reason, "message": error.message, "field": error.field} for error in different]


def quoted(text: str) -> str:
    """As Go's %q prints a string."""
    return json.dumps(text, ensure_ascii=False)


def _valued(words: str, value: Json | _Omitted) -> str:
    if isinstance(value, _Omitted):
        return words
    if isinstance(value, str):
        return f"{words}: {quoted(value)}"
    is_map = isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=is_map)  # Go sorts maps, not structs
    return f"{words}: {text}"


def _with(words: str, detail: str) -> str:
    return f"{words}: {detail}" if detail else words
