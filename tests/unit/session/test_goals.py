from typing import Any

import pytest

from k8s_tutor.errors import UsageError
from k8s_tutor.session.wait_conditions import describe, parse_condition


def _pod(**status: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "app", "image": "nginx:1.22"}]},
        "status": status,
    }


def _waiting(reason: str, message: str = "") -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": message}}
    return _pod(phase="Pending", containerStatuses=[{"name": "app", "ready": False, "state": state}])


READY = _pod(phase="Running", conditions=[{"type": "Ready", "status": "True"}])
UNREADY = _pod(phase="Running", conditions=[{"type": "Ready", "status": "False"}])
UNSCHEDULABLE = _pod(
    phase="Pending",
    conditions=[{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}],
)


@pytest.mark.parametrize(
    ("what", "pod"),
    [
        ("Ready", READY),
        ("ready", READY),
        ("Running", UNREADY),
        ("Ready=False", UNREADY),
        ("ready=false", UNREADY),
        ("ImagePullBackOff", _waiting("ImagePullBackOff")),
        ("Unschedulable", UNSCHEDULABLE),
        ("exists", READY),
        ("deleted", None),
        (lambda pod: pod["metadata"]["name"] == "web", READY),
    ],
)
def test_a_goal_is_met(what: Any, pod: Any) -> None:
    assert parse_condition(what).met(pod)


@pytest.mark.parametrize(
    ("what", "pod"),
    [("Ready", UNREADY), ("Ready", None), ("deleted", READY), ("Unschedulable", READY), ("Succeeded", READY)],
)
def test_a_goal_is_not_met(what: str, pod: Any) -> None:
    assert not parse_condition(what).met(pod)


def test_a_condition_that_holds_is_not_met_by_its_reason_alone() -> None:
    completed = _pod(phase="Succeeded", conditions=[{"type": "Ready", "status": "False", "reason": "PodCompleted"}])
    assert not parse_condition("Ready").met(completed)


def test_a_misspelt_goal_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        parse_condition("Redy")
    assert 'Did you mean "Ready"?' in caught.value.next_step


def test_a_condition_of_somebodys_own_is_taken_as_it_is() -> None:
    healthy = {"kind": "EtcdCluster", "status": {"conditions": [{"type": "QuorumHealthy", "status": "True"}]}}
    assert parse_condition("QuorumHealthy").met(healthy)


def test_waiting_for_a_pod_that_has_ended_to_be_ready_is_hopeless() -> None:
    assert "Succeeded" in str(parse_condition("Ready").hopeless(_pod(phase="Succeeded")))


def test_the_last_state_seen_includes_why() -> None:
    assert str(describe(_waiting("ImagePullBackOff", "Back-off pulling image"))).endswith("Back-off pulling image")
    assert "0/3 nodes" in str(describe(UNSCHEDULABLE))
    assert str(describe(None)) == "it does not exist"


def test_a_job_that_has_failed_will_never_be_complete() -> None:
    message = "Job has reached the specified backoff limit"
    job = {"kind": "Job", "status": {"conditions": [{"type": "Failed", "status": "True", "message": message}]}}
    assert str(parse_condition("Complete").hopeless(job)) == f"Failed: {message}; a Job that has ended stays so"
    assert parse_condition("Failed").met(job)
    assert parse_condition("deleted").hopeless(job) == ""


def _deployment(updated: int, replicas: int, available: int, seen: int = 2) -> dict[str, Any]:
    status = {
        "updatedReplicas": updated,
        "replicas": replicas,
        "availableReplicas": available,
        "observedGeneration": seen,
    }
    return {
        "kind": "Deployment",
        "metadata": {"name": "web", "generation": 2},
        "spec": {"replicas": 3},
        "status": status,
    }


@pytest.mark.parametrize(
    ("deployment", "over"),
    [
        (_deployment(3, 3, 3), True),
        (_deployment(3, 4, 4), False),
        (_deployment(3, 3, 2), False),
        (_deployment(3, 3, 3, seen=1), False),
    ],
    ids=["all new and available", "an old one is left", "one is not available", "its controller has not seen it"],
)
def test_a_rollout_is_over_when_every_pod_is_new_and_available(deployment: dict[str, Any], over: bool) -> None:
    assert parse_condition("rolled out").met(deployment) is over
