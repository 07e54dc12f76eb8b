"""The objects an informer knows, shared by its threads; every change goes into its recording."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

from k8s_tutor.clock import RealClock
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.recording import RecordedChange, Recording
from k8s_tutor.observe.snapshot import Snapshot

__all__ = ["Cache"]


class Cache:
    """Objects by kind and UID. All its methods may be called from any thread.

    Attributes:
        changed: Notified after every change and by `wake`; hold it to wait.
        generation: Counts changes.
        heard: The wall time of the server's last sign of life; 0 as long as nobody asks for it.
        heard_at: The same on the monotonic clock; None as long as nobody asks for it.
        recording: Where changes go.
    """

    def __init__(self, now: Callable[[], float], recording: Recording) -> None:
        self.changed = threading.Condition()
        self.generation = 0
        self.heard = 0.0
        self.heard_at: float | None = None
        self.recording = recording
        self._now = now
        self._objects: dict[str, dict[str, Obj]] = {}

    def replace(self, kind: str, objects: Sequence[Obj], version: str) -> None:
        """Makes a fresh list the truth about a kind; what differs from before counts as changes of `version`."""
        with self.changed:
            before = self._objects.get(kind, {})
            after = {metadata.uid(obj): obj for obj in objects}
            gone = [
                RecordedChange.of(self._now(), "DELETED", obj, version)
                for uid, obj in before.items()
                if uid not in after
            ]
            news = [
                RecordedChange.of(self._now(), "MODIFIED" if uid in before else "ADDED", obj)
                for uid, obj in after.items()
                if _version(before.get(uid)) != _version(obj)
            ]
            self._objects[kind] = after
            self._record([*gone, *news])

    def apply(self, kind: str, event: str, obj: Obj) -> None:
        """Takes in one event of a watch. One that a later list has overtaken changes nothing."""
        with self.changed:
            objects = self._objects.setdefault(kind, {})
            uid = metadata.uid(obj)
            if event == "DELETED":
                if objects.pop(uid, None) is None:
                    return
            elif _version(objects.get(uid)) >= _version(obj) > 0:
                return
            else:
                objects[uid] = obj
            self._record([RecordedChange.of(self._now(), event, obj)])

    def has_seen(self, kind: str, objects: Iterable[Obj], version: str) -> bool:
        """Whether what is known of a kind is at least as new as this list of it, taken at `version`."""
        with self.changed:
            known = self._objects.get(kind, {})
            listed = {metadata.uid(obj): _version(obj) for obj in objects}
            behind = any(_version(known.get(uid)) < version for uid, version in listed.items())
            newest = int(version) if version.isdigit() else 0
            left = any(uid not in listed and _version(obj) <= newest for uid, obj in known.items())
            return not behind and not left

    def snapshot(self, namespace: str, missing: Sequence[str], forbidden: Sequence[str] = ()) -> Snapshot:
        """Everything known now."""
        with self.changed:
            objects = [obj for group in self._objects.values() for obj in group.values()]
            return Snapshot(objects, time=self._now(), namespace=namespace, missing=missing, forbidden=forbidden)

    def hear(self, now: float) -> None:
        """Notes a sign of life from the server."""
        with self.changed:
            self.heard, self.heard_at = now, RealClock().monotonic()
            self.changed.notify_all()

    def wake(self) -> None:
        """Wakes whoever waits on `changed`."""
        with self.changed:
            self.changed.notify_all()

    def _record(self, changes: Sequence[RecordedChange]) -> None:  # called with `changed` held
        for change in changes:
            self.recording.append(change)
        if changes:
            self.generation += 1
            self.changed.notify_all()


def _version(obj: Obj | None) -> int:
    text = str(((obj or {}).get("metadata") or {}).get("resourceVersion", ""))
    return int(text) if text.isdigit() else 0
