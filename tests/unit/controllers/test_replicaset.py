from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.embedded.controllers.pods import first_to_go
from k8s_tutor.objects.types import Obj

TEMPLATE: Obj = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}


def labelled(app: str) -> Obj:
    return {**TEMPLATE, "metadata": {"labels": {"app": app}}}


def replica_set(replicas: int, **spec: Any) -> Obj:
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": TEMPLATE, **spec},
    }


def lone_pod(name: str, app: str) -> Obj:
    meta = {"name": name, "namespace": "default", "labels": {"app": app}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": TEMPLATE["spec"]}


def test_it_makes_as_many_pods_as_are_wanted_and_says_so(play: Any) -> None:
    play.apply(replica_set(3))
    play.run(2)
    names = [pod["metadata"]["name"] for pod in play.list("pods")]
    assert len(names) == 3
    assert sorted(message for _, message in play.events("web")) == [f"Created pod: {name}" for name in sorted(names)]
    assert play.get("rs", "web")["status"] == {
        "availableReplicas": 3,
        "fullyLabeledReplicas": 3,
        "observedGeneration": 1,
        "readyReplicas": 3,
        "replicas": 3,
        "terminatingReplicas": 0,
    }


def test_an_absurd_number_of_replicas_is_made_at_the_rate_of_a_real_controller_manager(play: Any) -> None:
    play.apply(replica_set(1_000_000))
    play.run(1)
    first = len(play.list("pods"))
    assert 25 <= first <= 50  # a burst of requests, events among them
    play.run(10)
    assert len(play.list("pods")) - first == pytest.approx(200, abs=30)
    assert play.get("rs", "web")["status"]["replicas"] == 0  # told when the run is done: 500 pods later


def test_an_absurd_number_of_replicas_leaves_room_for_others(play: Any) -> None:
    play.apply(replica_set(1_000_000))
    play.run(5)
    other = replica_set(2, selector={"matchLabels": {"app": "api"}}, template=labelled("api"))
    play.apply({**other, "metadata": {"name": "api", "namespace": "default"}})
    play.run(5)
    assert play.get("rs", "api")["status"]["replicas"] == 2


def test_a_deleted_pod_is_replaced(play: Any) -> None:
    play.apply(replica_set(2))
    play.run(2)
    first = play.list("pods")[0]
    play.local.delete(first)
    play.run(2)
    names = [pod["metadata"]["name"] for pod in play.list("pods")]
    assert len(names) == 2
    assert first["metadata"]["name"] not in names


def test_it_adopts_a_pod_that_its_selector_matches(play: Any) -> None:
    play.apply(lone_pod("stray", "web"))
    play.run(1)
    play.apply(replica_set(2))
    play.run(2)
    (owner,) = play.get("pods", "stray")["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["controller"], owner["blockOwnerDeletion"]) == (
        "ReplicaSet", "web", True, True,
    )  # fmt: skip
    assert len(play.list("pods")) == 2


def test_it_lets_go_of_a_pod_whose_label_changed_and_makes_another(play: Any) -> None:
    play.apply(replica_set(2))
    play.run(2)
    name = play.list("pods")[0]["metadata"]["name"]
    play.local.patch(play.get("pods", name), {"metadata": {"labels": {"app": "debug"}}})
    play.run(2)
    assert "ownerReferences" not in play.get("pods", name)["metadata"]
    assert len(play.list("pods")) == 3


def test_of_too_many_pods_the_unready_go_first(play: Any) -> None:
    play.apply(replica_set(3))
    play.run(2)
    play.ready = lambda pod: False
    play.scale("rs", "web", 4)
    play.run(2)
    (unready,) = [
        pod["metadata"]["name"]
        for pod in play.list("pods")
        if any(row["type"] == "Ready" and row["status"] == "False" for row in pod["status"]["conditions"])
    ]
    play.scale("rs", "web", 3)
    play.run(2)
    assert play.events("web")[-1] == ("SuccessfulDelete", f"Deleted pod: {unready}")


def test_a_pod_counts_as_available_only_after_min_ready_seconds(play: Any) -> None:
    play.apply(replica_set(1, minReadySeconds=20))
    play.run(10)
    assert "availableReplicas" not in play.get("rs", "web")["status"]
    play.run(20)
    assert play.get("rs", "web")["status"]["availableReplicas"] == 1


def test_a_refused_pod_shows_in_an_event_and_a_condition_and_is_tried_again(play: Any) -> None:
    play.quota = 'pods "web-" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2'
    play.apply(replica_set(4))
    play.run(2)
    assert play.events("web")[0] == ("FailedCreate", f"Error creating: {play.quota}")
    (condition,) = play.get("rs", "web")["status"]["conditions"]
    assert condition == {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": play.quota,
        "lastTransitionTime": "2026-01-01T00:00:01Z",
    }
    play.quota = ""
    play.run(60)
    assert play.get("rs", "web")["status"]["replicas"] == 4
    assert "conditions" not in play.get("rs", "web")["status"]


def test_slow_start_stops_at_the_first_refusal(play: Any) -> None:
    play.quota = "no"
    play.apply(replica_set(50))
    play.run(0.005)
    run = next(run for run in play.controllers.runs if run.controller == "replicaset-controller")
    assert [step.error for step in run.steps] == ["no", ""]
    assert run.error == "no"


def test_a_run_is_recorded_in_its_three_steps(play: Any) -> None:
    play.apply(replica_set(2))
    play.run(0.01)
    run = next(run for run in play.controllers.runs if run.controller == "replicaset-controller")
    assert (str(run.key), run.cause) == ("default/web", "ReplicaSet web ADDED")
    assert [str(read) for read in run.observed] == ["replicasets.apps default/web: 1", "pods default/*: 0"]
    assert tuple(map(str, run.analysis)) == ("2 wanted, 0 there: difference +2.",)
    assert [type(step.action).__name__ for step in run.steps] == ["Create", "Create", "UpdateStatus"]
    assert all(step.result and not step.error for step in run.steps)


def pod(name: str, *, ready: str = "2026-01-01T00:00:00Z", phase: str = "Running", **fields: Any) -> Obj:
    rows = [{"type": "Ready", "status": "True", "lastTransitionTime": ready}] if ready else []
    status: Obj = {"phase": phase, "conditions": rows}
    if restarts := fields.get("restarts"):
        status["containerStatuses"] = [{"restartCount": restarts}]
    meta: Obj = {"name": name, "uid": name, "creationTimestamp": fields.get("created", "2026-01-01T00:00:00Z")}
    if cost := fields.get("cost"):
        meta["annotations"] = {"controller.kubernetes.io/pod-deletion-cost": cost}
    return {"metadata": meta, "spec": {"nodeName": fields.get("node", "a")}, "status": status}


def test_the_order_of_deletion_is_that_of_kubernetes() -> None:
    now = 1767225600.0 + 1000
    pods = [
        pod("old"),
        pod("young", created="2026-01-01T00:15:00Z", node="b"),
        pod("restarted", restarts=3),
        pod("lately-ready", ready="2026-01-01T00:16:00Z"),
        pod("dear", cost="100"),
        pod("cheap", cost="-5"),
        pod("unready", ready=""),
        pod("pending", phase="Pending"),
        pod("unassigned", phase="Pending", node=""),
    ]
    ranked = [one["metadata"]["name"] for one in first_to_go(pods, pods, now)]
    assert ranked == [
        "unassigned", "pending", "unready", "cheap", "lately-ready", "restarted", "old", "young", "dear",
    ]  # fmt: skip
