"""The lens of rollouts: what a Deployment says of itself, its versions, and the room they have."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.errors import UsageError
from k8s_tutor.graph.build import build
from k8s_tutor.graph.model import State
from k8s_tutor.graph.rollout import MOST_PODS, Role, Rollout
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot


def rollout_of(snapshot: Snapshot, focus: str = "deploy/web") -> Rollout:
    found = build(snapshot, focus, "rollout")
    assert isinstance(found, Rollout)
    return found


def deployment(replicas: int, **more: Any) -> Obj:
    """A Deployment whose controller has seen everything and has nothing left to do."""
    reason = more.pop("reason", "NewReplicaSetAvailable")
    status = {"observedGeneration": 1, "conditions": [{"type": "Progressing", "status": "True", "reason": reason}]}
    spec = {"replicas": replicas, "template": template("6.9.2"), **more}
    return {
        "kind": "Deployment",
        "metadata": {"name": "web", "uid": "d", "generation": 1},
        "spec": spec,
        "status": status,
    }


def template(tag: str) -> Obj:
    return {"spec": {"containers": [{"name": "app", "image": f"ghcr.io/stefanprodan/podinfo:{tag}"}]}}


def version(revision: int, tag: str, counts: tuple[int, int, int, int]) -> Obj:
    """A ReplicaSet; `counts` are desired, current, ready, available."""
    desired, current, ready, available = counts
    owner = {"kind": "Deployment", "name": "web", "uid": "d", "controller": True}
    return {
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"web-{revision}",
            "uid": f"r{revision}",
            "ownerReferences": [owner],
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
        },
        "spec": {"replicas": desired, "template": template(tag)},
        "status": {"replicas": current, "readyReplicas": ready, "availableReplicas": available},
    }


def pod(number: int, revision: int, *, ready: bool = True) -> Obj:
    owner = {"kind": "ReplicaSet", "name": f"web-{revision}", "uid": f"r{revision}", "controller": True}
    state = {"name": "app", "ready": ready, "state": {"running": {}}}
    conditions = [{"type": "Ready", "status": str(ready)}]
    return {
        "kind": "Pod",
        "metadata": {"name": f"web-{revision}-{number}", "uid": f"p{revision}-{number}", "ownerReferences": [owner]},
        "spec": {"containers": [{"name": "app"}]},
        "status": {"phase": "Running", "conditions": conditions, "containerStatuses": [state]},
    }


def test_versions_stand_side_by_side_the_older_first(moving: Snapshot) -> None:
    graph = rollout_of(moving)
    assert [(each.revision, each.role) for each in graph.versions] == [(1, Role.OLD), (2, Role.NEW)]
    assert [each.counts.desired for each in graph.versions] == [3, 2]
    assert graph.versions[1].changed == ("image",)


def test_the_room_is_the_deployments_own(moving: Snapshot) -> None:
    limits = rollout_of(moving).limits
    assert (limits.minimum_available, limits.replicas, limits.maximum) == (3, 4, 5)


def test_a_rollout_that_may_go_neither_up_nor_down_says_that_readiness_holds_it(moving: Snapshot) -> None:
    health = rollout_of(moving).deployment.health
    assert (health.state, str(health.word)) == (State.WAITING, "Progressing")
    assert health.cause is not None
    assert str(health.cause) == (
        "no further Pod may come and no old one may go until a new one is available; waiting for 2"
    )


def test_one_that_is_past_its_deadline_is_stuck_and_says_what_the_new_pods_suffer_from(stuck: Snapshot) -> None:
    top = rollout_of(stuck).deployment
    assert (top.health.state, str(top.health.word)) == (State.FAILING, "Stuck")
    assert top.health.cause is not None
    assert str(top.health.cause) == ("ProgressDeadlineExceeded: no progress for more than 20 s; not available yet: 2")
    assert str(top.facts[0]).startswith("cannot pull ")


def test_what_is_kept_to_go_back_to_is_told_and_not_drawn(stuck: Snapshot) -> None:
    graph = rollout_of(stuck)
    assert graph.kept == ((1, "podinfo:6.9.1"),)
    assert [each.revision for each in graph.versions] == [2, 3]


def test_a_pod_or_a_replicaset_leads_to_the_rollout_it_is_part_of(moving: Snapshot) -> None:
    whole = rollout_of(moving)
    one = whole.versions[1]
    for name in (f"rs/{one.node.name}", f"pod/{one.pods[0].name}"):
        assert rollout_of(moving, name).versions == whole.versions


def test_without_a_name_it_is_the_only_deployment(moving: Snapshot) -> None:
    assert rollout_of(moving, "").deployment.name == "web"


def test_where_there_are_several_it_asks_which(moving: Snapshot) -> None:
    other = copy.deepcopy(moving.of("Deployment")[0])
    other["metadata"] |= {"name": "shop", "uid": "other"}
    with pytest.raises(UsageError, match="which one") as error:
        build(Snapshot([*moving.objects, other]), "", "rollout")
    assert "shop" in error.value.why


def test_what_no_deployment_rolls_out_is_refused_with_a_way_on() -> None:
    lonely = {**pod(1, 1), "metadata": {"name": "alone", "uid": "x"}}
    with pytest.raises(UsageError, match="has no rollout to show"):
        build(Snapshot([lonely]), "pod/alone", "rollout")


def test_a_deployment_that_is_not_there_is_drawn_as_missing() -> None:
    graph = build(Snapshot([deployment(1)]), "deploy/nobody", "rollout")
    assert [node.health.state for node in graph.nodes] == [State.ABSENT]


UNSEEN = "the Deployment controller has not come to the latest change yet"
STATES = {
    "complete": ([version(1, "6.9.2", (3, 3, 3, 3))], {}, "Complete", ""),
    "broken after": ([version(1, "6.9.2", (3, 3, 2, 2))], {}, "Complete", "2 of 3 available"),
    "scaled to nothing": ([version(1, "6.9.2", (0, 0, 0, 0))], {"replicas": 0}, "0 Pods wanted", ""),
    "no ReplicaSet yet": ([], {}, "Progressing", UNSEEN),
    "template newer than all": ([version(1, "6.9.1", (3, 3, 3, 3))], {}, "Progressing", UNSEEN),
    "last Pods start": (
        [version(2, "6.9.2", (3, 3, 1, 1))],
        {"reason": "x"}, "Progressing", "new Pods that are not available yet",
    ),
    "old ones go": (
        [version(1, "6.9.1", (0, 1, 1, 1)), version(2, "6.9.2", (3, 3, 3, 3))],
        {}, "Progressing", "old Pods still to go",
    ),
    "recreated": (
        [version(1, "6.9.1", (0, 2, 2, 2)), version(2, "6.9.2", (0, 0, 0, 0))],
        {"strategy": {"type": "Recreate"}}, "Progressing", "old Pods still to go",
    ),
    "paused": (
        [version(1, "6.9.2", (3, 3, 3, 3))],
        {"paused": True}, "Paused", "nothing is under way; changes of the template will wait until it is resumed",
    ),
    "paused with a change": (
        [version(1, "6.9.1", (3, 3, 3, 3))],
        {"paused": True}, "Paused", "a change of the template waits; no step is made until the rollout is resumed",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sets", "more", "word", "cause"), STATES.values(), ids=STATES)
def test_a_rollout_says_how_it_is(sets: list[Obj], more: dict[str, Any], word: str, cause: str) -> None:
    top = deployment(**{"replicas": 3, **more})
    health = rollout_of(Snapshot([top, *copy.deepcopy(sets)])).deployment.health
    assert (str(health.word), str(health.cause or "").partition(": ")[0]) == (word, cause)


def test_fields_that_changed_are_named_by_the_name_people_know() -> None:
    new = version(2, "6.9.2", (3, 3, 3, 3))
    new["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "A", "value": "b"}]
    top = deployment(3)
    top["spec"]["template"] = new["spec"]["template"]
    graph = rollout_of(Snapshot([top, version(1, "6.9.1", (1, 1, 1, 1)), new]))
    assert graph.versions[1].changed == ("image", "env")


@given(st.lists(st.booleans(), max_size=60))
def test_marks_are_few_and_stand_for_every_pod(readiness: list[bool]) -> None:
    pods = [pod(number, 1, ready=ready) for number, ready in enumerate(readiness)]
    good = sum(readiness)
    held = version(1, "6.9.2", (len(pods), len(pods), good, good))
    marks = rollout_of(Snapshot([deployment(len(pods)), held, *pods])).versions[0].pods
    assert len(marks) <= MOST_PODS
    assert sum(mark.count for mark in marks) == len(pods)
    assert sum(mark.count for mark in marks if mark.health.state is State.GOOD) == good
