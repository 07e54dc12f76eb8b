"""What a controller is: a name, the resources it watches, which keys a change concerns, and a pure decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from k8s_tutor.api.status import StatusError
from k8s_tutor.embedded.actions import Action
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["NOTHING_TO_DO", "Controller", "Patient", "Reconciled", "own_key", "owner_key"]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A decision.

    Attributes:
        actions: What to do, in order. The first failure ends the run, and the key comes back after a back-off.
        analysis: Why, in words: what is wanted, what is there, the difference.
        if_failed: What to do when an action was refused, e.g. to say so in the status.
        failure: Why the run has failed although nothing was refused; the key comes back after a back-off.
    """

    actions: Sequence[Action] = ()
    analysis: Sequence[str] = ()
    if_failed: Callable[[StatusError], Sequence[Action]] | None = None
    failure: str = ""


NOTHING_TO_DO = Reconciled(analysis=("The object is gone: nothing to do.",))


class Controller(Protocol):
    """One controller; an instance holds no state but what the real one, too, keeps in memory alone.

    Attributes:
        name: Of its service account, and the component of its events.
        watches: Store resources; `*` for all.
    """

    name: ClassVar[str]
    watches: ClassVar[tuple[str, ...]]

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The keys that this change may concern."""
        ...

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """What to do about `key`, from what is there now."""
        ...


@runtime_checkable
class Patient(Protocol):
    """A controller that lets changes gather before it looks."""

    def patience(self, change: Change) -> float:
        """Seconds to wait before looking at what this change concerns; 0 for at once."""
        ...


def own_key(change: Change) -> Iterable[Key]:
    """The key of the changed object itself."""
    return (metadata.key(change.obj),)


def owner_key(obj: Obj, kind: str) -> Iterable[Key]:
    """The key of the controller of `kind` that owns the object, if one does."""
    owner = metadata.controller_of(obj)
    if owner is None or owner["kind"] != kind:
        return ()
    return (Key(metadata.namespace(obj), owner["name"]),)
