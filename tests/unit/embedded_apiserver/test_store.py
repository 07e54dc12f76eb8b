"""The store keeps every object at every revision."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.embedded.store import Change, Compacted, FutureRevision, Store


def pod(name: str, namespace: str = "default", **more: object) -> dict:
    return {"metadata": {"name": name, "namespace": namespace, "uid": f"uid-{namespace}-{name}"}, **more}


def names(objects: list[dict]) -> list[str]:
    return [obj["metadata"]["name"] for obj in objects]


def test_a_stored_object_carries_its_revision_as_resource_version() -> None:
    store = Store()
    stored = store.put("pods", pod("a"), 0.0)
    assert stored["metadata"]["resourceVersion"] == str(store.revision) == "2"


def test_an_object_can_be_read_as_it_was_at_an_older_revision() -> None:
    store = Store()
    store.put("pods", pod("a", phase=1), 0.0)
    then = store.revision
    store.put("pods", pod("a", phase=2), 1.0)
    store.delete("pods", "default", "a", 2.0)
    before = store.get("pods", "default", "a", at=then)
    assert before is not None
    assert before["phase"] == 1
    assert names(store.list("pods", at=then)) == ["a"]
    assert store.list("pods") == []


def test_lists_come_in_etcd_key_order_where_a_dash_sorts_before_the_slash() -> None:
    store = Store()
    for namespace, name in [("b", "x"), ("a", "y"), ("a-b", "z"), ("a", "b")]:
        store.put("pods", pod(name, namespace), 0.0)
    assert names(store.list("pods")) == ["z", "b", "y", "x"]
    assert names(store.list("pods", "a")) == ["b", "y"]


def test_a_deletion_is_a_revision_and_its_last_state_carries_it() -> None:
    store = Store()
    store.put("pods", pod("a"), 0.0)
    gone = store.delete("pods", "default", "a", 1.0)
    assert gone["metadata"]["resourceVersion"] == "3"
    assert store.by_uid("uid-default-a") is None
    assert [change.type for change in store.history(1)] == ["ADDED", "DELETED"]


def test_compaction_forgets_history_but_keeps_the_state_at_its_revision() -> None:
    store = Store()
    store.put("pods", pod("a"), 0.0)
    store.put("pods", pod("b"), 0.0)
    store.delete("pods", "default", "a", 0.0)
    store.compact(3)
    assert names(store.list("pods", at=3)) == ["a", "b"]
    assert [change.type for change in store.history(3)] == ["DELETED"]
    with pytest.raises(Compacted):
        store.history(2)
    with pytest.raises(Compacted):
        store.list("pods", at=2)


def test_a_revision_not_yet_written_cannot_be_read() -> None:
    with pytest.raises(FutureRevision):
        Store().list("pods", at=99)


def test_subscribers_see_commits_in_order_even_when_one_of_them_commits() -> None:
    store = Store()
    seen: list[int] = []

    def follow_up(change: Change) -> None:
        if change.obj["metadata"]["name"] == "a":
            store.put("pods", pod("b"), 0.0)

    store.subscribe(follow_up, "pods")
    stop = store.subscribe(lambda change: seen.append(change.revision), "pods")
    store.put("pods", pod("a"), 0.0)
    stop()
    store.put("pods", pod("c"), 0.0)
    assert seen == [2, 3]


steps = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["put", "delete"])), max_size=30)


@given(steps, st.data())
def test_any_revision_reads_as_the_replay_of_the_history_up_to_it(script: list, data: st.DataObject) -> None:
    store = Store()
    for name, verb in script:
        if verb == "put":
            store.put("pods", pod(name), 0.0)
        elif store.get("pods", "default", name):
            store.delete("pods", "default", name, 0.0)
    at = data.draw(st.integers(1, store.revision))
    state: dict[str, dict] = {}
    for change in store.history(1, "pods"):
        if change.revision <= at:
            name = change.obj["metadata"]["name"]
            state.pop(name, None) if change.type == "DELETED" else state.__setitem__(name, change.obj)
    assert store.list("pods", at=at) == [state[name] for name in sorted(state)]


def test_a_revision_shares_with_the_one_before_what_it_did_not_change() -> None:
    store = Store()
    before = store.put("pods", pod("a", spec={"containers": [{"name": "web"}]}, status={"ready": 1}), 0.0)
    after = store.put("pods", pod("a", spec={"containers": [{"name": "web"}]}, status={"ready": True}), 1.0)
    assert after["spec"] is before["spec"]
    assert after["status"]["ready"] is True  # in Python True equals 1; in JSON it does not
