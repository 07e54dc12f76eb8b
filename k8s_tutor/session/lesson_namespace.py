"""A lesson's own namespace: brought to a known state, emptied again, removed at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from k8s_tutor.api.client import Client
from k8s_tutor.api.follow import Selection, wait_until
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.clock import Clock, on_errand
from k8s_tutor.errors import UsageError, WaitTimeout
from k8s_tutor.language import Message, Wording, msg, msg_n
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj
from k8s_tutor.session.belongings import LEARNER, LESSON, MANAGED_BY, OURS, Owner
from k8s_tutor.session.definitions import Definitions

__all__ = ["SPARED", "LessonNamespace", "counted"]

_GRACE = 0  # seconds for a left-over pod: a sleeping shell would otherwise take its full 30
_TIMEOUT = 300.0  # seconds of the cluster's time for things to be gone: a busy kind takes minutes to empty a namespace
SPARED = {("serviceaccounts", "default"), ("configmaps", "kube-root-ca.crt")}
"""What the cluster itself makes in every namespace."""
# They go with what they are derived from, or tell of.
_DERIVED = {"events", "endpoints", "endpointslices", "controllerrevisions", "podmetrics", "leases"}
_NOT_FOR_US = (403, 404, 405, 501)  # not ours to see or to do, not served


@dataclass(frozen=True)
class LessonNamespace:
    """The namespace a lesson plays in: its own, so that everything in it may go.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's time.
        name: Its name, `lesson-pods`.
        owner: Whose it is.
        definitions: CustomResourceDefinitions that the lesson makes.
    """

    client: Client
    clock: Clock
    name: str
    owner: Owner
    definitions: Definitions

    @property
    def marks(self) -> Owner | None:
        """Whose labels everything made here has to carry; None where everything in the namespace is the lesson's."""
        return None

    def find(self) -> Obj | None:
        """The namespace; None where there is none, or none that we may see."""
        try:
            return self.client.find("namespaces", self.name)
        except StatusError as error:
            if error.code != 403:
                raise
            return None

    def prepare(self) -> int:
        """Makes the namespace be there, ours and empty; returns how many left-over objects went.

        Definitions that the lesson makes go too, unless others use them.

        Raises:
            UsageError: a namespace of that name exists and was not made by us, or for another learner.
            WaitTimeout: a left-over object does not go.
        """
        with on_errand(self.clock):
            return self._prepare()

    def _prepare(self) -> int:
        found = self.find()
        if found is not None:
            self._must_be_ours(found)
        if found is not None and metadata.is_deleting(found):
            self._wait_gone(self.client.kind("namespaces"), self.name)
            found = None
        if found is None:
            self._create()
            return self.definitions.begin()
        return self.clear()

    def clear(self) -> int:
        """Deletes everything in the namespace and waits until it is gone; returns how many objects that were."""
        if self.definitions.names:
            self.client.refresh_kinds()  # what an earlier run has left is of kinds that this one has not met
        return self._empty() + self.definitions.begin()

    def remove(self) -> Wording:
        """Deletes the namespace with all that is in it, and waits until it is gone; says what is left.

        Raises:
            WaitTimeout: it does not go.
        """
        with on_errand(self.clock):
            return self._remove()

    def _remove(self) -> Wording:
        if self.find() is not None:
            if self.definitions.names:
                self.client.refresh_kinds()
            with contextlib.suppress(StatusError):
                self._delete_all(self.client.kind("pods"))  # at once, not after each pod's own grace period
            for kind in self.client.custom_kinds:
                if kind.namespaced:
                    self._release(kind)
            if not self._delete_namespace():
                self._empty()
                self.definitions.remove()
                return msg("Namespace {name} is empty; it stays, as it is not yours to remove.", name=self.name)
        self.definitions.remove()
        return msg("Namespace {name} and everything in it is gone.", name=self.name)

    def describe_prepared(self, removed: int) -> Message:
        """What `prepare` has done, in words."""
        if not removed:
            return msg("namespace {name} is ready and empty.", name=self.name)
        return msg(
            "namespace {name} is ready and empty again ({counted} removed).", name=self.name, counted=counted(removed)
        )

    def own(self, objects: Iterable[Obj]) -> list[Obj]:
        """Those that are the lesson's: everything, as the namespace is."""
        return list(objects)

    # ---- whose it is

    def _must_be_ours(self, found: Obj) -> None:
        if self.owner.owns(found):
            return
        labels = metadata.labels(found)
        if labels.get(MANAGED_BY) == OURS:
            whose = labels.get(LEARNER) or msg("(nobody in particular)")
            raise UsageError(
                msg("Namespace {name} is not yours.", name=self.name),
                why=msg(
                    "It was made for learner {whose}, in lesson {lesson}.",
                    whose=whose,
                    lesson=labels.get(LESSON) or msg("(unknown)"),
                ),
                next_step=msg(
                    "Say who you are by another name: connect(learner=…), or the variable K8S_TUTOR_LEARNER."
                ),
            )
        raise UsageError(
            msg("There is a namespace {name} on this cluster that is not ours.", name=self.name),
            why=msg(
                "It lacks the label {label}; emptying it could destroy somebody's work.",
                label=f"{MANAGED_BY}={OURS}",
            ),
            next_step=msg(
                "Use another cluster, or remove it yourself: {command}", command=f"kubectl delete namespace {self.name}"
            ),
        )

    def _create(self) -> None:
        labels = self.owner.labels
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name, "labels": labels}}
        try:
            self.client.create(body)
        except StatusError as error:
            if error.code != 409:
                raise
            self._must_be_ours(self.client.get("namespaces", self.name))  # another notebook of this learner's was first
        # A controller gives every namespace its account a moment later; without it pods are refused.
        self._wait(Selection("serviceaccounts", self.name, "default"), there=True)

    def _delete_namespace(self) -> bool:
        try:
            self.client.delete("namespaces", self.name)
        except StatusError as error:
            if error.code != 404:
                if error.code in _NOT_FOR_US:
                    return False
                raise
        self._wait_gone(self.client.kind("namespaces"), self.name)
        return True

    # ---- what is in it

    def _empty(self) -> int:
        gone = [item for kind in self._kinds() for item in self._delete_all(kind)]
        self._wait_all_gone(gone)
        self._forget_events()
        return len(gone)

    def _belongs(self, kind: Kind, item: Obj) -> bool:
        """Whether an object goes when the namespace is emptied."""
        return (kind.plural, metadata.name(item)) not in SPARED

    def _kinds(self) -> Iterator[Kind]:
        """Every kind that can be emptied; workloads before what they make, so that nothing is made anew."""
        kinds = [kind for kind in self.client.kinds if kind.namespaced and {"list", "delete"} <= set(kind.verbs)]
        by_path = {kind.path(): kind for kind in kinds if kind.plural not in _DERIVED}
        yield from sorted(by_path.values(), key=lambda kind: (kind.group == "", kind.plural == "pods"))

    def _items(self, kind: Kind) -> list[Obj]:
        try:
            return self.client.list(kind, self.name)
        except StatusError as error:
            if error.code in _NOT_FOR_US:
                return []
            raise

    def _delete_all(self, kind: Kind) -> list[tuple[Kind, str]]:
        mine = [item for item in self._items(kind) if self._belongs(kind, item)]
        if mine and kind in self.client.custom_kinds:
            self._release(kind)
        return [(kind, metadata.name(item)) for item in mine if self._delete(kind, item)]

    def _delete(self, kind: Kind, item: Obj) -> bool:
        """Whether it goes, or is gone already."""
        grace = _GRACE if kind.plural == "pods" else None
        try:
            self.client.delete(kind, metadata.name(item), self.name, grace_seconds=grace)
        except StatusError as error:
            return error.code not in (403, 405)
        return True

    def _release(self, kind: Kind) -> None:
        """Takes finalizers off: the operator that would have done it may be gone, and nothing would ever end."""
        with contextlib.suppress(StatusError):
            for item in self.client.list(kind, self.name):
                if item["metadata"].get("finalizers") and self._belongs(kind, item):
                    none = {"metadata": {"finalizers": None}}
                    self.client.patch(kind, metadata.name(item), none, self.name)

    def _forget_events(self) -> None:
        """Events outlive what they tell of; a lesson begins without those of yesterday."""
        with contextlib.suppress(StatusError):
            self.client.raw("DELETE", self.client.kind("events").path(self.name))

    # ---- waiting

    def _wait_all_gone(self, items: Iterable[tuple[Kind, str]]) -> None:
        for kind, name in items:
            self._wait_gone(kind, name)

    def _wait_gone(self, kind: Kind, name: str) -> None:
        self._wait(Selection(kind, self.name if kind.namespaced else "", name), there=False)

    def _wait(self, selection: Selection, *, there: bool) -> None:
        """Waits until an object is there, or is not.

        Raises:
            WaitTimeout: it did not come about in time.
        """
        deadline = self.clock.now() + _TIMEOUT
        if wait_until(self.client, self.clock, selection, lambda found: bool(found) is there, deadline):
            return
        kind, name = self.client.kind(selection.kind), selection.name
        raise WaitTimeout(
            msg(
                "{kind}/{name} in namespace {namespace} does not come or go.",
                kind=kind.singular,
                name=name,
                namespace=self.name,
            ),
            why=msg("The cluster was given {timeout:.0f} s.", timeout=_TIMEOUT),
            next_step=msg(
                't.kubectl("get {plural} {name} -o yaml") shows its state; look at finalizers.',
                plural=kind.plural,
                name=name,
            ),
        )


def counted(number: int) -> Message:
    """`1 object`, `3 objects`."""
    return msg_n("{n} object", "{n} objects", number)
