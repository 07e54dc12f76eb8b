"""The controller that brings claims and volumes together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, own_key
from k8s_tutor.embedded.controllers.storage.claim import CLAIMS, CLASSES, VOLUMES, sync_claim
from k8s_tutor.embedded.controllers.storage.volume import sync_volume
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata, volumes
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["PersistentVolumeController"]


class PersistentVolumeController:
    """Binds claims to volumes one to one, says what a claim waits for, and looks after volumes whose claim is gone."""

    name: ClassVar[str] = "persistentvolume-controller"
    watches: ClassVar[tuple[str, ...]] = (CLAIMS, VOLUMES, CLASSES)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The object itself and its other half; with a volume or a class that comes, the claims that wait for one."""
        if change.resource == CLASSES:
            return _waiting(view, metadata.name(change.obj)) if change.type == "ADDED" else ()
        if change.resource == CLAIMS:
            return [*own_key(change), *_reserved(view, metadata.key(change.obj))]
        versions = [change.obj] if change.previous is None else [change.obj, change.previous]
        claims = [key for volume in versions for key in _named(volume)]
        free = not claims and volumes.phase(change.obj) == "Available"
        waiting = _waiting(view, volumes.class_of(change.obj)) if free else ()
        return dict.fromkeys([*own_key(change), *claims, *waiting])

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """One step for a claim, or for a volume."""
        if key.namespace:
            claim = view.get(CLAIMS, key.namespace, key.name)
            return NOTHING_TO_DO if claim is None else sync_claim(view, claim, now)
        volume = view.get(VOLUMES, "", key.name)
        return NOTHING_TO_DO if volume is None else sync_volume(view, volume, now)


def _waiting(view: View, class_: str) -> list[Key]:
    return [
        metadata.key(claim)
        for claim in view.list(CLAIMS)
        if volumes.class_of(claim) == class_ and not volumes.is_bound(claim)
    ]


def _reserved(view: View, claim: Key) -> list[Key]:
    return [metadata.key(volume) for volume in view.list(VOLUMES) if claim in _named(volume)]


def _named(volume: Obj) -> list[Key]:
    reference = volume["spec"].get("claimRef")
    return [Key(reference.get("namespace", ""), reference.get("name", ""))] if reference else []
