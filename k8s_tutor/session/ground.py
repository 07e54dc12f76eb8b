"""A lesson's own namespace: brought to a known state, emptied again, removed at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import WatchClosed
from k8s_tutor.api.status import StatusError
from k8s_tutor.clock import Clock
from k8s_tutor.errors import UsageError, WaitTimeout
from k8s_tutor.objects import metadata
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["OURS", "Ground"]

OURS = "app.kubernetes.io/managed-by"
_VALUE = "k8s-tutor"
_GRACE = 0  # seconds for a left-over pod: a sleeping shell would otherwise take its full 30
_TIMEOUT = 300.0  # seconds of the cluster's time for things to be gone: a busy kind takes minutes to empty a namespace
# Made by the cluster itself in every namespace, or derived from objects that go.
_SPARED = {("serviceaccounts", "default"), ("configmaps", "kube-root-ca.crt")}
_DERIVED = {"events", "endpoints", "endpointslices", "controllerrevisions", "podmetrics", "leases"}


@dataclass(frozen=True)
class Ground:
    """The namespace a lesson plays in.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's time.
        namespace: Its name, `lesson-pods`.
        definitions: CustomResourceDefinitions that the lesson makes, by name.
    """

    client: Client
    clock: Clock
    namespace: str
    definitions: tuple[str, ...] = ()

    def prepare(self) -> int:
        """Makes the namespace be there, ours and empty; returns how many left-over objects went.

        Definitions that the lesson makes go too.

        Raises:
            UsageError: a namespace of that name exists and was not made by us.
            WaitTimeout: a left-over object does not go.
        """
        found = self.client.find("namespaces", self.namespace)
        if found is not None and metadata.labels(found).get(OURS) != _VALUE:
            raise UsageError(
                f"There is a namespace {self.namespace} on this cluster that is not ours.",
                why=f"It lacks the label {OURS}={_VALUE}; emptying it could destroy somebody's work.",
                next_step=f"Use another cluster, or remove it yourself: kubectl delete namespace {self.namespace}",
            )
        if found is not None and metadata.is_deleting(found):
            self._wait_gone(self.client.kind("namespaces"), self.namespace)
            found = None
        if found is None:
            self._create()
            return self._undefine()
        return self.clear()

    def clear(self) -> int:
        """Deletes everything in the namespace and waits until it is gone; returns how many objects that were."""
        if self.definitions:
            self.client.refresh_kinds()  # what an earlier run has left is of kinds that this one has not met
        return self._empty() + self._undefine()

    def _empty(self) -> int:
        gone = [item for kind in self._kinds() for item in self._remove_all(kind)]
        for kind, name in gone:
            self._wait_gone(kind, name)
        self._forget_events()
        return len(gone)

    def remove(self) -> None:
        """Deletes the namespace with all that is in it, and waits until it is gone."""
        if self.client.find("namespaces", self.namespace) is None:
            self._undefine()
            return
        if self.definitions:
            self.client.refresh_kinds()
        with contextlib.suppress(StatusError):
            self._remove_all(self.client.kind("pods"))  # at once, not after each pod's own grace period
        for kind in self.client.custom_kinds:
            if kind.namespaced:
                self._release(kind)
        self.client.delete("namespaces", self.namespace)
        self._wait_gone(self.client.kind("namespaces"), self.namespace)
        self._undefine()

    def _undefine(self) -> int:
        """Removes the lesson's own definitions, and with each all objects of its kind; returns how many those were.

        Raises:
            UsageError: somebody else has made one of that name.
        """
        kind = self.client.kind("customresourcedefinitions")
        found = [item for name in self.definitions if (item := self.client.find(kind, name)) is not None]
        for item in found:
            name = metadata.name(item)
            if metadata.labels(item).get(OURS) != _VALUE:
                raise UsageError(
                    f"There is a CustomResourceDefinition {name} on this cluster that is not ours.",
                    why=f"It lacks the label {OURS}={_VALUE}; removing it could destroy somebody's work.",
                    next_step=f"Use another cluster, or remove it yourself: kubectl delete crd {name}",
                )
            self.client.delete(kind, name)
            self._wait_gone(kind, name)
        if found:
            self.client.refresh_kinds()
        return len(found)

    def _release(self, kind: Kind) -> None:
        """Takes finalizers off: the operator that would have done it may be gone, and nothing would ever end."""
        with contextlib.suppress(StatusError):
            for item in self.client.list(kind, self.namespace):
                if item["metadata"].get("finalizers"):
                    none = {"metadata": {"finalizers": None}}
                    self.client.patch(kind, metadata.name(item), none, self.namespace)

    def _create(self) -> None:
        labels = {OURS: _VALUE}
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace, "labels": labels}}
        self.client.create(body)
        # A controller gives every namespace its account a moment later; without it pods are refused.
        account = self.client.kind("serviceaccounts")
        for obj in self._versions(account, "default"):
            if obj is not None:
                return

    def _kinds(self) -> Iterator[Kind]:
        """Every kind that can be emptied; workloads before what they make, so that nothing is made anew."""
        kinds = [kind for kind in self.client.kinds if kind.namespaced and {"list", "delete"} <= set(kind.verbs)]
        by_path = {kind.path(): kind for kind in kinds if kind.plural not in _DERIVED}
        yield from sorted(by_path.values(), key=lambda kind: (kind.group == "", kind.plural == "pods"))

    def _remove_all(self, kind: Kind) -> list[tuple[Kind, str]]:
        try:
            items = self.client.list(kind, self.namespace)
        except StatusError as error:
            if error.code in (403, 404, 405, 501):  # not served, or not ours to see
                return []
            raise
        mine = [item for item in items if self._ours_to_delete(kind, item)]
        if mine and kind in self.client.custom_kinds:
            self._release(kind)
        for item in mine:
            grace = _GRACE if kind.plural == "pods" else None
            with contextlib.suppress(StatusError):
                self.client.delete(kind, metadata.name(item), self.namespace, grace_seconds=grace)
        return [(kind, metadata.name(item)) for item in mine]

    @staticmethod
    def _ours_to_delete(kind: Kind, item: Obj) -> bool:
        return (kind.plural, metadata.name(item)) not in _SPARED

    def _forget_events(self) -> None:
        """Events outlive what they tell of; a lesson begins without those of yesterday."""
        with contextlib.suppress(StatusError):
            self.client.raw("DELETE", self.client.kind("events").path(self.namespace))

    def _wait_gone(self, kind: Kind, name: str) -> None:
        for obj in self._versions(kind, name):
            if obj is None:
                return

    def _versions(self, kind: Kind, name: str) -> Iterator[Obj | None]:
        """The object as it is and as it becomes; None when it is not there.

        Raises:
            WaitTimeout: the reader did not find what it looked for in time.
        """
        deadline = self.clock.now() + _TIMEOUT
        namespace = self.namespace if kind.namespaced else ""
        while self.clock.now() < deadline:
            items, version = self.client.list_with_version(kind, namespace, fields=f"metadata.name={name}")
            yield items[0] if items else None
            with (
                contextlib.suppress(WatchClosed),
                self.client.watch(kind, namespace, name=name, since=version) as watch,
            ):
                while (event := watch.next(max(deadline - self.clock.now(), 0))) is not None:
                    if event.type == "ERROR":
                        break
                    if event.type != "BOOKMARK":
                        yield None if event.type == "DELETED" else event.object
        raise WaitTimeout(
            f"{kind.singular}/{name} in namespace {self.namespace} does not come or go.",
            why=f"The cluster was given {_TIMEOUT:.0f} s.",
            next_step=f't.kubectl("get {kind.plural} {name} -o yaml") shows its state; look at finalizers.',
        )
