"""Deployments: rollouts, their words and their order, on both clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

OLD, NEW = "ghcr.io/stefanprodan/podinfo:6.9.1", "ghcr.io/stefanprodan/podinfo:6.9.2"


def manifest(image: str = OLD, replicas: int = 3, extra: str = "") -> str:
    return f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  {extra}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: podinfo
        image: {image}
        ports: [{{name: http, containerPort: 9898}}]
        readinessProbe: {{httpGet: {{path: /readyz, port: http}}, periodSeconds: 1}}
"""


def done(deployment: Obj) -> bool:
    """What `kubectl rollout status` waits for."""
    status = deployment.get("status", {})
    wanted = deployment["spec"]["replicas"]
    counts = {status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")}
    return status.get("observedGeneration", 0) >= deployment["metadata"]["generation"] and counts == {wanted}


def conditions(obj: Obj) -> dict[str, tuple[str, str, str]]:
    rows = obj["status"].get("conditions", [])
    return {row["type"]: (row["status"], row["reason"], row["message"]) for row in rows}


def revisions(env: Environment) -> dict[str, Obj]:
    found = env.client.list("rs", env.namespace, labels="app=web")
    return {rs["metadata"]["annotations"]["deployment.kubernetes.io/revision"]: rs for rs in found}


def name_of(env: Environment, revision: str) -> str:
    return str(revisions(env)[revision]["metadata"]["name"])


def test_a_finished_rollout_says_so(env: Environment) -> None:
    env.apply(manifest())
    deployment = env.wait("deploy", "web", done)
    name = name_of(env, "1")
    assert conditions(deployment) == {
        "Available": ("True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
        "Progressing": ("True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.'),
    }
    assert deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "1"
    assert {key: value for key, value in deployment["status"].items() if key != "conditions"} == {
        "availableReplicas": 3,
        "observedGeneration": 1,
        "readyReplicas": 3,
        "replicas": 3,
        "terminatingReplicas": 0,
        "updatedReplicas": 3,
    }


def test_the_conditions_come_in_the_order_of_the_rollout(env: Environment) -> None:
    env.apply(manifest())
    env.wait("deploy", "web", done)
    seen: list[tuple[str, str]] = []
    for version in env.states("deploy", "web"):
        for row in version.get("status", {}).get("conditions", []):
            if (row["type"], row["reason"]) not in seen:
                seen.append((row["type"], row["reason"]))
    assert seen == [
        ("Progressing", "NewReplicaSetCreated"),
        ("Available", "MinimumReplicasUnavailable"),
        ("Progressing", "ReplicaSetUpdated"),
        ("Available", "MinimumReplicasAvailable"),
        ("Progressing", "NewReplicaSetAvailable"),
    ]


def test_its_replica_set_is_named_labelled_and_annotated(env: Environment) -> None:
    env.apply(manifest())
    env.wait("deploy", "web", done)
    rs = revisions(env)["1"]
    digest = rs["metadata"]["labels"]["pod-template-hash"]
    assert rs["metadata"]["name"] == f"web-{digest}"
    assert set(digest) <= set("bcdfghjklmnpqrstvwxz2456789")
    assert rs["metadata"]["annotations"] == {
        "deployment.kubernetes.io/desired-replicas": "3",
        "deployment.kubernetes.io/max-replicas": "4",
        "deployment.kubernetes.io/revision": "1",
    }
    assert rs["spec"]["selector"]["matchLabels"] == {"app": "web", "pod-template-hash": digest}
    assert rs["spec"]["template"]["metadata"]["labels"] == {"app": "web", "pod-template-hash": digest}


def test_a_rolling_update_takes_turns_one_up_one_down(env: Environment) -> None:
    env.apply(manifest())
    env.wait("deploy", "web", done)
    env.apply(manifest(NEW))
    env.wait("deploy", "web", done, timeout=120)
    old, new = name_of(env, "1"), name_of(env, "2")
    messages = [event["message"] for event in env.events("deploy", "web")]
    assert messages == [
        f"Scaled up replica set {old} from 0 to 3",
        f"Scaled up replica set {new} from 0 to 1",
        f"Scaled down replica set {old} from 3 to 2",
        f"Scaled up replica set {new} from 1 to 2",
        f"Scaled down replica set {old} from 2 to 1",
        f"Scaled up replica set {new} from 2 to 3",
        f"Scaled down replica set {old} from 1 to 0",
    ]


def test_going_back_reuses_the_old_replica_set_under_a_new_revision(env: Environment) -> None:
    for image in (OLD, NEW):
        env.apply(manifest(image, replicas=1))
        env.wait("deploy", "web", done, timeout=120)
    first = name_of(env, "1")
    env.apply(manifest(OLD, replicas=1))
    env.wait("deploy", "web", done, timeout=120)
    assert sorted(revisions(env)) == ["2", "3"]
    annotations = revisions(env)["3"]["metadata"]["annotations"]
    assert name_of(env, "3") == first
    assert annotations["deployment.kubernetes.io/revision-history"] == "1"


def test_an_image_that_cannot_be_pulled_stops_the_rollout_while_the_old_pods_serve(env: Environment) -> None:
    env.apply(manifest())
    env.wait("deploy", "web", done)
    env.apply(manifest("registry.k8s.io/pause:no-such-tag", extra="progressDeadlineSeconds: 10"))
    deployment = env.wait(
        "deploy", "web", lambda one: conditions(one).get("Progressing", ("",))[0] == "False", timeout=90
    )
    message = f'ReplicaSet "{name_of(env, "2")}" has timed out progressing.'
    assert conditions(deployment)["Progressing"] == ("False", "ProgressDeadlineExceeded", message)
    assert conditions(deployment)["Available"][0] == "True"
    assert deployment["status"]["availableReplicas"] == 3


def test_recreate_lets_all_old_pods_go_first(env: Environment) -> None:
    strategy = "strategy: {type: Recreate}"
    env.apply(manifest(replicas=2, extra=strategy))
    env.wait("deploy", "web", done)
    env.apply(manifest(NEW, replicas=2, extra=strategy))
    env.wait("deploy", "web", done, timeout=120)
    old, new = name_of(env, "1"), name_of(env, "2")
    assert [event["message"] for event in env.events("deploy", "web")] == [
        f"Scaled up replica set {old} from 0 to 2",
        f"Scaled down replica set {old} from 2 to 0",
        f"Scaled up replica set {new} from 0 to 2",
    ]


def test_scaling_is_said_in_one_event(env: Environment) -> None:
    env.apply(manifest(replicas=1))
    env.wait("deploy", "web", done)
    env.client.patch("deploy", "web", {"spec": {"replicas": 4}}, env.namespace)
    env.wait("deploy", "web", done)
    assert env.events("deploy", "web")[-1]["message"] == f"Scaled up replica set {name_of(env, '1')} from 1 to 4"
    assert revisions(env)["1"]["metadata"]["annotations"]["deployment.kubernetes.io/max-replicas"] == "5"


def test_a_paused_deployment_keeps_a_change_of_template_to_itself(env: Environment) -> None:
    env.apply(manifest(replicas=1))
    env.wait("deploy", "web", done)
    env.client.patch("deploy", "web", {"spec": {"paused": True}}, env.namespace)
    paused = ("Unknown", "DeploymentPaused", "Deployment is paused")
    env.wait("deploy", "web", lambda one: conditions(one).get("Progressing") == paused)
    env.apply(manifest(NEW, replicas=1, extra="paused: true"))
    env.wait("deploy", "web", lambda one: one["status"]["observedGeneration"] == one["metadata"]["generation"])
    assert sorted(revisions(env)) == ["1"]
    env.client.patch("deploy", "web", {"spec": {"paused": False}}, env.namespace)
    env.wait("deploy", "web", done, timeout=120)
    assert sorted(revisions(env)) == ["1", "2"]


@pytest.mark.parametrize("limit", [0, 1])
def test_only_so_many_old_versions_are_kept(env: Environment, limit: int) -> None:
    extra = f"revisionHistoryLimit: {limit}"
    for image in (OLD, NEW, "ghcr.io/stefanprodan/podinfo:6.9.1 # again"):
        env.apply(manifest(image, replicas=1, extra=extra))
        env.wait("deploy", "web", done, timeout=120)
    oldest = {0: ["3"], 1: ["2", "3"]}[limit]
    env.wait("rs", name_of(env, "3"), lambda _: sorted(revisions(env)) == oldest)
