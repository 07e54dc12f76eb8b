from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.objects.types import Obj


def config_map(play: Any, name: str, *owners: Obj, block: bool = True, **meta: Any) -> Obj:
    rows = [
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            "blockOwnerDeletion": block,
        }
        for owner in owners
    ]
    metadata = {"name": name, "namespace": "default", **({"ownerReferences": rows} if rows else {}), **meta}
    made: Obj = play.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    play.run(0.1)
    return made


def names(play: Any) -> list[str]:
    return [
        one["metadata"]["name"] for one in play.list("configmaps") if not one["metadata"]["name"].startswith("kube-")
    ]


@pytest.fixture
def family(play: Any) -> Obj:
    """A parent with a child and a grandchild; returns the parent."""
    parent = config_map(play, "parent")
    child = config_map(play, "child", parent)
    config_map(play, "grandchild", child)
    return parent


def test_in_the_background_the_whole_family_goes(play: Any, family: Obj) -> None:
    play.local.delete(family, propagation="Background")
    play.run(1)
    assert names(play) == []


def test_in_the_foreground_the_parent_goes_last(play: Any, family: Obj) -> None:
    play.local.delete(family, propagation="Foreground")
    assert play.get("configmaps", "parent")["metadata"]["finalizers"] == ["foregroundDeletion"]
    play.run(1)
    gone = [
        change.obj["metadata"]["name"] for change in play.store.history(0, "configmaps") if change.type == "DELETED"
    ]
    assert gone == ["grandchild", "child", "parent"]


@pytest.mark.parametrize("policy", ["Foreground", "Background"])
@pytest.mark.parametrize("size", [2, 3])
def test_owners_in_a_circle_go_when_one_is_deleted(play: Any, size: int, policy: str) -> None:
    first = config_map(play, "c0")
    made = [first]
    for number in range(1, size):
        made.append(config_map(play, f"c{number}", made[-1]))
    last = {"apiVersion": "v1", "kind": "ConfigMap", "name": f"c{size - 1}", "uid": made[-1]["metadata"]["uid"]}
    play.local.patch(first, {"metadata": {"ownerReferences": [{**last, "blockOwnerDeletion": True}]}})
    play.run(1)
    assert len(names(play)) == size
    play.local.delete(first, propagation=policy)
    play.run(1)
    assert names(play) == []


def test_an_orphaned_child_stays_and_forgets_its_parent(play: Any, family: Obj) -> None:
    play.local.delete(family, propagation="Orphan")
    play.run(1)
    assert names(play) == ["child", "grandchild"]
    assert "ownerReferences" not in play.get("configmaps", "child")["metadata"]


def test_a_child_with_another_parent_stays_with_that_one(play: Any) -> None:
    one, two = config_map(play, "one"), config_map(play, "two")
    config_map(play, "child", one, two)
    play.local.delete(one)
    play.run(1)
    (owner,) = play.get("configmaps", "child")["metadata"]["ownerReferences"]
    assert owner["name"] == "two"


def test_an_object_that_names_an_owner_who_never_was_is_deleted(play: Any) -> None:
    ghost = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "ghost", "uid": "00000000-0000"}}
    config_map(play, "child", ghost)
    play.run(1)
    assert names(play) == []


def test_an_owner_in_another_namespace_counts_as_gone(play: Any) -> None:
    play.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "parent", "namespace": "shop"}}
    config_map(play, "child", play.apply(body))
    play.run(1)
    assert names(play) == []


def test_a_child_that_does_not_block_is_not_waited_for(play: Any) -> None:
    parent = config_map(play, "parent")
    config_map(play, "child", parent, block=False, finalizers=["example.com/hold"])
    play.local.delete(parent, propagation="Foreground")
    play.run(1)
    assert names(play) == ["child"]


def test_a_child_held_by_a_finalizer_holds_its_parent_in_the_foreground(play: Any) -> None:
    parent = config_map(play, "parent")
    child = config_map(play, "child", parent, finalizers=["example.com/hold"])
    play.local.delete(parent, propagation="Foreground")
    play.run(1)
    assert names(play) == ["child", "parent"]
    play.local.patch(child, {"metadata": {"finalizers": None}})
    play.run(1)
    assert names(play) == []
