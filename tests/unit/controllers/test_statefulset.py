"""StatefulSets: names that stay, in order."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.objects.types import Obj


def template(image: str = "nginx") -> Obj:
    return {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "c", "image": image}]}}


def stateful_set(replicas: int, image: str = "nginx", **spec: Any) -> Obj:
    selector = {"matchLabels": {"app": "db"}}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db", "namespace": "default"},
        "spec": {"replicas": replicas, "serviceName": "db", "selector": selector, "template": template(image), **spec},
    }


def put(play: Any, obj: Obj) -> None:
    """Creates it, or gives it another spec."""
    there = play.get("sts", obj["metadata"]["name"])
    if there is None:
        play.apply(obj)
    else:
        play.local.patch(there, {"spec": obj["spec"]})


def images(play: Any) -> dict[str, str]:
    return {pod["metadata"]["name"]: pod["spec"]["containers"][0]["image"] for pod in play.list("pods")}


def test_the_next_pod_waits_for_the_one_before(play: Any) -> None:
    play.ready = lambda pod: pod["metadata"]["name"] != "db-1"
    put(play, stateful_set(3))
    play.run(30)
    assert list(images(play)) == ["db-0", "db-1"]
    assert play.get("sts", "db")["status"]["readyReplicas"] == 1


def test_in_parallel_none_waits(play: Any) -> None:
    play.ready = lambda pod: False
    put(play, stateful_set(3, podManagementPolicy="Parallel"))
    play.run(5)
    assert list(images(play)) == ["db-0", "db-1", "db-2"]


def test_the_last_goes_first(play: Any) -> None:
    put(play, stateful_set(3))
    play.run(30)
    put(play, stateful_set(1))
    play.run(30)
    said = [message for reason, message in play.events("db") if reason == "SuccessfulDelete"]
    assert said == [f"Delete Pod db-{number} in StatefulSet db successful" for number in (2, 1)]
    assert list(images(play)) == ["db-0"]


def fall_ill(play: Any, name: str, *, ready: str = "False") -> None:
    rows = [{"type": "Ready", "status": ready, "lastTransitionTime": "2026-01-01T00:00:30Z"}]
    play.local.patch(play.get("pods", name), {"status": {"conditions": rows}}, "status")


def test_of_two_that_are_not_ready_the_last_waits_for_the_one_before(play: Any) -> None:
    put(play, stateful_set(3))
    play.run(30)
    fall_ill(play, "db-1")
    fall_ill(play, "db-2")
    put(play, stateful_set(1))
    play.run(60)
    assert list(images(play)) == ["db-0", "db-1", "db-2"]
    fall_ill(play, "db-1", ready="True")
    play.run(60)
    assert list(images(play)) == ["db-0"]


@pytest.mark.parametrize("ill", ["db-1", "db-2"])
def test_a_single_one_that_is_not_ready_goes_when_it_is_its_turn(play: Any, ill: str) -> None:
    put(play, stateful_set(3))
    play.run(30)
    fall_ill(play, ill)
    put(play, stateful_set(1))
    play.run(60)
    assert list(images(play)) == ["db-0"]


def test_a_pod_that_is_gone_comes_back_under_its_name(play: Any) -> None:
    put(play, stateful_set(2))
    play.run(30)
    before = play.get("pods", "db-0")["metadata"]["uid"]
    play.local.delete(play.get("pods", "db-0"))
    play.run(30)
    assert play.get("pods", "db-0")["metadata"]["uid"] != before


def test_a_new_template_is_a_new_revision_and_every_pod_is_renewed(play: Any) -> None:
    put(play, stateful_set(2))
    play.run(30)
    put(play, stateful_set(2, "busybox"))
    play.run(60)
    assert images(play) == {"db-0": "busybox", "db-1": "busybox"}
    revisions = play.list("controllerrevisions")
    assert sorted(row["revision"] for row in revisions) == [1, 2]
    status = play.get("sts", "db")["status"]
    assert status["currentRevision"] == status["updateRevision"]
    assert (status["currentReplicas"], status["updatedReplicas"]) == (2, 2)


def test_an_old_template_takes_its_old_revision_with_a_new_number(play: Any) -> None:
    for image in ("nginx", "busybox", "nginx"):
        put(play, stateful_set(1, image))
        play.run(30)
    assert sorted(row["revision"] for row in play.list("controllerrevisions")) == [2, 3]


def test_pods_below_the_partition_keep_their_revision(play: Any) -> None:
    rolling = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}}
    put(play, stateful_set(2, **rolling))
    play.run(30)
    put(play, stateful_set(2, "busybox", **rolling))
    play.run(60)
    play.local.delete(play.get("pods", "db-0"))
    play.run(30)
    assert images(play) == {"db-0": "nginx", "db-1": "busybox"}


@pytest.mark.parametrize(("limit", "kept"), [(0, [3]), (1, [2, 3])])
def test_old_revisions_are_forgotten_beyond_the_limit(play: Any, limit: int, kept: list[int]) -> None:
    for image in ("one", "two", "three"):
        put(play, stateful_set(1, image, revisionHistoryLimit=limit))
        play.run(30)
    assert sorted(row["revision"] for row in play.list("controllerrevisions")) == kept


def test_each_pod_has_a_claim_of_its_own_that_outlives_it(play: Any) -> None:
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    put(play, stateful_set(1, volumeClaimTemplates=[claim]))
    play.run(5)
    volumes = play.get("pods", "db-0")["spec"]["volumes"]
    assert volumes[0] == {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}
    assert play.get("pvc", "data-db-0")["metadata"]["labels"] == {"app": "db"}


def test_an_absurd_number_of_replicas_is_made_at_the_rate_of_a_real_controller_manager(play: Any) -> None:
    play.apply(stateful_set(1_000_000, podManagementPolicy="Parallel"))
    play.run(10)
    assert 100 <= len(play.list("pods")) <= 250
