"""ReplicaSets: as many pods as asked for, on both clusters in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_tutor.clock import from_rfc3339

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

POD = "{terminationGracePeriodSeconds: 1, containers: [{name: c, image: registry.k8s.io/pause:3.10.2}]}"
STRAY = f"""
apiVersion: v1
kind: Pod
metadata: {{name: stray, labels: {{app: r}}}}
spec: {POD}
"""


def replica_set(replicas: int, pod: str = POD) -> str:
    return f"""
apiVersion: apps/v1
kind: ReplicaSet
metadata: {{name: r}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: r}}}}
  template:
    metadata: {{labels: {{app: r, made: "yes"}}, annotations: {{note: hello}}}}
    spec: {pod}
"""


def has(field: str, count: int) -> object:
    return lambda rs: rs.get("status", {}).get(field, 0) == count


def pods(env: Environment, labels: str = "app=r") -> list[Obj]:
    found = env.client.list("pods", env.namespace, labels=labels)
    return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


def test_its_pods_carry_its_name_its_template_and_its_ownership(env: Environment) -> None:
    (rs,) = env.apply(replica_set(1))
    env.wait("rs", "r", has("readyReplicas", 1))
    (pod,) = pods(env)
    meta = pod["metadata"]
    assert meta["generateName"] == "r-"
    assert (meta["labels"], meta["annotations"]["note"]) == ({"app": "r", "made": "yes"}, "hello")
    assert meta["ownerReferences"] == [
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "name": "r",
            "uid": rs["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]
    created = env.wait_event("rs", "r", "SuccessfulCreate")
    assert created["message"] == f"Created pod: {meta['name']}"
    assert (created["source"], created["reportingComponent"]) == (
        {"component": "replicaset-controller"},
        "replicaset-controller",
    )


def test_its_status_counts_adopted_pods_that_lack_a_label_of_the_template(env: Environment) -> None:
    env.apply(STRAY)
    env.wait("pod", "stray", lambda pod: pod["status"]["phase"] == "Running")
    env.apply(replica_set(3))
    assert env.wait("rs", "r", has("availableReplicas", 3))["status"] == {
        "availableReplicas": 3,
        "fullyLabeledReplicas": 2,
        "observedGeneration": 1,
        "readyReplicas": 3,
        "replicas": 3,
        "terminatingReplicas": 0,
    }
    assert env.get("pod", "stray")["metadata"]["ownerReferences"][0]["name"] == "r"


def test_a_deleted_pod_is_replaced_at_once(env: Environment) -> None:
    env.apply(replica_set(2))
    env.wait("rs", "r", has("readyReplicas", 2))
    victim = pods(env)[0]["metadata"]["name"]
    env.delete("pod", victim)
    env.wait_gone("pod", victim)
    env.wait("rs", "r", has("readyReplicas", 2))
    assert victim not in [pod["metadata"]["name"] for pod in pods(env)]


def test_a_pod_whose_label_changes_is_released_and_replaced(env: Environment) -> None:
    env.apply(replica_set(1))
    env.wait("rs", "r", has("readyReplicas", 1))
    (pod,) = pods(env)
    name = pod["metadata"]["name"]
    env.client.patch("pods", name, {"metadata": {"labels": {"app": "debug"}}}, env.namespace)
    released = env.wait("pod", name, lambda pod: "ownerReferences" not in pod["metadata"])
    assert released["metadata"]["labels"]["app"] == "debug"
    env.wait("rs", "r", lambda rs: rs["status"].get("readyReplicas") == 1 and len(pods(env)) == 1)


def test_scaling_down_says_which_pods_went(env: Environment) -> None:
    env.apply(replica_set(3))
    env.wait("rs", "r", has("readyReplicas", 3))
    before = {pod["metadata"]["name"] for pod in pods(env)}
    env.client.patch("rs", "r", {"spec": {"replicas": 1}}, env.namespace)
    env.wait("rs", "r", lambda rs: rs["status"]["replicas"] == 1 and not rs["status"]["terminatingReplicas"])
    gone = before - {pod["metadata"]["name"] for pod in pods(env)}
    said = [event["message"] for event in env.events("rs", "r") if event["reason"] == "SuccessfulDelete"]
    assert sorted(said) == sorted(f"Deleted pod: {name}" for name in gone)


def test_many_pods_come_in_a_burst_and_then_twenty_a_second_and_are_counted_when_all_are_there(
    env: Environment,
) -> None:
    nowhere = "{nodeSelector: {nowhere: here}, containers: [{name: c, image: registry.k8s.io/pause:3.10.2}]}"
    env.apply(replica_set(90, nowhere))
    env.wait("rs", "r", has("replicas", 90))

    moments = [from_rfc3339(pod["metadata"]["creationTimestamp"]) for pod in pods(env)]
    assert len(moments) == 90
    assert max(moments) - min(moments) >= 2
    assert {state.get("status", {}).get("replicas", 0) for state in env.states("rs", "r")} == {0, 90}


OLD = """
apiVersion: v1
kind: ReplicationController
metadata: {name: old}
spec:
  replicas: 2
  selector: {app: old}
  template:
    metadata: {labels: {app: old}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: main, image: "busybox:1.35", command: [sleep, "1000"]}]
"""


def test_a_replicationcontroller_is_a_replicaset_with_plain_labels(env: Environment) -> None:
    env.apply(OLD)
    ready = env.wait("replicationcontrollers", "old", lambda rc: rc.get("status", {}).get("availableReplicas") == 2)
    counts = {"replicas": 2, "readyReplicas": 2, "availableReplicas": 2, "fullyLabeledReplicas": 2}
    assert ready["status"] == {**counts, "observedGeneration": 1}
    pods = env.client.list("pods", env.namespace, labels="app=old")
    (owner,) = pods[0]["metadata"]["ownerReferences"]
    assert (owner["apiVersion"], owner["kind"], owner["name"]) == ("v1", "ReplicationController", "old")

    env.client.patch("replicationcontrollers", "old", {"spec": {"replicas": 0}}, env.namespace)
    env.wait("replicationcontrollers", "old", lambda rc: rc["status"]["replicas"] == 0)

    reasons = {event["reason"] for event in env.events("replicationcontrollers", "old")}
    assert reasons == {"SuccessfulCreate", "SuccessfulDelete"}
