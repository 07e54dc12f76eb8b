from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from k8s_tutor.api.protocol import WatchEvent
from k8s_tutor.clock import VirtualClock
from k8s_tutor.errors import Cancelled, WaitTimeout
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.session.targets import Target
from k8s_tutor.session.wait_conditions import parse_condition
from k8s_tutor.session.waiting_pods import ReadyPodsWaiter, parse_ready_pods

SERVICES = builtin_kinds().find("services")
PODS = builtin_kinds().find("pods")
assert SERVICES is not None
assert PODS is not None
WEB = Target(SERVICES, "web", "here")


def _slice(*ready: bool | None, name: str = "web-abcde") -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "endpoints": [
            {"addresses": [f"10.0.0.{number}"], "conditions": {} if word is None else {"ready": word}}
            for number, word in enumerate(ready)
        ],
    }


class FakeClient:
    """EndpointSlices that change with each event of a watch."""

    def __init__(self, *states: list[dict[str, Any]]) -> None:
        self.clock = VirtualClock(0)
        self.states = list(states)

    def list_with_version(self, *_: Any, labels: str, **__: Any) -> tuple[list[dict[str, Any]], str]:
        assert labels in ("kubernetes.io/service-name=web", "")  # in the end the slices of all are looked at
        return self.states[0], "1"

    @contextmanager
    def watch(self, *_: Any, **__: Any) -> Iterator[FakeClient]:
        yield self

    def next(self, timeout: float) -> WatchEvent | None:
        if len(self.states) > 1:
            self.states.pop(0)
            return WatchEvent("MODIFIED" if self.states[0] else "DELETED", self.states[0][0])
        self.clock.advance_to(self.clock.now() + timeout)
        return None


def _waiter(client: FakeClient, wanted: int) -> ReadyPodsWaiter:
    return ReadyPodsWaiter(client, client.clock, WEB, wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "what", "number"),
    [
        (WEB, "3 ready pods", 3),
        (WEB, "1 ready pod", 1),
        (WEB, "address", None),
        (WEB, lambda obj: True, None),
        (Target(PODS, "web", "here"), "3 ready pods", None),
    ],
)
def test_so_many_ready_pods_are_a_goal_of_services(target: Target, what: Any, number: int | None) -> None:
    assert parse_ready_pods(target, what) == number


def test_it_waits_until_as_many_endpoints_are_ready() -> None:
    client = FakeClient([], [_slice(False, True)], [_slice(True, None), _slice(False, name="web-fghij")])
    assert _waiter(client, 2).wait(10) == 0
    assert len(client.states) == 1


def test_none_is_a_number_too() -> None:
    assert _waiter(FakeClient([_slice(True)], [_slice(False)]), 0).wait(10) == 0


def test_the_nodes_proxies_get_time_to_follow() -> None:
    client = FakeClient([_slice(True)])
    _waiter(client, 1).wait(10)
    assert client.clock.now() == pytest.approx(1.5)


def test_too_long_says_how_many_there_are() -> None:
    with pytest.raises(WaitTimeout) as caught:
        _waiter(FakeClient([_slice(True, False)]), 2).wait(5)
    assert "service/web was not served by 2 ready pods within 5" in caught.value.what
    assert "1 of them" in caught.value.why


def test_stop_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeClient, "next", stop)
    with pytest.raises(Cancelled):
        _waiter(FakeClient([_slice(True)]), 2).wait(5)


def test_a_service_has_an_address_once_somebody_gave_it_one() -> None:
    waiting = {"kind": "Service", "status": {"loadBalancer": {}}}
    given = {"kind": "Service", "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}}}
    assert not parse_condition("address").met(waiting)
    assert parse_condition("address").met(given)
    assert str(parse_condition("address").words) == "given an address"
