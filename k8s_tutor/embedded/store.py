"""The multi-version store: every object at every revision, as etcd keeps them for a real API server.

A revision is one commit; an object's `resourceVersion` is the revision that wrote it. Only the API server writes.
Whoever reads gets the stored objects themselves and must never change them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Literal, TypeAlias

from k8s_tutor.embedded.encoding import Stored, encode_json
from k8s_tutor.objects.types import Obj

__all__ = ["Change", "ChangeType", "Compacted", "FutureRevision", "Store"]

ChangeType = Literal["ADDED", "MODIFIED", "DELETED"]
Subscriber: TypeAlias = Callable[["Change"], None]
Objects: TypeAlias = list[Obj]  # `Store.list` hides the built-in of that name inside the class
Changes: TypeAlias = list["Change"]

_revision_of = attrgetter("revision")
_time_of = attrgetter("time")


class Compacted(Exception):
    """The revision asked for is no longer kept.

    Attributes:
        revision: The oldest revision that can still be read.
    """

    def __init__(self, revision: int) -> None:
        super().__init__(f"revisions before {revision} have been compacted")
        self.revision = revision


class FutureRevision(Exception):
    """The revision asked for has not been written yet."""


@dataclass(frozen=True, slots=True)
class Change:
    """One commit.

    Attributes:
        revision: The store's revision after it.
        type: As in watch events.
        resource: `Kind.group_resource`, e.g. `pods`, `deployments.apps`.
        obj: The object as written; for DELETED its last state, with the deletion's resourceVersion.
        previous: The object before, None for ADDED.
        time: Virtual seconds since the Unix epoch.
    """

    revision: int
    type: ChangeType
    resource: str
    obj: Obj
    previous: Obj | None
    time: float


@dataclass(slots=True)
class _Version:
    """What a key held from a revision on; None once deleted."""

    revision: int
    obj: Obj | None


@dataclass(slots=True)
class _Shelf:
    """All objects of one resource, now and before."""

    live: dict[str, Stored] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    versions: dict[str, list[_Version]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)


class Store:
    """Objects by resource, namespace and name, with full history.

    Attributes:
        revision: The revision of the latest commit; 1 in an empty store, as in etcd.
        compacted: Reads below this revision raise `Compacted`.
    """

    def __init__(self) -> None:
        self.revision = 1
        self.compacted = 0
        self._shelves: dict[str, _Shelf] = {}
        self._uids: dict[str, Obj] = {}
        self._changes: list[Change] = []
        self._subscribers: dict[str | None, dict[int, Subscriber]] = {}
        self._subscriptions = 0
        self._undelivered: deque[Change] = deque()
        self._delivering = False

    def get(self, resource: str, namespace: str, name: str, *, at: int | None = None) -> Obj | None:
        """One object, now or as it was at revision `at`; cluster-scoped objects have namespace `""`.

        Raises:
            Compacted: `at` is no longer kept.
            FutureRevision: `at` is not written yet.
        """
        shelf = self._shelves.get(resource)
        if at is not None:
            self._check(at)
        if shelf is None:
            return None
        key = _key(namespace, name)
        return shelf.live.get(key) if at is None else _version_at(shelf.versions.get(key, []), at)

    def list(self, resource: str, namespace: str = "", *, at: int | None = None) -> Objects:
        """All objects of a resource (in a namespace), in the order of their keys, as a new list.

        Raises:
            Compacted: `at` is no longer kept.
            FutureRevision: `at` is not written yet.
        """
        if at is not None:
            self._check(at)
        shelf = self._shelves.get(resource)
        if shelf is None:
            return []
        if at is None or not shelf.changes or shelf.changes[-1].revision <= at:
            live = shelf.live
            return [live[key] for key in _within(shelf.keys, namespace)]
        versions = shelf.versions
        found = (_version_at(versions[key], at) for key in _within(sorted(versions), namespace))
        return [obj for obj in found if obj is not None]

    def by_uid(self, uid: str) -> Obj | None:
        """The living object with this uid."""
        return self._uids.get(uid)

    def resources(self) -> Iterator[str]:
        """Every resource that ever held an object, in order of first use."""
        return iter(tuple(self._shelves))

    def put(self, resource: str, obj: Obj, time: float) -> Obj:
        """Commits an object, new or changed, and returns it as stored: with its resourceVersion.

        `obj` belongs to the store from here on.
        """
        metadata = obj["metadata"]
        key = _key(metadata.get("namespace", ""), metadata["name"])
        shelf = self._shelves.setdefault(resource, _Shelf())
        previous = shelf.live.get(key)
        self.revision += 1
        stored = Stored(obj, metadata={**metadata, "resourceVersion": str(self.revision)})
        if previous is None:
            insort(shelf.keys, key)
        else:
            _share(stored, previous)
            _share(stored["metadata"], previous["metadata"])
            previous.forget()
            if (uid := previous["metadata"].get("uid")) != metadata.get("uid"):
                self._uids.pop(uid, None)
        shelf.live[key] = stored
        if "uid" in metadata:
            self._uids[metadata["uid"]] = stored
        shelf.versions.setdefault(key, []).append(_Version(self.revision, stored))
        kind: ChangeType = "ADDED" if previous is None else "MODIFIED"
        self._commit(shelf, Change(self.revision, kind, resource, stored, previous, time))
        return stored

    def begin(self, resource: str, objects: Objects) -> None:
        """Puts the objects of a resource in before there is any history: what a cluster has always had.

        They carry the revision of the empty store, and no change tells of them.
        """
        shelf = self._shelves.setdefault(resource, _Shelf())
        for obj in objects:
            metadata = {**obj["metadata"], "resourceVersion": str(self.revision)}
            stored = Stored(obj, metadata=metadata)
            key = _key(metadata.get("namespace", ""), metadata["name"])
            shelf.live[key] = self._uids[metadata["uid"]] = stored
            shelf.versions[key] = [_Version(self.revision, stored)]
        shelf.keys = sorted(shelf.live)

    def delete(self, resource: str, namespace: str, name: str, time: float, *, last: Obj | None = None) -> Obj:
        """Commits a deletion and returns the object's last state, with the deletion's resourceVersion.

        Args:
            resource: As in `get`.
            namespace: As in `get`.
            name: As in `get`.
            time: Virtual seconds since the Unix epoch.
            last: What watchers shall see as its last state, where that is not the stored one.

        Raises:
            KeyError: there is no such object.
        """
        shelf = self._shelves[resource]
        key = _key(namespace, name)
        previous = shelf.live.pop(key)
        del shelf.keys[bisect_left(shelf.keys, key)]
        self.revision += 1
        final = last or previous
        gone = Stored(final, metadata={**final["metadata"], "resourceVersion": str(self.revision)})
        previous.forget()
        self._uids.pop(previous["metadata"].get("uid", ""), None)
        shelf.versions[key].append(_Version(self.revision, None))
        self._commit(shelf, Change(self.revision, "DELETED", resource, gone, previous, time))
        return gone

    def began(self) -> float:
        """When the first commit was, in virtual seconds since the Unix epoch; 0 before it."""
        return self._changes[0].time if self._changes else 0.0

    def revision_at(self, time: float) -> int:
        """The revision that was the latest at a time."""
        index = bisect_right(self._changes, time, key=_time_of)
        return self._changes[index - 1].revision if index else self.compacted

    def history(self, since: int, resource: str | None = None) -> Changes:
        """Every commit after revision `since`, oldest first.

        Raises:
            Compacted: commits after `since` are no longer all kept.
        """
        if since < self.compacted:
            raise Compacted(self.compacted)
        if resource is None:
            changes = self._changes
        else:
            shelf = self._shelves.get(resource)
            changes = shelf.changes if shelf else []
        return changes[bisect_right(changes, since, key=_revision_of) :]

    def kept(self, resource: str) -> Changes:
        """Every commit of a resource that is kept, oldest first, also of before time was turned back."""
        shelf = self._shelves.get(resource)
        return list(shelf.changes) if shelf else []

    def go_on_above(self, revision: int) -> None:
        """Goes on with revisions above one that others have seen: what they know of those before is not so any more."""
        self.revision = self.compacted = max(self.revision, revision)

    def compact(self, revision: int) -> None:
        """Forgets what came before `revision`; the state at `revision` can still be read."""
        revision = min(revision, self.revision)
        if revision <= self.compacted:
            return
        self.compacted = revision
        _cut(self._changes, revision)
        for shelf in self._shelves.values():
            _cut(shelf.changes, revision)
            for key, versions in list(shelf.versions.items()):
                keep = max(bisect_right(versions, revision, key=_revision_of) - 1, 0)
                if versions[keep].obj is None and versions[keep].revision <= revision:
                    keep += 1
                del versions[:keep]
                if not versions:
                    del shelf.versions[key]

    def subscribe(self, callback: Subscriber, resource: str | None = None) -> Callable[[], None]:
        """Calls `callback` after each commit (of a resource), in commit order; returns how to stop it."""
        self._subscriptions += 1
        number = self._subscriptions
        self._subscribers.setdefault(resource, {})[number] = callback

        def unsubscribe() -> None:
            self._subscribers.get(resource, {}).pop(number, None)

        return unsubscribe

    def _check(self, at: int) -> None:
        if at < self.compacted:
            raise Compacted(self.compacted)
        if at > self.revision:
            raise FutureRevision(f"revision {at} is later than the current {self.revision}")

    def _commit(self, shelf: _Shelf, change: Change) -> None:
        """Records a change and tells the subscribers; commits made by subscribers wait until all have seen this one."""
        shelf.changes.append(change)
        self._changes.append(change)
        self._undelivered.append(change)
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._undelivered:
                following = self._undelivered.popleft()
                for callback in self._listeners(following.resource):
                    callback(following)
        finally:
            self._delivering = False

    def _listeners(self, resource: str) -> tuple[Subscriber, ...]:
        everything = self._subscribers.get(None, {})
        return (*everything.values(), *self._subscribers.get(resource, {}).values())


def _key(namespace: str, name: str) -> str:
    """etcd's key below the resource, whose byte order is the order of lists."""
    return f"{namespace}/{name}" if namespace else name


def _share(new: Obj, old: Obj) -> None:
    """Parts that are as they were are the old ones: a revision takes the memory of what it changed."""
    for key, value in new.items():
        before = old.get(key)
        comparable = isinstance(value, dict | list) and value is not before
        if comparable and value == before and encode_json(value) == encode_json(before):  # in Python 1 is True
            new[key] = before


def _within(keys: list[str], namespace: str) -> Iterator[str] | list[str]:
    if not namespace:
        return keys
    start = bisect_left(keys, f"{namespace}/")
    return keys[start : bisect_left(keys, f"{namespace}0", start)]  # "0" follows "/" in ASCII


def _version_at(versions: list[_Version], revision: int) -> Obj | None:
    index = bisect_right(versions, revision, key=_revision_of) - 1
    return versions[index].obj if index >= 0 else None


def _cut(changes: list[Change], revision: int) -> None:
    del changes[: bisect_right(changes, revision, key=_revision_of)]
