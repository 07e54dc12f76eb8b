from __future__ import annotations

from typing import Any

from k8s_tutor.objects.types import Obj


def pod(name: str = "p", *, cpu: str = "", **spec: Any) -> Obj:
    container: Obj = {"name": "c", "image": "nginx"}
    if cpu:
        container["resources"] = {"requests": {"cpu": cpu}}
    meta = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [container], **spec}}


def node_of(play: Any, name: str = "p") -> str:
    return str(play.get("pods", name)["spec"].get("nodeName", ""))


def counts(play: Any, name: str = "p") -> list[tuple[str, int]]:
    rows = [row for row in play.list("events") if row["involvedObject"]["name"] == name]
    return [(row["reason"], row["count"]) for row in rows]


def test_a_pod_is_bound_and_an_event_says_where(play: Any) -> None:
    play.apply(pod())
    play.run(1)
    assert play.events("p") == [("Scheduled", "Successfully assigned default/p to worker")]
    assert play.get("pods", "p")["status"]["conditions"][0]["type"] == "PodScheduled"


def test_a_pod_that_fits_nowhere_says_so_in_an_event_and_a_condition(play: Any) -> None:
    play.apply(pod(cpu="100"))
    play.run(1)
    message = (
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. "
        "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    )
    assert play.events("p") == [("FailedScheduling", message)]
    (condition,) = play.get("pods", "p")["status"]["conditions"]
    assert condition.get("lastProbeTime") is None
    assert {key: value for key, value in condition.items() if key != "lastProbeTime"} == {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": message,
        "lastTransitionTime": "2026-01-01T00:00:01Z",
        "observedGeneration": 1,
    }


def test_it_is_not_tried_again_while_nothing_changes_but_after_five_minutes_it_is(play: Any) -> None:
    play.apply(pod(cpu="100"))
    play.run(200)
    assert counts(play) == [("FailedScheduling", 1)]
    play.run(150)
    assert counts(play) == [("FailedScheduling", 2)]


def test_it_runs_as_soon_as_a_node_with_room_joins(play: Any) -> None:
    play.apply(pod(cpu="6"))
    play.run(20)
    play.node("big", cpu="8")
    play.run(15)  # it joins tainted as not ready, and the pod's next attempt has its back-off
    assert node_of(play) == "big"


def test_it_runs_when_a_label_it_waits_for_is_put_on_a_node(play: Any) -> None:
    play.apply(pod(nodeSelector={"disk": "ssd"}))
    play.run(20)
    play.local.patch(play.get("nodes", "worker2"), {"metadata": {"labels": {"disk": "ssd"}}})
    play.run(0.1)
    assert node_of(play) == "worker2"


def test_it_runs_when_another_pod_makes_room(play: Any) -> None:
    for name in ("a", "b"):
        play.apply(pod(name, cpu="3"))
    play.run(1)
    play.apply(pod(cpu="2"))
    play.run(20)
    assert node_of(play) == ""
    play.local.delete(play.get("pods", "a"), 0)
    play.run(0.1)
    assert node_of(play) == "worker"


def test_a_retry_comes_not_before_its_back_off_of_one_second(play: Any) -> None:
    play.apply(pod(cpu="6"))
    play.run(0.1)
    play.node("big", cpu="8")
    play.run(0.5)
    assert node_of(play) == ""
    play.run(1)
    assert node_of(play) == "big"


def test_a_gated_pod_and_one_of_another_scheduler_are_left_alone(play: Any) -> None:
    play.apply(pod("gated", schedulingGates=[{"name": "example.com/wait"}]))
    play.apply(pod("foreign", schedulerName="mine"))
    play.run(5)
    assert (node_of(play, "gated"), node_of(play, "foreign")) == ("", "")
    gated = play.get("pods", "gated")
    play.local.update(
        {**gated, "spec": {key: value for key, value in gated["spec"].items() if key != "schedulingGates"}}
    )
    play.run(1)
    assert node_of(play, "gated") == "worker"


def test_a_missing_volume_claim_is_named(play: Any) -> None:
    play.apply(pod(volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "none"}}]))
    play.run(1)
    message = '0/3 nodes are available: persistentvolumeclaim "none" not found. not found'
    assert play.events("p") == [("FailedScheduling", message)]


def test_an_important_pod_takes_the_place_of_others(play: Any) -> None:
    for name in ("a", "b"):
        play.apply(pod(name, cpu="3", priority=None))
    play.run(1)
    body = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "vip"}, "value": 1000}
    play.apply(body)
    play.apply(pod(cpu="2", priority=1000, priorityClassName="vip"))
    play.run(0.1)
    assert play.get("pods", "p")["status"].get("nominatedNodeName") in ("worker", None)
    play.run(10)
    assert node_of(play) == "worker"
    assert any(reason == "Preempted" for reason, _ in play.events("a"))


def vip(play: Any, name: str, *, value: int, cpu: str = "1") -> None:
    body = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}, "value": value}
    play.apply(body)
    play.apply(pod(name, cpu=cpu, priorityClassName=name))


def crowd(play: Any, replicas: int) -> None:
    template = {"metadata": {"labels": {"app": "low"}}, "spec": pod(cpu="1")["spec"]}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "low"}}, "template": template}
    play.apply({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "low"}, "spec": spec})
    play.run(5)


def test_a_place_that_was_made_for_one_pod_is_not_given_to_another(play: Any) -> None:
    play.stopping_seconds = 3
    crowd(play, 8)  # all that two nodes of four CPUs hold; whoever leaves is replaced at once
    vip(play, "vip", value=1000)
    play.run(120)
    preempted = [row["involvedObject"]["name"] for row in play.list("events") if row["reason"] == "Preempted"]
    assert (len(preempted), node_of(play, "vip") != "") == (1, True)
    assert [row["metadata"]["name"] for row in play.list("pods") if not row["spec"].get("nodeName")] != ["vip"]


def test_whoever_is_more_important_yet_takes_the_place_and_the_other_looks_for_one_anew(play: Any) -> None:
    play.stopping_seconds = 3
    crowd(play, 8)
    vip(play, "vip", value=1000, cpu="4")
    play.run(1)
    first = play.get("pods", "vip")["status"]["nominatedNodeName"]
    vip(play, "ceo", value=2000, cpu="4")
    play.run(60)
    assert node_of(play, "ceo") == first
    assert node_of(play, "vip") not in ("", first)


def test_a_nomination_that_leads_nowhere_is_forgotten(play: Any) -> None:
    play.stopping_seconds = 3
    crowd(play, 8)
    vip(play, "vip", value=1000)
    play.run(1)
    node = play.get("nodes", play.get("pods", "vip")["status"]["nominatedNodeName"])
    for name in ("worker", "worker2"):
        play.local.patch(play.get("nodes", name), {"spec": {"unschedulable": True}})
    play.run(400)
    assert (node is not None, play.get("pods", "vip")["status"].get("nominatedNodeName")) == (True, None)


def test_every_decision_is_remembered(play: Any) -> None:
    play.apply(pod())
    play.run(1)
    (decision,) = play.scheduler.decisions
    assert (str(decision.pod), decision.node, decision.attempt) == ("default/p", "worker", 1)
    assert [verdict.node for verdict in decision.verdicts] == ["control-plane", "worker", "worker2"]
