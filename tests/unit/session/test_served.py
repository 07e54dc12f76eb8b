"""Established is not yet served: who waits for a definition may use its kind afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.clock import VirtualClock
from k8s_tutor.errors import Cancelled, WaitTimeout
from k8s_tutor.objects.kinds import Kind, builtin_kinds
from k8s_tutor.session.targets import Target
from k8s_tutor.session.wait_conditions import parse_condition
from k8s_tutor.session.waiting import is_about_serving, wait_until_served

CAKES = Kind("tutor.example", "v1", "Cake", "cakes", "cake", namespaced=True)
DEFINITION = {
    "metadata": {"name": "cakes.tutor.example"},
    "spec": {
        "group": "tutor.example",
        "names": {"kind": "Cake"},
        "versions": [{"name": "v1", "served": True}, {"name": "v2", "served": False}],
    },
}


class FakeClient:
    """A server whose discovery and whose endpoint follow after so many questions."""

    def __init__(self, *, found_at: int, answers_at: int, code: int = 404) -> None:
        self.clock = VirtualClock(0)
        self.found_at, self.answers_at, self.code = found_at, answers_at, code
        self.asked = 0

    def refresh_kinds(self) -> Any:
        self.asked += 1
        return builtin_kinds().with_kinds([CAKES] if self.asked >= self.found_at else [])

    def raw(self, method: str, path: str, **_: Any) -> None:
        assert (method, path) == ("GET", "/apis/tutor.example/v1/cakes")
        if self.asked < self.answers_at:
            raise StatusError(failure(self.code, "NotFound", "the server could not find the requested resource"))

    def list_with_version(self, *_: Any, **__: Any) -> tuple[list[dict[str, Any]], str]:
        return [DEFINITION], "1"

    @contextmanager
    def watch(self, *_: Any, **__: Any) -> Iterator[FakeClient]:
        yield self

    def next(self, timeout: float) -> None:
        self.clock.advance_to(self.clock.now() + timeout)


def _wait(client: FakeClient, timeout: float = 10) -> float:
    return wait_until_served(client, client.clock, DEFINITION, timeout)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("word", "what", "so"),
    [
        ("crd", "Established", True),
        ("crd", "established", True),
        ("crd", "Established=True", True),
        ("crd", "Established=False", False),
        ("crd", "deleted", False),
        ("pods", "Established", False),  # kinds of others may have a condition of that name
    ],
)
def test_only_a_definition_that_is_to_be_established_is_waited_for_so(word: str, what: str, so: bool) -> None:
    kind = builtin_kinds().find(word)
    assert kind is not None
    assert is_about_serving(Target(kind, "x", ""), parse_condition(what)) is so


def test_takes_no_time_where_the_kind_is_served_already() -> None:
    assert _wait(FakeClient(found_at=1, answers_at=1)) == 0


def test_waits_for_discovery_and_then_for_the_endpoint() -> None:
    client = FakeClient(found_at=3, answers_at=5)
    assert _wait(client) == pytest.approx(1.0)
    assert client.asked == 5


def test_a_kind_that_is_served_but_not_to_us_is_served() -> None:
    assert _wait(FakeClient(found_at=1, answers_at=99, code=403)) == 0


def test_says_what_is_missing_when_time_is_up() -> None:
    with pytest.raises(WaitTimeout, match="Established, but the server does not serve its kind yet") as caught:
        _wait(FakeClient(found_at=99, answers_at=99), timeout=2)
    assert "api-resources --api-group tutor.example" in str(caught.value)


def test_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient(found_at=99, answers_at=99)

    def pressed(timeout: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(client, "next", pressed)
    with pytest.raises(Cancelled, match="Stopped waiting for the kind of crd/cakes"):
        _wait(client)
