"""Waiting for a Deployment to have so many Pods: they are counted themselves, when none is on its way out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from k8s_tutor.api.protocol import WatchEvent
from k8s_tutor.clock import VirtualClock
from k8s_tutor.errors import WaitTimeout
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.session.targets import Target
from k8s_tutor.session.waiting_pods import OwnPodsWaiter, parse_own_pods

DEPLOYMENTS, SERVICES = builtin_kinds().find("deployments"), builtin_kinds().find("services")
assert DEPLOYMENTS is not None
assert SERVICES is not None
WEB = Target(DEPLOYMENTS, "web", "here")


def _pod(name: str, *, ready: bool = True, leaving: bool = False) -> dict[str, Any]:
    meta = {"name": name, "uid": name, "namespace": "here", "labels": {"app": "web"}}
    if leaving:
        meta["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return {"metadata": meta, "status": {"conditions": [{"type": "Ready", "status": str(ready)}]}}


class FakeClient:
    """A Deployment that counts as the pods are, from some moment on, and its Pods as a script of events."""

    def __init__(self, pods: list[dict[str, Any]], *events: tuple[str, dict[str, Any]], knows_at: float = 0.0) -> None:
        self.clock = VirtualClock(0)
        self.pods, self.events, self.knows_at = pods, list(events), knows_at

    def find(self, *_: Any) -> dict[str, Any]:
        status = {"readyReplicas": 1, "replicas": 2} if self.clock.now() >= self.knows_at else {}
        spec = {"selector": {"matchLabels": {"app": "web"}}}
        return {"metadata": {"name": "web"}, "spec": spec, "status": status}

    def list_with_version(self, *_: Any, labels: str, **__: Any) -> tuple[list[dict[str, Any]], str]:
        assert labels == "app=web"
        return self.pods, "1"

    @contextmanager
    def watch(self, *_: Any, **__: Any) -> Iterator[FakeClient]:
        yield self

    def next(self, timeout: float) -> WatchEvent | None:
        if self.events:
            return WatchEvent(*self.events.pop(0))
        self.clock.advance_to(self.clock.now() + timeout)
        return None


def _waiter(client: FakeClient, ready: int, total: int) -> OwnPodsWaiter:
    return OwnPodsWaiter(client, client.clock, WEB, ready, total)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("what", "counts"),
    [
        ("3 of 5 pods ready", (3, 5)),
        ("3 ready pods", (3, 3)),
        ("1 pod ready", (1, 1)),
        ("Available", None),
        ("3 pods", None),
    ],
)
def test_counts_are_read_from_words(what: str, counts: tuple[int, int] | None) -> None:
    assert parse_own_pods(WEB, what) == counts


def test_a_service_has_words_of_its_own() -> None:
    assert SERVICES is not None
    assert parse_own_pods(Target(SERVICES, "web", "here"), "3 ready pods") is None


def test_as_long_as_one_is_on_its_way_out_it_is_not_over() -> None:
    last = _pod("c", leaving=True)
    client = FakeClient([_pod("a"), last], ("ADDED", _pod("b", ready=False)), ("DELETED", last))
    assert _waiter(client, 1, 2).wait(60) == 0.0
    assert client.events == []


def test_the_deployment_itself_has_to_know_it_too() -> None:
    client = FakeClient([_pod("a"), _pod("b", ready=False)], knows_at=3.0)
    assert _waiter(client, 1, 2).wait(60) >= 3.0


def test_the_deadline_says_how_many_there_were() -> None:
    client = FakeClient([_pod("a"), _pod("b", ready=False)])
    with pytest.raises(WaitTimeout) as error:
        _waiter(client, 2, 2).wait(5)
    assert "Seen last: 1 of 2 pods ready" in str(error.value)
