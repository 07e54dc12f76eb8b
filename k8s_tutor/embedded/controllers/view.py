"""What a reconcile may read: the store as it is now, and who owns what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from k8s_tutor.embedded.nodeservices import Usage
from k8s_tutor.embedded.store import Change, Store
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["Measure", "OwnerIndex", "Read", "View"]

Measure: TypeAlias = Callable[[Obj], Mapping[str, Usage]]
"""What the containers of a pod used, by name; empty until they have been measured."""

Objects: TypeAlias = list[Obj]  # `View.list` hides the built-in of that name inside the class

UNOWNED = ("events", "events.events.k8s.io")
"""Resources that the garbage collector of Kubernetes leaves alone."""


@dataclass(frozen=True, slots=True)
class Read:
    """One look at the store; what was seen is there again at the run's revision (`Store.get(..., at=)`).

    Attributes:
        resource: As in the store, e.g. `replicasets.apps`.
        namespace: `""` for all, or for cluster-scoped objects.
        name: `""` for a list.
        count: How many objects were seen.
    """

    resource: str
    namespace: str
    name: str
    count: int

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.resource} {where}{self.name or '*'}: {self.count}"


class OwnerIndex:
    """Who is owned by whom, by uid, in the order in which they came to be owned."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._dependents: dict[str, dict[tuple[str, Key], None]] = {}
        for resource in store.resources():
            for obj in store.list(resource):
                self._add(resource, obj)

    def follow(self, change: Change) -> None:
        """Keeps up with one commit."""
        if change.previous is not None and (
            change.type == "DELETED" or metadata.owners(change.previous) != metadata.owners(change.obj)
        ):
            self._remove(change.resource, change.previous)
        if change.type != "DELETED":
            self._add(change.resource, change.obj)

    def dependents(self, uid: str) -> list[tuple[str, Obj]]:
        """The living objects with an owner reference to `uid`, with their resources."""
        rows = []
        for resource, key in self._dependents.get(uid, {}):
            obj = self._store.get(resource, key.namespace, key.name)
            if obj is not None:
                rows.append((resource, obj))
        return rows

    def _add(self, resource: str, obj: Obj) -> None:
        if resource in UNOWNED:
            return
        for owner in metadata.owners(obj):
            self._dependents.setdefault(owner["uid"], {})[(resource, metadata.key(obj))] = None

    def _remove(self, resource: str, obj: Obj) -> None:
        for owner in metadata.owners(obj):
            rows = self._dependents.get(owner["uid"])
            if rows is None:
                continue
            rows.pop((resource, metadata.key(obj)), None)
            if not rows:
                del self._dependents[owner["uid"]]


class View:
    """The store, read-only, with a note of every look. What it hands out must not be changed."""

    def __init__(self, store: Store, owned: OwnerIndex, usage: Measure = lambda pod: {}) -> None:
        self._store = store
        self._owned = owned
        self._usage = usage
        self.reads: list[Read] = []

    @property
    def revision(self) -> int:
        """The store's revision."""
        return self._store.revision

    def get(self, resource: str, namespace: str, name: str) -> Obj | None:
        """One object; the namespace of cluster-scoped ones is `""`."""
        obj = self._store.get(resource, namespace, name)
        self.reads.append(Read(resource, namespace, name, 0 if obj is None else 1))
        return obj

    def list(self, resource: str, namespace: str = "") -> Objects:
        """All objects of a resource (in a namespace), ordered by namespace and name."""
        found = self._store.list(resource, namespace)
        self.reads.append(Read(resource, namespace, "", len(found)))
        return found

    def usage(self, pods: Sequence[Obj]) -> Mapping[str, Mapping[str, Usage]]:
        """What the containers of pods of one namespace used, as `metrics.k8s.io` says; by the names of both.

        Pods that have not been measured yet are left out.
        """
        found = {metadata.name(pod): used for pod in pods if (used := self._usage(pod))}
        self.reads.append(Read("pods.metrics.k8s.io", metadata.namespace(pods[0]) if pods else "", "", len(found)))
        return found

    def by_uid(self, uid: str) -> Obj | None:
        """The living object with this uid."""
        return self._store.by_uid(uid)

    def dependents(self, uid: str) -> Iterable[tuple[str, Obj]]:
        """The objects that name `uid` among their owners, with their resources."""
        return self._owned.dependents(uid)

    def resources(self) -> Iterable[str]:
        """Every resource that holds or held objects, in order of first use."""
        return self._store.resources()
