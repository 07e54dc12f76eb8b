"""Garbage: what belongs to something that is gone goes too, and so do pods whose node is gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import ClassVar

from k8s_tutor.embedded.actions import Action, Delete, Patch, Requeue
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, UNOWNED, Reconciled, View
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import msg
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.pods import is_terminal
from k8s_tutor.objects.types import Obj, OwnerReference

__all__ = ["GarbageCollector", "PodGarbageCollector"]

PERIOD = 20.0
"""Seconds between two looks for pods without a node."""
QUARANTINE = 40.0
"""Seconds for which a node has to be gone before its pods go: it may come back."""
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"


class PodGarbageCollector:
    """Deletes pods of nodes that are gone, or that somebody has declared to be out of service.

    Keys are names of nodes.
    """

    name: ClassVar[str] = "pod-garbage-collector"
    watches: ClassVar[tuple[str, ...]] = ("nodes", "pods")

    def __init__(self) -> None:
        self._missed: dict[str, float] = {}  # since when it looks for a node, as the real one remembers it

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """A node that is gone or out of service; of a pod, its node if that is so."""
        if change.resource == "nodes":
            name = metadata.name(change.obj)
            node = None if change.type == "DELETED" else change.obj
        else:
            name = change.obj["spec"].get("nodeName", "")
            node = view.get("nodes", "", name) if name else None
            if not name or change.type == "DELETED":
                return ()
        return [Key("", name)] if node is None or _is_out_of_service(node) else ()

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Deletes the node's pods once it is certain that it does not come back."""
        node = view.get("nodes", "", key.name)
        pods = [pod for pod in view.list("pods") if pod["spec"].get("nodeName") == key.name]
        if node is not None:
            self._missed.pop(key.name, None)
            return _let_go(pods, now) if _is_out_of_service(node) else NOTHING_TO_DO
        if not pods:
            self._missed.pop(key.name, None)
            return NOTHING_TO_DO
        found = self._missed.setdefault(key.name, ceil(now / PERIOD) * PERIOD)
        if now < found + QUARANTINE:
            return Reconciled([Requeue(found + QUARANTINE - now)], (msg("Its node is gone; it may come back."),))
        return Reconciled([action for pod in pods for action in _remove(pod, now)], (msg("Its node does not exist."),))


def _is_out_of_service(node: Obj) -> bool:
    taints = (node.get("spec") or {}).get("taints") or ()
    return conditions.status(node, "Ready") != "True" and any(taint["key"] == OUT_OF_SERVICE for taint in taints)


def _let_go(pods: Sequence[Obj], now: float) -> Reconciled:
    """Of a node that is out of service nobody waits for the end of pods that are being deleted."""
    ending = [pod for pod in pods if metadata.is_deleting(pod)]
    actions: list[Action] = []
    for pod in ending:
        if not is_terminal(pod):
            actions.append(Patch(pod, {"status": {"phase": "Failed"}}, "status"))
        actions.append(Delete(pod, grace_seconds=0))
    return Reconciled(actions, (msg("Its node is out of service."),))


def _remove(pod: Obj, now: float) -> Iterable[Action]:
    if not is_terminal(pod):
        message = "PodGC: node no longer exists"
        target = {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByPodGC", "message": message}
        target["observedGeneration"] = pod["metadata"].get("generation", 1)
        rows = conditions.set_condition((pod.get("status") or {}).get("conditions"), target, now)
        yield Patch(pod, {"status": {"phase": "Failed", "conditions": rows}}, "status")
    yield Delete(pod, grace_seconds=0)


# ---- Garbage collector: what belongs to something that is gone, goes too
#
# Background: the owner goes, then its dependents. Foreground: the owner waits (finalizer `foregroundDeletion`)
# until
# those dependents that block it are gone. Orphan: the dependents lose their owner and stay.
# See kubernetes.io/docs/concepts/architecture/garbage-collection.

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
            return Reconciled(analysis=(msg("It is being deleted already."),))
        if not metadata.owners(obj):
            return Reconciled(analysis=(msg("It has no owner: it stays."),))
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
            return Reconciled(analysis=(msg("{name} has its owner: it stays.", name=name),))
        left = [row for row in metadata.owners(obj) if row in owners.solid]
        return Reconciled(
            [_with_owners(obj, left)], (msg("{name} still has an owner; the others are gone.", name=name),)
        )
    dependents = [one for _, one in view.dependents(metadata.uid(obj))]
    if owners.waiting and dependents:
        words = msg("The owner of {name} waits for it, and others wait behind: delete in the foreground.", name=name)
        circle = any(metadata.is_deleting(one) and _has(one, FOREGROUND) for one in dependents)
        first = [_unblocking(obj)] if circle else []
        return Reconciled([*first, Delete(obj, propagation="Foreground")], (words,))
    policy = "Orphan" if _has(obj, ORPHAN) else "Foreground" if _has(obj, FOREGROUND) else "Background"
    return Reconciled([Delete(obj, propagation=policy)], (msg("The owner of {name} is gone: delete it.", name=name),))


def _orphan(view: View, obj: Obj) -> Reconciled:
    uid = metadata.uid(obj)
    actions: list[Action] = [
        _with_owners(one, [row for row in metadata.owners(one) if row["uid"] != uid]) for _, one in view.dependents(uid)
    ]
    return Reconciled(
        [*actions, _without(obj, ORPHAN)],
        (msg("{count} dependents become orphans, then it goes.", count=len(actions)),),
    )


def _foreground(view: View, obj: Obj) -> Reconciled:
    uid = metadata.uid(obj)
    dependents = [one for _, one in view.dependents(uid)]
    blocking = [one for one in dependents if _blocks(one, uid)]
    if not blocking:
        return Reconciled([_without(obj, FOREGROUND)], (msg("No dependent holds it back any more: let it go."),))
    actions: list[Action] = []
    for one in dependents:
        if not metadata.is_deleting(one):
            actions += _by_owners(view, one, _sort_owners(view, one)).actions
    words = msg(
        "{blocking} dependents hold it back; {deleted} of all are to be deleted now.",
        blocking=len(blocking),
        deleted=len(actions),
    )
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


def _unblocking(obj: Obj) -> Patch:
    """Its owners need not wait for it: where they own each other in a circle, one has to begin.

    The real one does so, too, wherever owner and dependent are both being deleted in the foreground
    (`unblockOwnerReferencesStrategicMergePatch`).
    """
    return _with_owners(obj, [{**row, "blockOwnerDeletion": False} for row in metadata.owners(obj)])


def _with_owners(obj: Obj, owners: Sequence[OwnerReference]) -> Patch:
    return Patch(obj, {"metadata": {"ownerReferences": list(owners) or None}})
