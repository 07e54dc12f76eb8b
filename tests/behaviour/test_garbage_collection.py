"""What happens to the children: background, foreground, orphan, on both clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  replicas: 2
  selector: {matchLabels: {app: d}}
  template:
    metadata: {labels: {app: d}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: c, image: "registry.k8s.io/pause:3.10.2"}]
"""


def config_map(env: Environment, name: str, *owners: Obj) -> Obj:
    rows = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            "blockOwnerDeletion": True,
        }
        for owner in owners
    ]
    meta = {"name": name, **({"ownerReferences": rows} if rows else {})}
    return env.client.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}, env.namespace)


@pytest.fixture
def parent(env: Environment) -> Obj:
    """Has a child, which has a child."""
    made = config_map(env, "parent")
    config_map(env, "grandchild", config_map(env, "child", made))
    return made


def test_in_the_background_the_children_follow(env: Environment, parent: Obj) -> None:
    env.delete("configmaps", "parent", propagation="Background")
    for name in ("parent", "child", "grandchild"):
        env.wait_gone("configmaps", name)


@pytest.mark.parametrize("propagation", ["Foreground", "Background"])
def test_owners_in_a_circle_go_when_one_is_deleted(env: Environment, propagation: str) -> None:
    first = config_map(env, "first")
    last = config_map(env, "last", config_map(env, "middle", first))
    meta = last["metadata"]
    row = {"apiVersion": "v1", "kind": "ConfigMap", "name": "last", "uid": meta["uid"], "blockOwnerDeletion": True}
    env.client.patch("configmaps", "first", {"metadata": {"ownerReferences": [row]}}, env.namespace)
    env.delete("configmaps", "first", propagation=propagation)
    for name in ("first", "middle", "last"):
        env.wait_gone("configmaps", name)


def test_in_the_foreground_the_parent_waits_for_its_children(env: Environment, parent: Obj) -> None:
    env.delete("configmaps", "parent", propagation="Foreground")
    env.wait_gone("configmaps", "parent")
    assert env.client.find("configmaps", "child", env.namespace) is None
    assert env.client.find("configmaps", "grandchild", env.namespace) is None
    before = env.states("configmaps", "parent")[-2]["metadata"]
    assert before["finalizers"] == ["foregroundDeletion"]
    assert "deletionTimestamp" in before


def test_orphans_stay_and_forget(env: Environment, parent: Obj) -> None:
    env.delete("configmaps", "parent", propagation="Orphan")
    env.wait_gone("configmaps", "parent")
    child = env.wait("configmaps", "child", lambda one: "ownerReferences" not in one["metadata"])
    assert "deletionTimestamp" not in child["metadata"]


def test_a_child_of_two_stays_with_the_one_that_is_left(env: Environment) -> None:
    one, two = config_map(env, "one"), config_map(env, "two")
    config_map(env, "child", one, two)
    env.delete("configmaps", "one")
    child = env.wait("configmaps", "child", lambda obj: len(obj["metadata"]["ownerReferences"]) == 1)
    assert child["metadata"]["ownerReferences"][0]["name"] == "two"


def test_a_deployment_takes_its_replica_sets_and_pods_along(env: Environment) -> None:
    env.apply(DEPLOYMENT)
    env.wait("deploy", "d", lambda one: one.get("status", {}).get("readyReplicas") == 2)
    names = [
        (kind, one["metadata"]["name"])
        for kind in ("rs", "pods")
        for one in env.client.list(kind, env.namespace, labels="app=d")
    ]
    assert len(names) == 3
    env.delete("deploy", "d")
    for kind, name in names:
        env.wait_gone(kind, name)


def test_an_orphaned_replica_set_keeps_its_pods(env: Environment) -> None:
    env.apply(DEPLOYMENT)
    env.wait("deploy", "d", lambda one: one.get("status", {}).get("readyReplicas") == 2)
    env.delete("deploy", "d", propagation="Orphan")
    env.wait_gone("deploy", "d")
    (rs,) = env.client.list("rs", env.namespace, labels="app=d")
    assert "ownerReferences" not in rs["metadata"]
    assert rs["status"]["readyReplicas"] == 2
