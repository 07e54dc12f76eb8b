"""What is recomputed from the API is what a scheduler's own filters say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.api.runs import Decision
from k8s_tutor.embedded.scheduler.attempt import Attempt
from k8s_tutor.embedded.scheduler.cluster import ClusterState
from k8s_tutor.embedded.scheduler.scheduler import decide
from k8s_tutor.embedded.store import Change
from k8s_tutor.explain.pods_scheduling import left_out, recompute
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot

KEYS = st.sampled_from(["gpu", "ssd"])
AMOUNTS = st.sampled_from(["", "100m", "1", "3"])


@st.composite
def nodes(draw: st.DrawFn) -> list[Obj]:
    return [
        {
            "kind": "Node",
            "metadata": {"name": name, "uid": name, "labels": dict.fromkeys(draw(st.sets(KEYS)), "yes")},
            "spec": {
                "taints": [{"key": key, "effect": "NoSchedule"} for key in sorted(draw(st.sets(KEYS)))],
                "unschedulable": draw(st.booleans()),
            },
            "status": {"allocatable": {"cpu": draw(st.sampled_from(["1", "4"])), "memory": "4Gi", "pods": "3"}},
        }
        for name in ("a", "b", "c")
    ]


@st.composite
def pods(draw: st.DrawFn, name: str, on: str = "") -> Obj:
    cpu = draw(AMOUNTS)
    spec: Obj = {"containers": [{"name": "c", "image": "i", "resources": {"requests": {"cpu": cpu} if cpu else {}}}]}
    if draw(st.booleans()):
        spec["tolerations"] = [{"key": draw(KEYS), "operator": "Exists"}]
    if draw(st.booleans()):
        spec["nodeSelector"] = {draw(KEYS): "yes"}
    if on:
        spec["nodeName"] = on
    phase = draw(st.sampled_from(["Running", "Succeeded"])) if on else "Pending"
    return {"kind": "Pod", "metadata": {"name": name, "uid": name}, "spec": spec, "status": {"phase": phase}}


def refusals(decision: Decision) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(row.node, row.refusal.plugin, row.refusal.reasons) for row in decision.verdicts if row.refusal]


@given(data=st.data(), machines=nodes())
def test_filters_say_what_the_schedulers_own_say(data: st.DataObject, machines: list[Obj]) -> None:
    there = [data.draw(pods(f"p{at}", on=data.draw(st.sampled_from("abc")))) for at in range(4)]
    new = data.draw(pods("new"))
    state = ClusterState()
    for obj in (*machines, *there):
        state.follow(Change(1, "ADDED", f"{obj['kind'].lower()}s", obj, None, 0))
    own = {
        row.node: row.refusal and (row.refusal.plugin, row.refusal.reasons)
        for row in decide(Attempt(new, state)).verdicts
    }
    again = recompute(Snapshot([*machines, *there, new]), new).verdicts
    assert {row.node: row.refusal and (row.refusal.plugin, row.refusal.reasons) for row in again} == own


def test_a_pod_does_not_stand_in_its_own_way() -> None:
    there: Obj = {
        "kind": "Pod",
        "metadata": {"name": "p", "uid": "p"},
        "spec": {"nodeName": "a", "containers": [{"name": "c", "resources": {"requests": {"cpu": "1"}}}]},
        "status": {"phase": "Running"},
    }
    node: Obj = {
        "kind": "Node", "metadata": {"name": "a", "uid": "a"}, "status": {"allocatable": {"cpu": "1", "pods": "9"}},
    }  # fmt: skip
    decision = recompute(Snapshot([node, there]), there)
    assert (decision.node, [row.refusal for row in decision.verdicts]) == ("a", [None])


def test_what_is_not_recomputed_is_named() -> None:
    spec: Obj = {
        "containers": [{"name": "c", "ports": [{"hostPort": 80}]}],
        "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "v"}}],
        "affinity": {"podAntiAffinity": {}},
    }
    assert left_out({"spec": spec}) == ("NodePorts", "VolumeBinding")
