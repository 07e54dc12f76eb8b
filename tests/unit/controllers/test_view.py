from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.embedded.controllers.controller import OwnerIndex, View
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

names = st.sampled_from("abcd")
writes = st.tuples(st.just("put"), names, st.lists(names, max_size=2, unique=True))
deletions = st.tuples(st.just("delete"), names, st.just([]))


def config_map(name: str, owners: list[str]) -> Obj:
    rows = [{"apiVersion": "v1", "kind": "ConfigMap", "name": owner, "uid": f"uid-{owner}"} for owner in owners]
    return {"metadata": {"name": name, "namespace": "n", "uid": f"uid-{name}", "ownerReferences": rows}}


@given(st.lists(st.one_of(writes, deletions), max_size=30))
def test_the_owner_index_says_what_a_look_at_everything_would(steps: list[tuple[str, str, list[str]]]) -> None:
    store = Store()
    index = OwnerIndex(store)
    store.subscribe(index.follow)
    for verb, name, owners in steps:
        if verb == "put":
            store.put("configmaps", config_map(name, owners), 0)
        elif store.get("configmaps", "n", name):
            store.delete("configmaps", "n", name, 0)
    for owner in "abcd":
        uid = f"uid-{owner}"
        expected = [
            obj["metadata"]["name"]
            for obj in store.list("configmaps")
            if any(row["uid"] == uid for row in obj["metadata"]["ownerReferences"])
        ]
        assert sorted(obj["metadata"]["name"] for _, obj in index.dependents(uid)) == expected


def test_a_view_notes_what_was_looked_at() -> None:
    store = Store()
    store.put("pods", config_map("a", []), 0)
    view = View(store, OwnerIndex(store))
    view.list("pods", "n")
    view.get("pods", "n", "a")
    view.get("pods", "n", "b")
    assert [str(read) for read in view.reads] == ["pods n/*: 1", "pods n/a: 1", "pods n/b: 0"]
