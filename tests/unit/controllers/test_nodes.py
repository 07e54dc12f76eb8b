from __future__ import annotations

from typing import Any

from k8s_tutor.objects.types import Obj


def set_ready(play: Any, name: str, status: str) -> None:
    node = play.get("nodes", name)
    before = node["status"]["conditions"][0]
    rows = [{**before, "type": "Ready", "status": status, "reason": "x"}]
    play.local.update_status({**node, "status": {**node["status"], "conditions": rows}})
    play.run(0.1)


def taints(play: Any, name: str) -> list[tuple[str, str]]:
    return [(row["key"], row["effect"]) for row in play.get("nodes", name)["spec"].get("taints", [])]


def pod(name: str, *tolerations: Obj) -> Obj:
    spec = {"nodeName": "worker", "containers": [{"name": "c", "image": "nginx"}], "tolerations": list(tolerations)}
    meta = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def test_a_node_that_is_not_ready_is_tainted_and_freed_again(play: Any) -> None:
    set_ready(play, "worker", "False")
    assert taints(play, "worker") == [
        ("node.kubernetes.io/not-ready", "NoSchedule"),
        ("node.kubernetes.io/not-ready", "NoExecute"),
    ]
    set_ready(play, "worker", "True")
    assert taints(play, "worker") == []


def test_a_cordoned_node_is_tainted_beside_the_taints_it_has(play: Any) -> None:
    play.local.patch(play.get("nodes", "control-plane"), {"spec": {"unschedulable": True}})
    play.run(0.1)
    assert taints(play, "control-plane") == [
        ("node-role.kubernetes.io/control-plane", "NoSchedule"),
        ("node.kubernetes.io/unschedulable", "NoSchedule"),
    ]


def test_pods_leave_an_unreachable_node_when_their_toleration_runs_out(play: Any) -> None:
    key = "node.kubernetes.io/unreachable"
    play.apply(pod("patient", {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}))
    play.apply(pod("firm", {"key": key, "operator": "Exists"}))
    play.run(2)
    set_ready(play, "worker", "Unknown")
    play.run(200)
    assert [one["metadata"]["name"] for one in play.list("pods")] == ["firm", "patient"]
    play.run(200)
    assert [one["metadata"]["name"] for one in play.list("pods")] == ["firm"]
    assert ("TaintManagerEviction", "Marking for deletion Pod default/patient") in play.events("patient")
