"""What a controller can decide: the actions a reconcile returns.

`controllers.runtime` applies them through the API server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from k8s_tutor.objects.types import Obj

__all__ = ["Action", "Create", "Delete", "EmitEvent", "Patch", "Requeue", "Scale", "Update", "UpdateStatus"]


@dataclass(frozen=True, slots=True)
class EmitEvent:
    """Records an Event about `about` (counted and merged as the event recorder of client-go does).

    As `success` or `failure` of another action, `message` may hold `{name}` (of the object acted on, known only
    afterwards where it was generated) and `{error}`.
    """

    about: Obj
    type: str
    reason: str
    message: str
    field_path: str = ""


@dataclass(frozen=True, slots=True)
class Create:
    """Creates `obj` (with apiVersion, kind and namespace).

    Attributes:
        obj: What to create.
        success: The Event that says it was created.
        failure: The Event that says it was refused.
        batch: A failed action ends the run, except that the other creations of its batch (> 0) are still tried.
        then: What to do next with the object as it was created, e.g. to note its uid.
    """

    obj: Obj
    success: EmitEvent | None = None
    failure: EmitEvent | None = None
    batch: int = 0
    then: Callable[[Obj], Sequence[Action]] | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Replaces the object; its resourceVersion is the precondition (409 Conflict → retried with back-off).

    Attributes:
        obj: The whole object as it shall be.
        subresource: `finalize` of a Namespace, for example.
        success: The Event that says it was done.
    """

    obj: Obj
    subresource: str = ""
    success: EmitEvent | None = None


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
class Scale:
    """Sets the number of replicas of any object that has a `/scale`."""

    obj: Obj
    replicas: int


@dataclass(frozen=True, slots=True)
class Delete:
    """Deletes the object, only if it still has this uid. Gone already is as good.

    Attributes:
        obj: What to delete.
        grace_seconds: None for the object's own grace period.
        propagation: `Background`, `Foreground` or `Orphan`; `""` for the kind's default.
        success: The Event that says it was deleted.
        failure: The Event that says it was refused.
    """

    obj: Obj
    grace_seconds: int | None = None
    propagation: str = ""
    success: EmitEvent | None = None
    failure: EmitEvent | None = None


@dataclass(frozen=True, slots=True)
class Requeue:
    """Looks at the same key again after `seconds`."""

    seconds: float


Action: TypeAlias = Create | Update | UpdateStatus | Patch | Scale | Delete | EmitEvent | Requeue
