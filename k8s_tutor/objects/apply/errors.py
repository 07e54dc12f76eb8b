"""How an apply fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from k8s_tutor.objects.types import Obj

__all__ = ["ApplyConflict", "ApplyError", "Conflict"]


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
