"""Whose is it? Adopting what a selector matches and nobody controls; releasing what it no longer matches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from k8s_tutor.embedded.actions import Patch
from k8s_tutor.embedded.controllers.controller import owner_key
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata, selectors
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj, OwnerReference

__all__ = ["Claim", "claim", "claimants", "would_adopt"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What belongs to an owner, and the patches that make it so.

    Attributes:
        kept: Controlled by the owner and matched by its selector, adopted ones included.
        adopted: Taken in by `patches`.
        released: Let go by `patches`.
        patches: Changes of owner references.
    """

    kept: tuple[Obj, ...]
    adopted: tuple[Obj, ...]
    released: tuple[Obj, ...]
    patches: tuple[Patch, ...]


def would_adopt(owner: Obj, obj: Obj) -> bool:
    """Whether a controller without deletion would take in an object that nobody controls."""
    return metadata.controller_of(obj) is None and selectors.matches(
        owner["spec"].get("selector"), metadata.labels(obj)
    )


def claimants(
    change: Change, view: View, kind: str, resource: str, takes: Callable[[Obj, Obj], bool] = would_adopt
) -> Iterable[Key]:
    """Whom a change to something owned concerns: its controller, before and now; for an orphan, who would adopt it.

    Args:
        change: To a pod, say.
        view: The store.
        kind: Of the controllers that are asked for: `ReplicaSet`.
        resource: Theirs: `replicasets.apps`.
        takes: Whether one of them (the first argument) would adopt an orphan.
    """
    keys = [*owner_key(change.obj, kind)]
    if change.previous is not None:
        keys += owner_key(change.previous, kind)
    if metadata.controller_of(change.obj) is None and change.type != "DELETED":
        candidates = view.list(resource, metadata.namespace(change.obj))
        keys += [metadata.key(owner) for owner in candidates if takes(owner, change.obj)]
    return dict.fromkeys(keys)


def claim(owner: Obj, candidates: Iterable[Obj], finalizer: str = "") -> Claim:
    """Sorts out `candidates` of the owner's namespace by `spec.selector` and controller reference.

    Args:
        owner: Whose they may be.
        candidates: What there is.
        finalizer: What the owner holds its own with: adopted ones are given it, released ones lose it.
    """
    selector = selectors.of(owner["spec"].get("selector"))
    leaving = metadata.is_deleting(owner)
    kept, adopted, released = [], [], []
    for obj in candidates:
        reference = metadata.controller_of(obj)
        matching = selector.matches(metadata.labels(obj))
        if reference is None:
            if matching and not leaving and not metadata.is_deleting(obj):
                adopted.append(obj)
                kept.append(obj)
        elif reference["uid"] == metadata.uid(owner):
            if matching:
                kept.append(obj)
            elif not leaving:
                released.append(obj)
    patches = [
        _patch(obj, [*metadata.owners(obj), metadata.owner_reference(owner)], finalizer, held=True) for obj in adopted
    ]
    patches += [
        _patch(obj, [row for row in metadata.owners(obj) if row["uid"] != metadata.uid(owner)], finalizer, held=False)
        for obj in released
    ]
    return Claim(tuple(kept), tuple(adopted), tuple(released), tuple(patches))


def _patch(obj: Obj, owners: list[OwnerReference], finalizer: str, *, held: bool) -> Patch:
    change: Obj = {"ownerReferences": owners or None}
    if finalizer:
        others = [name for name in obj["metadata"].get("finalizers") or () if name != finalizer]
        change["finalizers"] = [*others, finalizer] if held else others or None
    return Patch(obj, {"metadata": change})
