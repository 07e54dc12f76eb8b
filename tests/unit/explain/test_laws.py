"""Laws: an explanation comes of any snapshot, and each field that it names is there, in the object it names."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_tutor.explain import Explanation, explain
from k8s_tutor.explain.explanation import title
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot
from tests.behaviour.field_paths import resolves
from tests.unit.explain.made import CAUSES, broken_cluster
from tests.unit.explain.strategies import mutilated


@settings(max_examples=150)
@given(st.data())
def test_an_explanation_comes_of_any_snapshot(data: st.DataObject) -> None:
    objects = broken_cluster()
    namespace = data.draw(st.sampled_from([f"case-{number}" for number in range(len(CAUSES))]))
    near = tuple(obj for obj in objects if metadata.namespace(obj) == namespace or obj["kind"] in SHARED)
    snapshot = Snapshot(data.draw(mutilated(near)))
    own = [obj for obj in snapshot.objects if obj["kind"] != "Event"]
    for obj in own:
        holds(snapshot, obj)
    one, other = data.draw(st.sampled_from(own)), data.draw(st.sampled_from(own))
    names_what_is_there(snapshot, explain(snapshot, ref(one), ref(other)))


SHARED = ("Node", "PersistentVolume", "StorageClass")


def holds(snapshot: Snapshot, obj: Obj) -> None:
    found = explain(snapshot, ref(obj))
    assert str(found)
    names_what_is_there(snapshot, found)


def names_what_is_there(snapshot: Snapshot, found: Explanation) -> None:
    for step in found.steps:
        objects = [obj for obj in snapshot.objects if metadata.uid(obj) == step.uid or title(obj) == step.ref]
        assert any(resolves(obj, step.field) for obj in objects), step


def ref(obj: Obj) -> str:
    return f"{obj['kind']}/{metadata.namespace(obj)}/{metadata.name(obj)}".replace("//", "/")


def test_nothing_on_a_broken_cluster_is_explained_without_evidence() -> None:
    objects = broken_cluster()
    for number in range(len(CAUSES)):
        own = [obj for obj in objects if metadata.namespace(obj) == f"case-{number}"]
        snapshot = Snapshot([*own, *(obj for obj in objects if obj["kind"] in SHARED)])
        for obj in own:
            found = explain(snapshot, ref(obj))
            assert found.steps, found
            names_what_is_there(snapshot, found)
