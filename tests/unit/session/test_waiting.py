from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from k8s_tutor.api.protocol import WatchClosed, WatchEvent
from k8s_tutor.clock import VirtualClock
from k8s_tutor.errors import Cancelled, UsageError, WaitTimeout
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.session.targets import Target
from k8s_tutor.session.wait_conditions import format_seconds, parse_condition
from k8s_tutor.session.waiting import Waiter

PODS = builtin_kinds().find("pods")
assert PODS is not None


def _pod(phase: str = "Pending", **status: Any) -> dict[str, Any]:
    return {
        "kind": "Pod",
        "metadata": {"name": "web", "resourceVersion": "1"},
        "spec": {"containers": [{"name": "app"}]},
        "status": {"phase": phase, **status},
    }


READY = _pod("Running", conditions=[{"type": "Ready", "status": "True"}])


class FakeClient:
    """One pod whose watch delivers a script: an object (or None for deleted), an exception, or seconds of silence."""

    def __init__(self, pod: dict[str, Any] | None, *script: Any) -> None:
        self.clock = VirtualClock(0)
        self.pod = pod
        self.script = list(script)
        self.watches = 0

    def find(self, *_: Any) -> dict[str, Any] | None:
        return self.pod

    def list(self, *_: Any, **__: Any) -> list[dict[str, Any]]:
        return [self.pod] if self.pod else []

    def list_with_version(self, *_: Any, **__: Any) -> tuple[list[dict[str, Any]], str]:
        return self.list(), "1"

    @contextmanager
    def watch(self, *_: Any, **__: Any) -> Iterator[FakeClient]:
        self.watches += 1
        yield self

    def next(self, timeout: float) -> WatchEvent | None:
        step = self.script.pop(0) if self.script else timeout
        self.clock.advance_to(self.clock.now() + (step if isinstance(step, float) else 0.1))
        if isinstance(step, float):
            return None
        if isinstance(step, BaseException):
            raise step
        before, self.pod = self.pod, step
        return WatchEvent("DELETED", before or {}) if step is None else WatchEvent("MODIFIED", step)


def _waiter(client: FakeClient, what: str, name: str = "web") -> Waiter:
    assert PODS is not None
    return Waiter(client, client.clock, Target(PODS, name, "default"), parse_condition(what))  # type: ignore[arg-type]


def test_what_is_so_already_needs_no_watch() -> None:
    client = FakeClient(READY)
    assert _waiter(client, "Ready").wait(60) == (READY, 0.0)
    assert client.watches == 0


def test_a_wait_ends_with_the_change_it_waits_for() -> None:
    found, took = _waiter(FakeClient(_pod(), 2.0, _pod("Running"), READY), "Ready").wait(60)
    assert found == READY
    assert took == pytest.approx(2.2)


def test_waiting_for_the_end_of_an_object() -> None:
    found, _ = _waiter(FakeClient(_pod(), None), "deleted").wait(60)
    assert found is None


def test_a_wait_for_something_that_may_come_needs_nothing_there() -> None:
    found, _ = _waiter(FakeClient(None, _pod()), "exists").wait(60)
    assert found is not None


def test_the_deadline_says_what_was_seen_last_and_what_to_type() -> None:
    state = {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "x"'}}
    stuck = _pod(containerStatuses=[{"name": "app", "ready": False, "state": state}])
    with pytest.raises(WaitTimeout) as caught:
        _waiter(FakeClient(stuck), "Ready").wait(60)
    assert caught.value.what == "pod/web was not Ready within 60 s."
    assert 'Back-off pulling image "x"' in caught.value.why
    assert caught.value.next_step == 't.events("pod/web") tells what happened to it.'


def test_what_can_never_come_is_not_waited_for() -> None:
    client = FakeClient(_pod(), _pod("Failed"))
    with pytest.raises(WaitTimeout, match="will not be Ready"):
        _waiter(client, "Ready").wait(60)
    assert client.clock.now() < 1


@pytest.mark.parametrize("end", [WatchClosed(), WatchEvent("ERROR", {"code": 410})], ids=["closed", "too old"])
def test_a_watch_that_ends_is_opened_again(end: Any) -> None:
    client = FakeClient(_pod(), end, READY)
    if isinstance(end, WatchEvent):
        steps = iter([end])
        real = client.next
        client.next = lambda timeout: next(steps, None) or real(timeout)  # type: ignore[method-assign]
        client.script.remove(end)
    assert _waiter(client, "Ready").wait(60)[0] == READY
    assert client.watches == 2


def test_ctrl_c_says_that_nothing_was_undone() -> None:
    with pytest.raises(Cancelled) as caught:
        _waiter(FakeClient(_pod(), KeyboardInterrupt()), "Ready").wait(60)
    assert "Stopped waiting for pod/web" in caught.value.what
    assert "nothing was undone" in caught.value.why


def test_a_misspelt_name_is_answered_at_once() -> None:
    client = FakeClient(None)
    client.list = lambda *_, **__: [READY]  # type: ignore[method-assign]
    with pytest.raises(UsageError) as caught:
        _waiter(client, "Ready", "wbe").wait(60)
    assert caught.value.next_step == 'Did you mean "pod/web"?'


@pytest.mark.parametrize(("value", "text"), [(0.04, "0.0 s"), (1.25, "1.2 s"), (9.96, "10 s"), (61.2, "61 s")])
def test_durations_for_people(value: float, text: str) -> None:
    assert str(format_seconds(value)) == text


def test_a_function_may_look_at_what_is_not_there_yet() -> None:
    client = FakeClient(_pod(), READY)
    met = parse_condition(lambda pod: pod["status"]["conditions"][0]["status"] == "True")
    Waiter(client, client.clock, Target(PODS, "web", "default"), met).wait(60)  # type: ignore[arg-type]


def test_at_the_deadline_it_is_told_what_the_function_stumbled_over() -> None:
    client = FakeClient(_pod())
    with pytest.raises(WaitTimeout) as caught:
        Waiter(client, client.clock, Target(PODS, "web", "default"), parse_condition(lambda pod: pod["nope"])).wait(1)  # type: ignore[arg-type]
    assert "KeyError: 'nope'" in caught.value.why


@pytest.mark.parametrize("what", ["", 5, None])
def test_what_cannot_be_waited_for_is_said(what: Any) -> None:
    with pytest.raises(UsageError, match="how to wait"):
        parse_condition(what)
