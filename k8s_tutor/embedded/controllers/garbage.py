"""Garbage collector: what belongs to something that is gone, goes too.

Background: the owner goes, then its dependents. Foreground: the owner waits (finalizer `foregroundDeletion`) until
those dependents that block it are gone. Orphan: the dependents lose their owner and stay.
See kubernetes.io/docs/concepts/architecture/garbage-collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from k8s_tutor.embedded.actions import Action, Delete, Patch
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled
from k8s_tutor.embedded.controllers.view import UNOWNED, View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj, OwnerReference

__all__ = ["GarbageCollector"]

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


class GarbageCollector:
    """Keys are uids (`Key("", uid)`): owners are known by uid, across all resources."""

    name: ClassVar[str] = "generic-garbage-collector"
    watches: ClassVar[tuple[str, ...]] = ("*",)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The dependents of what went and the owners it kept waiting; whatever comes owned, or is held by us."""
        if change.resource in UNOWNED:
            return ()
        obj, before = change.obj, change.previous
        owners = [owner["uid"] for owner in metadata.owners(obj)]
        if change.type == "DELETED":
            uids = [*(metadata.uid(one) for _, one in view.dependents(metadata.uid(obj))), *owners]
        else:
            changed = before is None or metadata.owners(before) != metadata.owners(obj)
            uids = [metadata.uid(obj)] if (owners and changed) or _is_held(obj) else []
            if before is not None and changed:
                uids += [owner["uid"] for owner in metadata.owners(before)]
        return [Key("", uid) for uid in dict.fromkeys(uids)]

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Deletes an object whose owners are gone, or deals with the dependents of one that is going."""
        obj = view.by_uid(key.name)
        if obj is None:
            return NOTHING_TO_DO
        if metadata.is_deleting(obj):
            if _has(obj, ORPHAN):
                return _orphan(view, obj)
            if _has(obj, FOREGROUND):
                return _foreground(view, obj)
            return Reconciled(analysis=("It is being deleted already.",))
        if not metadata.owners(obj):
            return Reconciled(analysis=("It has no owner: it stays.",))
        return _by_owners(view, obj, _sort_owners(view, obj))


@dataclass(frozen=True, slots=True)
class _Owners:
    """An object's owners: there, gone, or waiting for their dependents to go."""

    solid: Sequence[OwnerReference]
    gone: Sequence[OwnerReference]
    waiting: Sequence[OwnerReference]


def _sort_owners(view: View, obj: Obj) -> _Owners:
    solid, gone, waiting = [], [], []
    for reference in metadata.owners(obj):
        owner = view.by_uid(reference["uid"])
        if owner is None or not _names(reference, owner, obj):
            gone.append(reference)
        elif metadata.is_deleting(owner) and _has(owner, FOREGROUND):
            waiting.append(reference)
        else:
            solid.append(reference)
    return _Owners(solid, gone, waiting)


def _names(reference: OwnerReference, owner: Obj, obj: Obj) -> bool:
    """Whether the reference means this owner: same kind and name, and in reach (own namespace, or cluster scope)."""
    same = (reference["kind"], reference["name"]) == (owner["kind"], metadata.name(owner))
    return same and metadata.namespace(owner) in ("", metadata.namespace(obj))


def _by_owners(view: View, obj: Obj, owners: _Owners) -> Reconciled:
    name = metadata.title(obj)
    if owners.solid:
        if not owners.gone and not owners.waiting:
            return Reconciled(analysis=(f"{name} has its owner: it stays.",))
        left = [row for row in metadata.owners(obj) if row in owners.solid]
        return Reconciled([_with_owners(obj, left)], (f"{name} still has an owner; the others are gone.",))
    if owners.waiting and any(True for _ in view.dependents(metadata.uid(obj))):
        words = f"The owner of {name} waits for it, and others wait behind: delete in the foreground."
        return Reconciled([Delete(obj, propagation="Foreground")], (words,))
    policy = "Orphan" if _has(obj, ORPHAN) else "Foreground" if _has(obj, FOREGROUND) else "Background"
    return Reconciled([Delete(obj, propagation=policy)], (f"The owner of {name} is gone: delete it.",))


def _orphan(view: View, obj: Obj) -> Reconciled:
    uid = metadata.uid(obj)
    actions: list[Action] = [
        _with_owners(one, [row for row in metadata.owners(one) if row["uid"] != uid]) for _, one in view.dependents(uid)
    ]
    return Reconciled([*actions, _without(obj, ORPHAN)], (f"{len(actions)} dependents become orphans, then it goes.",))


def _foreground(view: View, obj: Obj) -> Reconciled:
    uid = metadata.uid(obj)
    dependents = [one for _, one in view.dependents(uid)]
    blocking = [one for one in dependents if _blocks(one, uid)]
    if not blocking:
        return Reconciled([_without(obj, FOREGROUND)], ("No dependent holds it back any more: let it go.",))
    actions: list[Action] = []
    for one in dependents:
        if not metadata.is_deleting(one):
            actions += _by_owners(view, one, _sort_owners(view, one)).actions
    words = f"{len(blocking)} dependents hold it back; {len(actions)} of all are to be deleted now."
    return Reconciled(actions, (words,))


def _blocks(obj: Obj, uid: str) -> bool:
    return any(row["uid"] == uid and row.get("blockOwnerDeletion") for row in metadata.owners(obj))


def _is_held(obj: Obj) -> bool:
    return metadata.is_deleting(obj) and (_has(obj, FOREGROUND) or _has(obj, ORPHAN))


def _has(obj: Obj, finalizer: str) -> bool:
    return finalizer in (obj["metadata"].get("finalizers") or ())


def _without(obj: Obj, finalizer: str) -> Patch:
    left = [name for name in obj["metadata"]["finalizers"] if name != finalizer]
    return Patch(obj, {"metadata": {"finalizers": left or None}})


def _with_owners(obj: Obj, owners: Sequence[OwnerReference]) -> Patch:
    return Patch(obj, {"metadata": {"ownerReferences": list(owners) or None}})
