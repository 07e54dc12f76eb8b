"""What a controller is: a name, the resources it watches, which keys a change concerns, and a pure decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias, runtime_checkable

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.embedded.actions import Action
from k8s_tutor.embedded.core import User
from k8s_tutor.embedded.nodeservices import Usage
from k8s_tutor.embedded.store import Change, Store
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = [
    "NOTHING_TO_DO",
    "ActionResult",
    "Controller",
    "Measure",
    "OwnerIndex",
    "Patient",
    "Read",
    "Reconciled",
    "Run",
    "View",
    "own_key",
    "owner_key",
    "program",
    "service_account",
]


# ---- What a reconcile may read: the store as it is now, and who owns what

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


# ---- What a controller is: a name, the resources it watches, which keys a change concerns, and a pure decision


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
    analysis: Sequence[Wording] = ()
    if_failed: Callable[[StatusError], Sequence[Action]] | None = None
    failure: str = ""


NOTHING_TO_DO = Reconciled(analysis=(msg("The object is gone: nothing to do."),))


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


# ---- What controllers did: each run in its three steps (observed, analysis, steps), which is what a stepper shows


@dataclass(frozen=True, slots=True)
class ActionResult:
    """An action and what became of it.

    Attributes:
        action: As decided.
        result: The object as the API server answered it, None where there is none.
        error: The API server's message when it refused; `""` otherwise.
    """

    action: Action
    result: Obj | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One reconcile, in its three steps.

    Attributes:
        number: Counts all runs of a cluster from 1.
        controller: `replicaset-controller`.
        key: The object it was about.
        cause: The change (or timer, or failure) that brought the key into the queue.
        time: Virtual seconds since the Unix epoch.
        revision: The store's revision it observed; reading at this revision shows the same again.
        observed: What it read.
        analysis: Its reasoning, in words.
        steps: What it did, and how the API server answered.
        error: Why the run failed and will come again; `""` when it did not.
    """

    number: int
    controller: str
    key: Key
    cause: str
    time: float
    revision: int
    observed: tuple[Read, ...]
    analysis: tuple[Wording, ...]
    steps: tuple[ActionResult, ...]
    error: str = ""


# ---- Who each controller is to the API server: its ServiceAccount, as on a real cluster

_OTHER_NAMES = {
    "daemonset-controller": "daemon-set-controller",
    "certificatesigningrequest-signing-controller": "certificate-controller",
    "taint-eviction-controller": "node-controller",
    "persistentvolume-controller": "persistent-volume-binder",
}
"""Controllers that use the account of another or of another name, as in the real controller manager."""
_GUESTS = {"rancher.io/local-path": ("local-path-storage", "local-path-provisioner")}
"""Controllers that run in pods of their own on a real cluster: namespace and program."""
_WITHOUT = ("serviceaccount-token-controller",)
"""Controllers that make the accounts of the others, and so have none."""


def service_account(name: str) -> User:
    """Who a controller is to the API server."""
    if name in _WITHOUT:
        return User("system:kube-controller-manager", ("system:authenticated",))
    namespace, account = "kube-system", _OTHER_NAMES.get(name, name)
    if name in _GUESTS:
        namespace, account = _GUESTS[name][0], f"{program(name)}-service-account"
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    return User(f"system:serviceaccount:{namespace}:{account}", groups)


def program(name: str) -> str:
    """What it runs in; it signs what it writes."""
    return _GUESTS[name][1] if name in _GUESTS else "kube-controller-manager"
