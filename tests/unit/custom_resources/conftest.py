"""An API server with a definition of one's own, and how it answers, in the form of the records."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from k8s_tutor.api.protocol import Request
from k8s_tutor.clock import EPOCH, VirtualClock
from k8s_tutor.embedded.core import Loop
from k8s_tutor.embedded.store import Store
from tests.unit.engine import new_api_server

GROUP = "recorded.tutor.example"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
THINGS = f"/apis/{GROUP}/v1/namespaces/default/things"


class Api:
    """Asks an API server and keeps what matters of its answers."""

    def __init__(self) -> None:
        self.loop = Loop(VirtualClock(EPOCH))
        self.store = Store()
        self.server = new_api_server(self.loop, self.store)

    def ask(self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None, kind: str = "") -> Any:
        options = {"content_type": kind} if kind else {}
        return self.server.handle(Request(method, path, tuple((query or {}).items()), body, **options))  # type: ignore[arg-type]

    def ok(self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None, kind: str = "") -> Any:
        answer = self.ask(method, path, body, query, kind)
        assert answer.code < 400, answer.body
        return answer.body

    def define(self, schema: Any, **spec: Any) -> Any:
        made = self.ok("POST", DEFINITIONS, definition(schema, **spec))
        self.settle()
        return made

    def redefine(self, schema: Any) -> None:
        path = f"{DEFINITIONS}/things.{GROUP}"
        current = json.loads(json.dumps(self.ok("GET", path)))
        current["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = schema
        self.ok("PUT", path, current)
        self.settle()

    def settle(self, seconds: float = 5.0) -> None:
        self.loop.run_until(self.loop.now() + seconds)


def definition(schema: Any, **spec: Any) -> Any:
    parts = {"status": {}}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": parts,
    }
    names = {"kind": "Thing", "plural": "things"}
    body = {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version], **spec}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{GROUP}"},
        "spec": body,
    }


def thing(name: str = "x", **fields: Any) -> Any:
    return {"apiVersion": f"{GROUP}/v1", "kind": "Thing", "metadata": {"name": name}, **fields}


def outcome(answer: Any) -> dict[str, Any]:
    """An answer in the form of the records."""
    found: dict[str, Any] = {"warnings": list(answer.warnings)} if answer.warnings else {}
    if answer.code < 400:
        return {**found, "spec": answer.body.get("spec")}
    causes = (answer.body.get("details") or {}).get("causes", [])
    if not causes:
        return {**found, "message": answer.body["message"]}
    rows = [f"{row.get('field', '')} | {row['reason']} | {row['message']}" for row in causes]
    return {**found, "causes": sorted(re.sub(r"selfType\d+", "selfType", row) for row in rows)}


def recorded(name: str) -> Any:
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def api() -> Api:
    return Api()
