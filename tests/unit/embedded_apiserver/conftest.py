"""An API server alone: no controllers, no nodes; time stands still unless a test moves it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.clock import EPOCH, VirtualClock
from k8s_tutor.embedded.core import Loop, Streaming
from k8s_tutor.embedded.store import Store
from tests.unit.engine import new_api_server

MERGE = "application/merge-patch+json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


class Api:
    """Asks an API server, as briefly as a test likes it."""

    def __init__(self, *, strict: bool = True) -> None:
        self.loop = Loop(VirtualClock(EPOCH))
        self.store = Store()
        self.server = new_api_server(self.loop, self.store, strict=strict)

    def ask(self, method: str, target: str, body: Any = None, **options: Any) -> Any:
        path, _, query = target.partition("?")
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        return self.server.handle(Request(method, path, pairs, body, **options))  # type: ignore[arg-type]

    def ok(self, method: str, target: str, body: Any = None, **options: Any) -> Any:
        answer = self.ask(method, target, body, **options)
        assert isinstance(answer, Response)
        assert answer.code < 400, answer.body
        return answer.body

    def fails(self, method: str, target: str, body: Any = None, **options: Any) -> tuple[int, str]:
        answer = self.ask(method, target, body, **options)
        assert isinstance(answer, Response)
        assert answer.code >= 400, answer.body
        return answer.code, answer.body["message"]

    def patch(self, target: str, body: Any, kind: str = MERGE) -> Any:
        return self.ok("PATCH", target, body, content_type=kind)

    def watch(self, target: str, **options: Any) -> Watcher:
        answer = self.ask("GET", f"{target}{'&' if '?' in target else '?'}watch=true", **options)
        assert isinstance(answer, Streaming), answer
        return Watcher(answer)

    def config(self, name: str, namespace: str = "default", **labels: str) -> Any:
        body = {"metadata": {"name": name, "labels": labels}, "data": {"key": "value"}}
        return self.ok("POST", f"/api/v1/namespaces/{namespace}/configmaps", body)

    def run(self, seconds: float) -> None:
        self.loop.run_until(self.loop.now() + seconds)


class Watcher:
    """Collects what a watch delivers."""

    def __init__(self, answer: Streaming) -> None:
        self.events: list[Any] = []
        self.ended = False
        self.feed = answer.feed
        answer.feed.attach(self.events.append, self._end)  # type: ignore[arg-type]

    def _end(self) -> None:
        self.ended = True

    def seen(self) -> list[tuple[str, str]]:
        return [(event["type"], event["object"]["metadata"].get("name", "")) for event in self.events]


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def real_api() -> Api:
    """One that answers unexpected errors instead of raising them."""
    return Api(strict=False)


@pytest.fixture
def as_json() -> Any:
    return lambda value: json.dumps(value).encode()
