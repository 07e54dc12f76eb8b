"""A server in a few lines: enough of `Client` for an informer, under the test's thumb."""

from __future__ import annotations

import queue
import threading
from types import TracebackType
from typing import Self

import pytest

from k8s_tutor.api.protocol import StatusError, WatchClosed, WatchEvent, failure
from k8s_tutor.objects.types import Obj


def pod(name: str, version: int, **status: object) -> Obj:
    meta = {"name": name, "namespace": "demo", "uid": f"uid-{name}", "resourceVersion": str(version)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "status": status}


class FakeWatch:
    def __init__(self, server: FakeServer, since: str, passive: bool) -> None:
        self.server, self.since, self.passive = server, since, passive
        self.events: queue.SimpleQueue[WatchEvent | Exception] = queue.SimpleQueue()
        self.closed = False

    def next(self, timeout: float) -> WatchEvent | None:
        try:
            event = self.events.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(event, Exception):
            raise event
        return event

    def close(self) -> None:
        self.closed = True
        self.events.put(WatchClosed())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class FakeServer:
    """Lists and watches pods; what it lists and what its watches say is up to the test."""

    def __init__(self) -> None:
        self.objects: dict[str, Obj] = {}
        self.version = 1
        self.forbidden: set[str] = set()
        self.lists = 0
        self.speaks = threading.Event()
        self.speaks.set()
        self.watches: queue.Queue[FakeWatch] = queue.Queue()

    def list_with_version(self, kind: str, namespace: str = "") -> tuple[list[Obj], str]:
        self.lists += 1
        if kind in self.forbidden:
            raise StatusError(failure(403, "Forbidden", f"{kind} is forbidden"))
        return (list(self.objects.values()) if kind == "pods" else []), str(self.version)

    def watch(self, kind: str, namespace: str = "", *, since: str = "", passive: bool = False) -> FakeWatch:
        watch = FakeWatch(self, since, passive)
        self.watches.put(watch)
        return watch

    def raw(self, method: str, path: str) -> None:
        """Answers at once, or when it speaks again; one that is muted hangs, as a frozen server does."""
        self.speaks.wait(30)

    def put(self, obj: Obj) -> None:
        self.version = int(obj["metadata"]["resourceVersion"])
        self.objects[obj["metadata"]["name"]] = obj

    def remove(self, name: str, version: int) -> Obj:
        self.version = version
        gone = self.objects.pop(name)
        return {**gone, "metadata": {**gone["metadata"], "resourceVersion": str(version)}}

    def opened(self) -> FakeWatch:
        """The next watch that somebody opened."""
        return self.watches.get(timeout=10)


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def make_pod():
    return pod
