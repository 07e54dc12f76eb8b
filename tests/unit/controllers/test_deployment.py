from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.embedded.controllers import revisions
from k8s_tutor.objects.types import Obj


def deployment(replicas: int = 3, image: str = "nginx:1.22", **spec: Any) -> Obj:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": image}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template, **spec},
    }


def set_image(play: Any, image: str) -> None:
    now = play.get("deploy", "web")
    template = now["spec"]["template"]
    containers = [{**template["spec"]["containers"][0], "image": image}]
    template = {**template, "spec": {**template["spec"], "containers": containers}}
    play.local.update({**now, "spec": {**now["spec"], "template": template}})


def conditions(obj: Obj) -> list[tuple[str, str, str, str]]:
    return [(row["type"], row["status"], row["reason"], row["message"]) for row in obj["status"]["conditions"]]


def sizes(play: Any) -> dict[str, int]:
    """Replicas by revision."""
    return {
        rs["metadata"]["annotations"]["deployment.kubernetes.io/revision"]: rs["spec"]["replicas"]
        for rs in play.list("rs")
    }


def test_its_statuses_are_those_a_real_deployment_goes_through(play: Any) -> None:
    """Recorded from a real cluster: what the conditions say, in order, until all pods are ready."""
    play.apply(deployment())
    play.run(5)
    name = play.list("rs")[0]["metadata"]["name"]
    created = ("Progressing", "True", "NewReplicaSetCreated", f'Created new replica set "{name}"')
    unavailable = (
        "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.",
    )  # fmt: skip
    progressing = ("Progressing", "True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.')
    available = ("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    done = ("Progressing", "True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.')
    seen = [conditions(version) for version in play.history("deploy", "web")[1:]]
    assert [rows for number, rows in enumerate(seen) if rows not in seen[:number]] == [
        [created],
        [created, unavailable],
        [unavailable, progressing],
        [available, done],
    ]


def test_its_last_status_counts_everything(play: Any) -> None:
    play.apply(deployment())
    play.run(5)
    status = play.get("deploy", "web")["status"]
    assert {name: count for name, count in status.items() if name != "conditions"} == {
        "availableReplicas": 3,
        "observedGeneration": 1,
        "readyReplicas": 3,
        "replicas": 3,
        "terminatingReplicas": 0,
        "updatedReplicas": 3,
    }


def test_a_rolling_update_goes_one_up_one_down_as_the_events_of_a_real_cluster_say(play: Any) -> None:
    play.apply(deployment())
    play.run(5)
    old = play.list("rs")[0]["metadata"]["name"]
    set_image(play, "nginx:1.23")
    play.run(10)
    new = next(rs["metadata"]["name"] for rs in play.list("rs") if rs["metadata"]["name"] != old)
    assert [message for _, message in play.events("web")] == [
        f"Scaled up replica set {old} from 0 to 3",
        f"Scaled up replica set {new} from 0 to 1",
        f"Scaled down replica set {old} from 3 to 2",
        f"Scaled up replica set {new} from 1 to 2",
        f"Scaled down replica set {old} from 2 to 1",
        f"Scaled up replica set {new} from 2 to 3",
        f"Scaled down replica set {old} from 1 to 0",
    ]


def test_going_back_takes_the_old_replica_set_under_a_new_revision(play: Any) -> None:
    play.apply(deployment())
    play.run(5)
    set_image(play, "nginx:1.23")
    play.run(10)
    assert sizes(play) == {"1": 0, "2": 3}
    set_image(play, "nginx:1.22")
    play.run(10)
    assert sizes(play) == {"2": 0, "3": 3}
    (back,) = [rs for rs in play.list("rs") if rs["spec"]["replicas"]]
    assert back["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"] == "1"


def test_a_rollout_to_pods_that_never_get_ready_stops_and_then_says_it_timed_out(play: Any) -> None:
    play.apply(deployment(progressDeadlineSeconds=60))
    play.run(5)
    play.ready = lambda pod: False
    set_image(play, "nginx:broken")
    play.run(30)
    assert sizes(play) == {"1": 3, "2": 1}
    play.run(60)
    name = next(rs["metadata"]["name"] for rs in play.list("rs") if rs["spec"]["replicas"] == 1)
    timed_out = ("Progressing", "False", "ProgressDeadlineExceeded", f'ReplicaSet "{name}" has timed out progressing.')
    assert conditions(play.get("deploy", "web"))[-1] == timed_out


def test_recreate_removes_all_old_pods_before_it_makes_new_ones(play: Any) -> None:
    play.apply(deployment(strategy={"type": "Recreate"}))
    play.run(5)
    set_image(play, "nginx:1.23")
    counts = []
    for _ in range(100):
        play.run(0.05)
        images = {pod["spec"]["containers"][0]["image"] for pod in play.list("pods")}
        counts.append(len(images))
    assert max(counts) == 1
    assert sizes(play) == {"1": 0, "2": 3}


def test_scaling_changes_only_the_size(play: Any) -> None:
    play.apply(deployment())
    play.run(5)
    name = play.list("rs")[0]["metadata"]["name"]
    play.scale("deploy", "web", 5)
    play.run(5)
    assert play.events("web")[-1] == ("ScalingReplicaSet", f"Scaled up replica set {name} from 3 to 5")
    rs = play.get("rs", name)
    assert rs["metadata"]["annotations"]["deployment.kubernetes.io/max-replicas"] == "7"


def test_a_paused_deployment_says_so_and_keeps_its_template_change_to_itself(play: Any) -> None:
    play.apply(deployment())
    play.run(5)
    play.local.patch(play.get("deploy", "web"), {"spec": {"paused": True}})
    set_image(play, "nginx:1.23")
    play.run(5)
    paused = ("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused")
    assert conditions(play.get("deploy", "web"))[-1] == paused
    assert sizes(play) == {"1": 3}
    play.local.patch(play.get("deploy", "web"), {"spec": {"paused": None}})
    play.run(10)
    assert sizes(play) == {"1": 0, "2": 3}


def test_old_versions_beyond_the_history_limit_are_deleted(play: Any) -> None:
    play.apply(deployment(1, revisionHistoryLimit=1))
    for image in ("nginx:1.23", "nginx:1.24", "nginx:1.25"):
        play.run(10)
        set_image(play, image)
    play.run(10)
    assert sizes(play) == {"3": 0, "4": 1}


@pytest.mark.parametrize("template", [{"spec": {}}, {"spec": {"containers": [{"image": "a"}]}}])
def test_the_hash_has_no_vowels_and_depends_on_nothing_but_the_template(template: Obj) -> None:
    name = revisions.template_hash(template)
    assert set(name) <= set("bcdfghjklmnpqrstvwxz2456789")
    assert name == revisions.template_hash(dict(reversed(template.items())))
    assert name != revisions.template_hash(template, collisions=1)


@given(st.dictionaries(st.text(), st.text()))
def test_a_new_replica_set_is_found_again_by_its_template(labels: dict[str, str]) -> None:
    owner = deployment()
    owner["metadata"] |= {"uid": "u"}
    owner["spec"]["template"]["metadata"]["labels"] = {"app": "web", **labels}
    new = revisions.new_replica_set(owner, 1, 3, 4)
    new["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
    assert revisions.find_new(owner, [new]) is new
