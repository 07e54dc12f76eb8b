"""A look: one list a kind, and nothing asked twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.exercises.state import MOST_ASKED, MOST_REQUESTS, State, take_state

POD = {"metadata": {"name": "web-1", "uid": "1", "labels": {"app": "web"}}, "status": {"podIP": "10.0.0.1"}}


@dataclass
class _Api:
    """Answers requests from a table, and writes them down."""

    answers: dict[str, Any]
    asked: list[str] = field(default_factory=list)

    def send(self, request: Request) -> Response:
        self.asked.append(request.target)
        answer = self.answers.get(request.path)
        if answer is None:
            return Response(404, {"kind": "Status", "code": 404, "message": "not found"})
        return answer if isinstance(answer, Response) else Response(200, answer)


def _refusal(message: str) -> Response:
    return Response(503, {"kind": "Status", "status": "Failure", "code": 503, "message": message})


def _slice(*addresses: str, port: int = 9898) -> dict[str, Any]:
    return {
        "metadata": {"name": "web-x", "uid": "s", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv4",
        "ports": [{"name": "", "port": port}],
        "endpoints": [{"addresses": [one], "conditions": {"ready": True}} for one in addresses],
    }


SERVICE = {"kind": "Service", "metadata": {"name": "web", "uid": "w"}, "spec": {"ports": [{"port": 80}]}}


@pytest.fixture
def api() -> _Api:
    return _Api(
        {
            "/api/v1/namespaces/demo/pods": {"items": [POD]},
            "/apis/discovery.k8s.io/v1/namespaces/demo/endpointslices": {"items": [_slice("10.0.0.1")]},
            "/api/v1/namespaces/demo/pods/web-1/log": "warm\n",
            "/api/v1/namespaces/demo/pods/web-1:9898/proxy/": b"hello",
        }
    )


@pytest.fixture
def state(api: _Api) -> State:
    return take_state(Client(api), "demo", ["pods", "endpointslices"], time=5.0)  # type: ignore[arg-type]


def test_each_kind_is_listed_once_however_often_it_is_looked_at(state: State, api: _Api) -> None:
    for _ in range(3):
        assert state.find("pod/web-1") is not None
        assert state.names("pods") == ["web-1"]
        assert state.find("pod/web-2") is None
    assert len(api.asked) == state.requests == 2


def test_logs_and_replies_are_fetched_when_asked_for_and_once(state: State, api: _Api) -> None:
    for _ in range(3):
        assert state.log("web-1") == "warm\n"
        assert [reply.text for reply in state.ask(SERVICE, 80)] == ["hello"]
    assert len(api.asked) == state.requests == 4


def test_a_kind_that_was_not_declared_would_be_of_another_moment(state: State) -> None:
    with pytest.raises(LookupError, match="looks_at"):
        state.find("service/web")


def test_where_nobody_listens_the_connection_is_refused(state: State, api: _Api) -> None:
    api.answers["/api/v1/namespaces/demo/pods/web-1:9898/proxy/"] = _refusal(
        "error trying to reach service: dial tcp 10.0.0.1:9898: connect: connection refused"
    )
    (reply,) = state.ask(SERVICE, 80)
    assert (reply.code, reply.text, reply.refused, reply.answered) == (0, "connection refused", True, False)


def test_a_bad_answer_of_the_pods_own_is_no_refusal(state: State, api: _Api) -> None:
    api.answers["/api/v1/namespaces/demo/pods/web-1:9898/proxy/"] = _refusal("not now")
    (reply,) = state.ask(SERVICE, 80)
    assert (reply.code, reply.refused, reply.answered) == (503, False, False)


def test_an_address_that_is_no_pods_is_not_taken_for_an_answer(api: _Api) -> None:
    api.answers["/apis/discovery.k8s.io/v1/namespaces/demo/endpointslices"] = {"items": [_slice("192.0.2.1")]}
    state = take_state(Client(api), "demo", ["pods", "endpointslices"])  # type: ignore[arg-type]
    (reply,) = state.ask(SERVICE, 80)
    assert not reply.answered


def test_of_many_pods_only_some_are_asked(api: _Api) -> None:
    addresses = [f"10.0.0.{number}" for number in range(1, 40)]
    api.answers["/apis/discovery.k8s.io/v1/namespaces/demo/endpointslices"] = {"items": [_slice(*addresses)]}
    state = take_state(Client(api), "demo", ["pods", "endpointslices"])  # type: ignore[arg-type]
    assert len(state.ask(SERVICE, 80)) == MOST_ASKED
    assert state.requests <= MOST_REQUESTS


def test_what_may_not_be_read_is_named(api: _Api) -> None:
    forbidden = Response(403, {"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no"})
    api.answers["/api/v1/namespaces/demo/pods"] = forbidden
    state = take_state(Client(api), "demo", ["pods", "endpointslices"])  # type: ignore[arg-type]
    assert list(state.unread) == ["pods"]


def test_objects_on_their_way_out_count_as_gone() -> None:
    leaving = {"kind": "Pod", "metadata": {"name": "a", "deletionTimestamp": "2026-01-01T00:00:00Z"}}
    assert State.of([leaving]).find("pod/a") is None
    assert State.of([leaving]).list("pods") == []
