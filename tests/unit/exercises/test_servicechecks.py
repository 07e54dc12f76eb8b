"""Checks of Services: what a client would meet, and whether it is going to change."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.exercises import Outcome, Seen, State, Verdict, answers, has_ready_pods, selects_pods

LABELS = {"app": "web"}


def _service(name: str = "web", **spec: Any) -> dict[str, Any]:
    whole = {"selector": LABELS, "ports": [{"port": 80, "targetPort": 9898}], **spec}
    return {"kind": "Service", "metadata": {"name": name, "namespace": "demo", "uid": name}, "spec": whole}


def _pods(count: int) -> list[dict[str, Any]]:
    return [
        {"kind": "Pod", "metadata": {"name": f"w-{n}", "labels": LABELS}, "spec": {"containers": []}}
        for n in range(count)
    ]


def _slice(count: int, port: int = 9898, ready: int | None = None) -> dict[str, Any]:
    ends = [
        {
            "addresses": [f"10.0.0.{n}"],
            "conditions": {"ready": n < (count if ready is None else ready)},
            "targetRef": {"kind": "Pod", "name": f"w-{n}", "uid": str(n)},
        }
        for n in range(count)
    ]
    labels = {"kubernetes.io/service-name": "web"}
    meta = {"name": "web-x", "labels": labels}
    return {"kind": "EndpointSlice", "metadata": meta, "ports": [{"port": port}], "endpoints": ends}


def _deployment(wanted: int, **status: int) -> dict[str, Any]:
    counts = {"replicas": wanted, "updatedReplicas": wanted, "readyReplicas": wanted, "observedGeneration": 1}
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": []}}
    meta = {"name": "web", "generation": 1}
    return {
        "kind": "Deployment",
        "metadata": meta,
        "spec": {"replicas": wanted, "template": template},
        "status": {**counts, **status},
    }


def _answers(count: int, port: int = 9898) -> dict[str, str | None]:
    return {f"w-{n}:{port}": "hello" for n in range(count)}


def _verdict(found: Seen | Verdict) -> Verdict:
    assert isinstance(found, Verdict)
    return found


def test_every_pod_that_a_connection_can_end_at_has_to_answer() -> None:
    one_of_two = State.of([_service(), *_pods(2), _slice(2)], answers=_answers(1))
    verdict = _verdict(answers("service/web", 80)(one_of_two))
    assert str(verdict.summary) == "`http://web:80/` leads to port 9898 of the pods: 1 of 2 answered."
    assert str(verdict.evidence[0]) == "pod/w-1, port 9898: connection refused"


def test_where_nobody_listens_it_does_not_get_better() -> None:
    state = State.of([_service(), *_pods(2), _slice(2), _deployment(2)])
    assert not _verdict(answers("service/web", 80)(state)).settling


@pytest.mark.parametrize(
    "deployment",
    [_deployment(2, updatedReplicas=1), _deployment(2, replicas=3), _deployment(2, observedGeneration=0)],
    ids=["some are old", "one too many", "not looked at yet"],
)
def test_while_pods_are_replaced_it_may(deployment: dict[str, Any]) -> None:
    state = State.of([_service(), *_pods(2), _slice(2), deployment])
    assert _verdict(answers("service/web", 80)(state)).settling


def test_while_slices_follow_a_changed_port_it_may() -> None:
    state = State.of([_service(), *_pods(2), _slice(2, port=8080), _deployment(2)])
    assert _verdict(answers("service/web", 80)(state)).settling


def test_a_second_name_is_followed_within_the_namespace() -> None:
    alias = _service("books", type="ExternalName", externalName="web.demo.svc.cluster.local", selector=None, ports=[])
    state = State.of([alias, _service(), *_pods(1), _slice(1)], answers=_answers(1))
    assert isinstance(answers("service/books", 80)(state), Seen)


@pytest.mark.parametrize("host", ["example.com", "web.elsewhere.svc.cluster.local", "books"])
def test_a_second_name_for_something_else_is_told_so(host: str) -> None:
    alias = _service("books", type="ExternalName", externalName=host)
    state = State.of([alias, _service(), *_pods(1), _slice(1)], answers=_answers(1))
    assert "leads to the host" in str(_verdict(answers("service/books", 80)(state)).summary)


@pytest.mark.parametrize(("replicas", "ready", "said"), [(5, 5, "5 of 5"), (5, 2, "2 of 5"), (1, 1, "1 of 1")])
def test_how_many_is_what_the_deployments_are_to_have(replicas: int, ready: int, said: str) -> None:
    state = State.of([_service(), *_pods(replicas), _slice(replicas, ready=ready), _deployment(replicas)])
    found = has_ready_pods("service/web")(state)
    assert isinstance(found, Seen) is (ready == replicas)
    assert said in (str(found.facts[0]) if isinstance(found, Seen) else str(found.summary))


def test_a_task_that_says_how_many_gets_as_many() -> None:
    state = State.of([_service(), *_pods(2), _slice(2), _deployment(2)])
    assert _verdict(has_ready_pods("service/web", 3)(state)).outcome is Outcome.FAILED


def test_pods_that_are_still_to_be_made_are_waited_for() -> None:
    verdict = _verdict(selects_pods("service/web")(State.of([_service(), _deployment(2)])))
    assert (verdict.outcome, verdict.settling) == (Outcome.CANNOT_TELL, True)
    alone = _verdict(selects_pods("service/web")(State.of([_service(selector={"app": "wep"}), *_pods(1)])))
    assert (alone.outcome, alone.settling) == (Outcome.FAILED, False)
