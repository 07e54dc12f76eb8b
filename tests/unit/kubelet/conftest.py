"""A whole embedded cluster, driven by hand."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from k8s_tutor.api.protocol import Method, Request, Response
from tests.unit.engine import new_kubernetes

Obj = dict[str, Any]


class Cluster:
    """The embedded cluster with a namespace to play in."""

    def __init__(self) -> None:
        self.kubernetes = new_kubernetes()
        self.loop = self.kubernetes.loop
        self.store = self.kubernetes.store
        self.nodes = self.kubernetes.nodes
        self.advance(2)
        self.send("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "play"}})
        self.advance(1)
        self.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "there"}, "data": {"a": "1"}})

    def send(self, method: Method, path: str, body: Any = None, **query: str) -> Response:
        answer = self.kubernetes.handle(Request(method, path, tuple(query.items()), body))
        assert isinstance(answer, Response)
        assert answer.code < 400, answer.body
        return answer

    def create(self, obj: Obj | str) -> Obj:
        """Creates an object, given as a dict or as YAML."""
        obj = yaml.safe_load(obj) if isinstance(obj, str) else obj
        plural = {"Pod": "pods", "ConfigMap": "configmaps", "Secret": "secrets", "Service": "services"}[obj["kind"]]
        created: Obj = self.send("POST", f"/api/v1/namespaces/play/{plural}", obj).body
        return created

    def delete(self, name: str, **query: str) -> None:
        self.send("DELETE", f"/api/v1/namespaces/play/pods/{name}", None, **query)

    def pod(self, name: str) -> Obj:
        found = self.store.get("pods", "play", name)
        assert found is not None, f"no pod {name}"
        return found

    def gone(self, name: str) -> bool:
        return self.store.get("pods", "play", name) is None

    def advance(self, seconds: float) -> None:
        self.loop.run_until(self.loop.now() + seconds)

    def record(self, resource: str) -> list[Obj]:
        """Every version of every object of the resource from now on, as a list that grows."""
        seen: list[Obj] = []

        def note(change: Any) -> None:
            if change.obj["metadata"].get("namespace") == "play":
                seen.append(change.obj)

        self.store.subscribe(note, resource)
        return seen

    def events(self, name: str) -> list[Obj]:
        return [one for one in self.store.list("events", "play") if one["involvedObject"]["name"] == name]


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()
