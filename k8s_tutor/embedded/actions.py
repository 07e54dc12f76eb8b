"""What a controller can decide: the actions a reconcile returns.

`controllers.runtime` applies them through the API server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from k8s_tutor.objects.types import Obj

__all__ = ["Action", "Create", "Delete", "EmitEvent", "Patch", "Requeue", "Update", "UpdateStatus"]


@dataclass(frozen=True, slots=True)
class Create:
    """Creates `obj` (with apiVersion, kind and namespace)."""

    obj: Obj


@dataclass(frozen=True, slots=True)
class Update:
    """Replaces the object; its resourceVersion is the precondition (409 Conflict → retried with back-off)."""

    obj: Obj


@dataclass(frozen=True, slots=True)
class UpdateStatus:
    """Replaces the object's status subresource; its resourceVersion is the precondition."""

    obj: Obj


@dataclass(frozen=True, slots=True)
class Patch:
    """A merge patch on `obj` (or on its `subresource`), without precondition."""

    obj: Obj
    patch: Obj
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    """Deletes the object, only if it still has this uid."""

    obj: Obj
    grace_seconds: int | None = None
    propagation: str = ""


@dataclass(frozen=True, slots=True)
class EmitEvent:
    """Records an Event about `about` (counted and merged as the event recorder of client-go does)."""

    about: Obj
    type: str
    reason: str
    message: str
    field_path: str = ""


@dataclass(frozen=True, slots=True)
class Requeue:
    """Looks at the same key again after `seconds`."""

    seconds: float


Action: TypeAlias = Create | Update | UpdateStatus | Patch | Delete | EmitEvent | Requeue
