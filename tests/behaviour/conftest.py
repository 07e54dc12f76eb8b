"""One body, two clusters: `env` is a fresh namespace on the embedded cluster and on a real kind cluster.

A behaviour test knows no more than the Kubernetes API. Where real Kubernetes and the embedded cluster differ, real
Kubernetes is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import yaml

from k8s_tutor.api.protocol import WatchClosed
from k8s_tutor.session.waiting import wait_until_served
from tests.behaviour.identities import alice, by

if TYPE_CHECKING:
    from k8s_tutor.api.client import Client
    from k8s_tutor.api.cluster import Cluster
    from k8s_tutor.clock import Clock
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.storage import Shelf

__all__ = ["Environment", "alice", "by", "env"]

Predicate = Callable[["Obj"], bool]


@dataclass(frozen=True)
class Environment:
    """A namespace of one's own on some cluster.

    Attributes:
        client: Talks to the cluster.
        clock: The cluster's own time, in seconds; virtual on the embedded one.
        namespace: Fresh, and removed after the test.
        since: The resourceVersion at which the namespace appeared: `states` replays from there.
        cluster: For what `client` cannot say (`features`, `kubeconfig`).
    """

    client: Client
    clock: Clock
    namespace: str
    since: str
    cluster: Cluster = field(repr=False)

    def apply(self, text: str) -> list[Obj]:
        """Applies each document of a manifest, server-side, in order."""
        documents = [document for document in yaml.safe_load_all(text) if document]
        return [self.client.apply(document, self.namespace) for document in documents]

    @contextmanager
    def defined(self, text: str) -> Iterator[Environment]:
        """Inside, the cluster serves a kind of one's own, by its CustomResourceDefinition."""
        (definition,) = self.apply(text)
        name = definition["metadata"]["name"]
        wait_until_served(self.client, self.clock, self.wait("customresourcedefinitions", name, _established), 60)
        yield self
        self.client.delete("customresourcedefinitions", name)
        self.wait_gone("customresourcedefinitions", name)  # or the next test's definition is the one that goes

    def delete(self, kind: str, name: str, **options: object) -> None:
        """Deletes one object (options: `grace_seconds`, `propagation`)."""
        self.client.delete(kind, name, self.namespace, **options)  # type: ignore[arg-type]

    def get(self, kind: str, name: str) -> Obj:
        """The object as it is now."""
        return self.client.get(kind, name, self.namespace)

    def wait(self, kind: str, name: str, predicate: Predicate, timeout: float = 60) -> Obj:
        """The object at the first moment `predicate` holds; fails after `timeout` seconds of the cluster's time."""
        last: Obj | None = None
        for type_, obj in self._changes(kind, name, timeout):
            if type_ != "DELETED" and predicate(obj):
                return obj
            last = obj
        status = (last or {}).get("status", "was never seen")
        pytest.fail(f"{kind}/{name} did not come to that state within {timeout} s; its last status: {status}")

    def wait_gone(self, kind: str, name: str, timeout: float = 60) -> None:
        """Waits until the object is no more."""
        seen = self.client.find(kind, name, self.namespace)
        if seen is None:
            return
        # From what was seen on: it may be gone before the watch begins.
        for type_, _ in self._changes(kind, name, timeout, seen["metadata"]["resourceVersion"]):
            if type_ == "DELETED":
                return
        if self.client.find(kind, name, self.namespace) is not None:
            pytest.fail(f"{kind}/{name} was still there after {timeout} s")

    def wait_event(self, kind: str, name: str, reason: str, timeout: float = 60) -> Obj:
        """The first event with `reason` about the object."""
        for type_, event in self._changes("events", "", timeout):
            about = event.get("involvedObject", {})
            key = (event.get("reason"), about.get("kind"), about.get("name"))
            if type_ != "DELETED" and key == (reason, self.client.kind(kind).kind, name):
                return event
        seen = [(event["reason"], event["message"]) for event in self.events(kind, name)]
        pytest.fail(f"no event {reason} about {kind}/{name} within {timeout} s; seen: {seen}")

    def events(self, kind: str, name: str) -> list[Obj]:
        """Events about the object, in the order they were written."""
        fields = f"involvedObject.kind={self.client.kind(kind).kind},involvedObject.name={name}"
        found = self.client.list("events", self.namespace, fields=fields)
        return sorted(found, key=lambda event: int(event["metadata"]["resourceVersion"]))

    def states(self, kind: str, name: str) -> list[Obj]:
        """Every version the object has had since the test began, oldest first, replayed from the server's history."""
        now = self.client.find(kind, name, self.namespace)
        versions: list[Obj] = []
        with self.client.watch(kind, self.namespace, name=name, since=self.since) as watch:
            while (event := watch.next(10)) is not None:
                if event.type == "BOOKMARK":
                    continue
                versions.append(event.object)
                if event.type == "DELETED" and now is None:
                    break
                if now and event.object["metadata"]["resourceVersion"] == now["metadata"]["resourceVersion"]:
                    break
        return versions

    def _changes(self, kind: str, name: str, timeout: float, since: str = "") -> Iterator[tuple[str, Obj]]:
        """The object as it is and as it becomes, until `timeout` seconds of the cluster's time have passed.

        With `since`, a resourceVersion: as it becomes from there on.
        """
        deadline = self.clock.now() + timeout
        while (left := deadline - self.clock.now()) > 0:
            with self.client.watch(kind, self.namespace, name=name, since=since) as watch:
                try:
                    while left > 0 and (event := watch.next(left)) is not None:
                        if event.type == "ERROR":
                            since = ""
                            break
                        if event.type != "BOOKMARK":
                            yield event.type, event.object
                        left = deadline - self.clock.now()
                except WatchClosed:
                    continue


def _established(definition: Obj) -> bool:
    found = definition.get("status", {}).get("conditions") or []
    return any(one["type"] == "Established" and one["status"] == "True" for one in found)


@pytest.fixture(
    params=[
        pytest.param("embedded", id="embedded"),
        pytest.param("kind", id="kind", marks=[pytest.mark.kind]),
    ]
)
def env(request: pytest.FixtureRequest) -> Iterator[Environment]:
    """A fresh namespace on the cluster of this run's parameter."""
    from k8s_tutor.api.client import Client  # noqa: PLC0415

    cluster: Cluster = request.getfixturevalue(f"{request.param}_cluster")
    client = Client(cluster.api)
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "behaviour-"}}
    namespace = client.create(body)
    meta = namespace["metadata"]
    environment = Environment(client, cluster.clock, meta["name"], meta["resourceVersion"], cluster)
    # A controller gives each namespace its account, without which real Kubernetes refuses pods.
    environment.wait("serviceaccounts", "default", lambda _: True, timeout=30)
    yield environment
    client.delete("namespaces", meta["name"])


@pytest.fixture
def shelf(env: Environment) -> Iterator[Shelf]:
    """Volumes and a StorageClass of this test's own."""
    from tests.behaviour.storage import Shelf  # noqa: PLC0415

    shelf = Shelf(env)
    yield shelf
    shelf.clear()
