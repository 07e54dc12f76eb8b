from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.embedded.core import ADMIN
from k8s_tutor.objects.types import Obj
from tests.unit.engine import new_kubernetes

BATCH = "/apis/batch/v1/namespaces/default"


class Bench:
    """A whole cluster, kubelets included, whose time the test moves."""

    def __init__(self) -> None:
        self.cluster = new_kubernetes()
        self.run(5)

    def run(self, seconds: float) -> None:
        self.cluster.loop.run_until(self.cluster.loop.now() + seconds)

    def ask(self, method: Any, path: str, body: Any = None, **more: Any) -> Obj:
        response = self.cluster.handle(Request(method, path, (), body, **more), ADMIN)
        assert isinstance(response, Response)
        assert response.code < 400, response.body
        answer: Obj = response.body
        return answer

    def job(self, name: str, command: str, *, restart: str = "Never", **spec: Any) -> None:
        template = {"spec": _pod(command, restart)}
        body = {"metadata": {"name": name}, "spec": {**spec, "template": template}}
        self.ask("POST", f"{BATCH}/jobs", body)

    def cron_job(self, name: str, command: str = "true", **spec: Any) -> None:
        template = {"spec": {"template": {"spec": _pod(command, "Never")}}}
        body = {"metadata": {"name": name}, "spec": {"schedule": "* * * * *", **spec, "jobTemplate": template}}
        self.ask("POST", f"{BATCH}/cronjobs", body)

    def change(self, kind: str, name: str, **spec: Any) -> None:
        path, media = f"{BATCH}/{kind}/{name}", "application/merge-patch+json"
        self.ask("PATCH", path, {"spec": spec}, content_type=media)

    def get(self, kind: str, name: str) -> Obj:
        return self.ask("GET", f"{BATCH}/{kind}/{name}")

    def names(self, kind: str) -> list[str]:
        return [row["metadata"]["name"] for row in self.ask("GET", f"{BATCH}/{kind}")["items"]]

    def pods(self, name: str) -> list[Obj]:
        """A Job's pods, the oldest first."""
        rows = self.ask("GET", "/api/v1/namespaces/default/pods")["items"]
        found = [row for row in rows if row["metadata"].get("labels", {}).get("job-name") == name]
        return sorted(found, key=lambda row: str(row["metadata"]["creationTimestamp"]))

    def conditions(self, name: str) -> list[tuple[str, str]]:
        rows = self.get("jobs", name)["status"].get("conditions") or ()
        return [(row["type"], row["reason"]) for row in rows]

    def events(self, name: str) -> list[tuple[str, str]]:
        rows = self.ask("GET", "/api/v1/namespaces/default/events")["items"]
        rows = [row for row in rows if row["involvedObject"]["name"] == name]
        rows.sort(key=lambda row: int(row["metadata"]["resourceVersion"]))
        return [(row["reason"], row["message"]) for row in rows]


def _pod(command: str, restart: str) -> Obj:
    container = {"name": "c", "image": "busybox:1.35", "command": ["sh", "-c", command]}
    return {"restartPolicy": restart, "terminationGracePeriodSeconds": 1, "containers": [container]}


@pytest.fixture
def bench() -> Bench:
    return Bench()
