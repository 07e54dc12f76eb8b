from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot, split_numbers, take_snapshot


def obj(kind: str, name: str, created: str = "2026-01-01T00:00:00Z", **more: object) -> Obj:
    return {"kind": kind, "metadata": {"name": name, "uid": f"{kind}-{name}", "creationTimestamp": created}, **more}


@given(st.permutations([obj("Pod", "web-10"), obj("Pod", "web-2"), obj("Service", "a"), obj("Pod", "b", "2025-01-01")]))
def test_objects_are_in_one_order_however_they_came(objects: list[Obj]) -> None:
    names = [each["metadata"]["name"] for each in Snapshot(objects).objects]
    assert names == ["b", "web-2", "web-10", "a"]


@pytest.mark.parametrize("word", ["pods", "po", "Pod", "pod"])
def test_kinds_go_by_the_names_people_use(word: str) -> None:
    assert len(Snapshot([obj("Pod", "web"), obj("Service", "web")]).of(word)) == 1


@pytest.mark.parametrize("word", ["EtcdCluster", "etcdclusters", "etcdcluster", "etcdclusters.example.com"])
def test_kinds_of_ones_own_are_known_by_their_objects(word: str) -> None:
    assert Snapshot([obj("EtcdCluster", "db")]).find(word, "db") is not None


def test_a_word_that_nobody_knows_finds_nothing() -> None:
    assert Snapshot([obj("Pod", "web")]).of("nonsense") == ()


def test_events_about_an_object_come_with_the_latest_last() -> None:
    events = [
        obj("Event", name, involvedObject={"uid": "u"}, lastTimestamp=when)
        for name, when in (("late", "2026-01-01T00:00:09Z"), ("early", "2026-01-01T00:00:01Z"))
    ]
    assert [event["metadata"]["name"] for event in Snapshot(events).events_about("u")] == ["early", "late"]


def test_owned_by_gives_the_children() -> None:
    child = obj("Pod", "web-1")
    child["metadata"]["ownerReferences"] = [{"uid": "u"}]
    assert Snapshot([child, obj("Pod", "other")]).owned_by("u") == (child,)


@given(st.text(), st.text())
def test_natural_order_compares_any_two_names(one: str, other: str) -> None:
    assert split_numbers(one) < split_numbers(other) or split_numbers(one) >= split_numbers(other)


def test_taking_a_snapshot_leaves_out_what_we_may_not_read(server, make_pod) -> None:  # type: ignore[no-untyped-def]
    server.put(make_pod("web", 3))
    server.forbidden.add("nodes")
    found = take_snapshot(server, "demo", ("pods", "nodes"), time=7.0)
    assert (len(found.objects), found.missing, found.time) == (1, ("nodes",), 7.0)
