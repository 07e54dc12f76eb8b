"""Conditions: what an object says of itself in `status.conditions`.

See kubernetes.io/docs/reference/kubernetes-api/common-definitions (Condition).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from k8s_tutor.clock import rfc3339
from k8s_tutor.objects.types import Obj

__all__ = ["get", "is_true", "message", "reason", "remove", "set_condition", "status"]


def get(obj: Obj, condition: str) -> Obj | None:
    """The condition of that type, or None."""
    rows: Sequence[Any] = (obj.get("status") or {}).get("conditions") or ()
    for row in rows:
        if row.get("type") == condition:
            return cast("Obj", row)
    return None


def status(obj: Obj, condition: str) -> str:
    """`True`, `False`, `Unknown`, or `""` when the object says nothing of it."""
    return str((get(obj, condition) or {}).get("status", ""))


def is_true(obj: Obj, condition: str) -> bool:
    """Whether the object says that this holds."""
    return status(obj, condition) == "True"


def reason(obj: Obj, condition: str) -> str:
    """The one-word reason, or `""`."""
    return str((get(obj, condition) or {}).get("reason", ""))


def message(obj: Obj, condition: str) -> str:
    """The message for people, or `""`."""
    return str((get(obj, condition) or {}).get("message", ""))


def set_condition(conditions: Sequence[Obj] | None, new: Obj, now: float) -> list[Obj]:
    """The conditions with `new` in its place, as a new list; nothing given is changed.

    `lastTransitionTime` becomes `now` only where the status changes (or the condition is new); other times in `new`,
    such as `lastProbeTime`, are taken as they are.

    Args:
        conditions: `status.conditions` as it stands, may be None.
        new: At least `type` and `status`.
        now: Seconds since the epoch.
    """
    rows = list(conditions or ())
    for index, row in enumerate(rows):
        if row.get("type") == new["type"]:
            same = row.get("status") == new["status"] and "lastTransitionTime" in row
            rows[index] = {**new, "lastTransitionTime": row["lastTransitionTime"] if same else rfc3339(now)}
            return rows
    return [*rows, {**new, "lastTransitionTime": new.get("lastTransitionTime") or rfc3339(now)}]


def remove(conditions: Sequence[Obj] | None, condition: str) -> list[Obj]:
    """The conditions without that type, as a new list."""
    return [row for row in conditions or () if row.get("type") != condition]
