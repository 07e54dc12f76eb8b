"""What the scheduler decides, and its words where nothing fits: each message was asked of a real 1.37 scheduler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.api.runs import Decision
from k8s_tutor.embedded.scheduler.attempt import Attempt
from k8s_tutor.embedded.scheduler.cluster import ClusterState
from k8s_tutor.embedded.scheduler.scheduler import decide
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import quantity, selectors
from k8s_tutor.objects.types import Obj

CONTROL_PLANE = {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}
NOT_HELPFUL = "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."


def node(name: str, *taints: Obj, labels: dict[str, str] | None = None, cpu: str = "2", **spec: Any) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, **(labels or {})}},
        "spec": {**({"taints": list(taints)} if taints else {}), **spec},
        "status": {"allocatable": {"cpu": cpu, "memory": "4Gi", "pods": "5"}},
    }


def pod(name: str = "p", *, on: str = "", cpu: str = "", labels: dict[str, str] | None = None, **spec: Any) -> Obj:
    container: Obj = {"name": "c", "image": "nginx"}
    if cpu:
        container["resources"] = {"requests": {"cpu": cpu}}
    spec = {"containers": [container], **spec}
    if on:
        spec["nodeName"] = on
    meta = {"name": name, "namespace": "default", "uid": name, "labels": labels or {}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": {"phase": "Running"}}


def cluster(*objects: Obj) -> ClusterState:
    state = ClusterState()
    for obj in objects:
        state.follow(Change(1, "ADDED", f"{obj['kind'].lower()}s", obj, None, 0))
    return state


def three(*objects: Obj) -> ClusterState:
    """A control plane with its taint and two workers, as kind makes them."""
    return cluster(node("cp", CONTROL_PLANE), node("worker"), node("worker2"), *objects)


def place(wanted: Obj, state: ClusterState, **kin: Any) -> Decision:
    return decide(Attempt(wanted, state, **kin))


def term(label: str, topology: str = "kubernetes.io/hostname") -> Obj:
    return {"topologyKey": topology, "labelSelector": {"matchLabels": {"app": label}}}


def required(side: str, label: str) -> Obj:
    return {side: {"requiredDuringSchedulingIgnoredDuringExecution": [term(label)]}}


def test_between_equals_the_name_decides() -> None:
    assert place(pod(), three()).node == "worker"


def test_the_emptier_node_wins() -> None:
    assert place(pod(cpu="100m"), three(pod("a", on="worker", cpu="1"))).node == "worker2"


def test_a_tolerated_taint_is_no_hindrance() -> None:
    toleration = {"key": CONTROL_PLANE["key"], "operator": "Exists"}
    selector = {"kubernetes.io/hostname": "cp"}
    assert place(pod(tolerations=[toleration], nodeSelector=selector), three()).node == "cp"


@pytest.mark.parametrize(
    ("wanted", "reasons"),
    [
        (pod(cpu="100"), "2 Insufficient cpu"),
        (pod(nodeSelector={"disk": "ssd"}), "2 node(s) didn't match Pod's node affinity/selector"),
        (pod(affinity=required("podAffinity", "nothing")), "2 node(s) didn't match pod affinity rules"),
        (
            pod(
                labels={"app": "a"},
                topologySpreadConstraints=[{"maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", **term("a", "zone")}],
            ),
            "2 node(s) didn't match pod topology spread constraints (missing required label)",
        ),
    ],
    ids=["too-large", "selector", "affinity", "spread"],
)
def test_what_no_node_can_ever_offer_is_said_in_kubernetes_words(wanted: Obj, reasons: str) -> None:
    decision = place(wanted, three())
    expected = f"0/3 nodes are available: 1 node(s) had untolerated taint(s), {reasons}. {NOT_HELPFUL}"
    assert (decision.node, decision.message) == ("", expected)


def test_two_shortages_of_one_node_are_both_counted() -> None:
    wanted = pod(cpu="99")
    wanted["spec"]["containers"][0]["resources"]["requests"]["memory"] = "1000Gi"
    assert (
        "1 node(s) had untolerated taint(s), 2 Insufficient cpu, 2 Insufficient memory. "
        in place(wanted, three()).message
    )


def test_a_taken_host_port_leaves_hope_for_preemption_but_finds_no_victim() -> None:
    ports = [{"name": "c", "image": "nginx", "ports": [{"containerPort": 80, "hostPort": 8099}]}]
    taken = [pod(f"on-{name}", on=name, containers=ports) for name in ("worker", "worker2")]
    decision = place(pod(containers=ports), three(*taken))
    assert decision.message == (
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't have free ports for the "
        "requested pod ports. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, "
        "2 No preemption victims found for incoming pod."
    )


def test_anti_affinity_keeps_a_pod_away_in_both_directions() -> None:
    away = required("podAntiAffinity", "a")
    state = three(pod("a", on="worker", labels={"app": "a"}, affinity=away))
    assert place(pod("b", affinity=away), state).node == "worker2"
    assert place(pod("a2", labels={"app": "a"}), state).node == "worker2"


def test_the_first_of_a_kind_may_settle_where_its_friends_are_not_yet() -> None:
    near = required("podAffinity", "a")
    assert place(pod(labels={"app": "a"}, affinity=near), three()).node == "worker"


def test_affinity_may_look_into_namespaces_of_a_label() -> None:
    shop: Obj = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "blue"}}}
    friend = pod("a", on="worker2", labels={"app": "a"})
    friend["metadata"]["namespace"] = "shop"

    def near(team: str) -> Obj:
        row = {**term("a"), "namespaceSelector": {"matchLabels": {"team": team}}}
        return {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [row]}}

    assert place(pod(affinity=near("blue")), three(shop, friend)).node == "worker2"
    assert place(pod(affinity=near("red")), three(shop, friend)).node == ""


def test_a_cordoned_node_is_unschedulable() -> None:
    decision = place(pod(), cluster(node("a", unschedulable=True)))
    assert decision.message.startswith("0/1 nodes are available: 1 node(s) were unschedulable. ")


def test_a_full_node_has_too_many_pods() -> None:
    state = cluster(node("a"), *(pod(f"p{number}", on="a") for number in range(5)))
    assert "1 Too many pods" in place(pod(), state).message


def test_without_nodes_there_is_a_message_of_its_own() -> None:
    assert place(pod(), cluster()).message == "no nodes available to schedule pods"


def test_a_hard_spread_constraint_fills_the_nodes_in_turn() -> None:
    row = {"maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", **term("a")}
    wanted = pod(labels={"app": "a"}, topologySpreadConstraints=[row])
    state = cluster(node("x"), node("y"), pod("a1", on="x", labels={"app": "a"}))
    assert place(wanted, state).node == "y"


def test_pods_of_one_service_are_spread_by_default() -> None:
    kin = selectors.from_labels({"app": "a"})
    state = three(pod("a1", on="worker", labels={"app": "a"}), pod("b1", on="worker2", cpu="500m"))
    assert place(pod("a2", labels={"app": "a"}), state, kin=kin).node == "worker2"


def test_preferred_node_affinity_outweighs_a_little_load() -> None:
    rows = [{"weight": 100, "preference": {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}}]
    affinity = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": rows}}
    state = cluster(node("a"), node("b", labels={"disk": "ssd"}), pod("x", on="b", cpu="500m"))
    assert place(pod(affinity=affinity), state).node == "b"


def test_a_decision_tells_of_every_node_why_or_how_well() -> None:
    decision = place(pod(cpu="1"), cluster(node("cp", CONTROL_PLANE), *map(node, "abc"), pod("a", on="a", cpu="1500m")))
    refusals = {verdict.node: verdict.refusal.reasons for verdict in decision.verdicts if verdict.refusal}
    assert refusals == {"cp": ("node(s) had untolerated taint(s)",), "a": ("Insufficient cpu",)}
    chosen = next(verdict for verdict in decision.verdicts if verdict.node == decision.node)
    assert [(score.plugin, score.weight) for score in chosen.scores] == [
        ("TaintToleration", 3),
        ("NodeAffinity", 2),
        ("PodTopologySpread", 2),
        ("InterPodAffinity", 2),
        ("NodeResourcesFit", 1),
        ("NodeResourcesBalancedAllocation", 1),
        ("ImageLocality", 1),
    ]
    assert chosen.total == sum(score.value * score.weight for score in chosen.scores)


def test_the_only_node_that_is_left_is_not_scored() -> None:
    decision = place(pod(cpu="1"), three(pod("a", on="worker", cpu="1500m")))
    assert [verdict.scores for verdict in decision.verdicts if verdict.node == decision.node] == [()]


def test_scores_say_what_they_were_worked_out_from() -> None:
    decision = place(pod(cpu="500m"), three(pod("a", on="worker", cpu="1")))
    (chosen,) = [verdict for verdict in decision.verdicts if verdict.node == decision.node]
    shares = {score.plugin: score.shares for score in chosen.scores if score.shares}
    assert shares == {"NodeResourcesFit": (75, 95), "NodeResourcesBalancedAllocation": (25, 0)}


def test_a_more_important_pod_asks_the_fewest_and_least_important_to_leave() -> None:
    low, mid = {"priority": 1}, {"priority": 5}
    state = three(
        pod("w1", on="worker", cpu="1", **low),
        pod("w2", on="worker", cpu="1", **mid),
        pod("x1", on="worker2", cpu="1", **mid),
        pod("x2", on="worker2", cpu="1", **mid),
    )
    decision = place(pod("vip", cpu="1", priority=100), state)
    assert (decision.node, decision.nominated, [key.name for key in decision.victims]) == ("", "worker", ["w1"])
    words = "preemption: found a potential placement for pod on node worker, preempting 1 victims"
    assert decision.message.endswith(words)


def budget(allowed: int, **labels: str) -> Obj:
    spec = {"selector": {"matchLabels": labels}}
    return {"metadata": {"name": "b", "namespace": "default"}, "spec": spec, "status": {"disruptionsAllowed": allowed}}


@pytest.mark.parametrize(
    ("allowed", "node", "victims"), [(0, "worker2", ["x"]), (1, "worker", ["w"])], ids=["protected", "allowed"]
)
def test_who_would_break_a_budget_is_spared_if_others_can_leave(allowed: int, node: str, victims: list[str]) -> None:
    low, mid = {"priority": 1}, {"priority": 5}
    state = three(pod("w", on="worker", cpu="2", labels={"app": "db"}, **low), pod("x", on="worker2", cpu="2", **mid))
    decision = place(pod("vip", cpu="1", priority=100), state, budgets=[budget(allowed, app="db")])
    assert (decision.nominated, [key.name for key in decision.victims]) == (node, victims)


def test_on_one_node_too_the_protected_are_spared_first() -> None:
    kin = {"app": "db"}
    state = cluster(
        node("a"), pod("safe", on="a", cpu="1", labels=kin, priority=1), pod("other", on="a", cpu="1", priority=5)
    )
    decision = place(pod("vip", cpu="1", priority=100), state, budgets=[budget(0, **kin)])
    assert [key.name for key in decision.victims] == ["other"]


def test_a_budget_that_cannot_be_kept_is_broken() -> None:
    state = cluster(node("a"), pod("safe", on="a", cpu="2", labels={"app": "db"}, priority=1))
    decision = place(pod("vip", cpu="1", priority=100), state, budgets=[budget(0, app="db")])
    assert [key.name for key in decision.victims] == ["safe"]


def test_preemption_policy_never_is_respected() -> None:
    state = cluster(node("a"), pod("low", on="a", cpu="2"))
    decision = place(pod("vip", cpu="1", priority=9, preemptionPolicy="Never"), state)
    assert decision.message.endswith("preemption: not eligible due to preemptionPolicy=Never.")


asked = st.fixed_dictionaries({}, optional={"cpu": st.integers(0, 3000).map(lambda n: f"{n}m")})
containers = st.lists(asked.map(lambda row: {"name": "c", "resources": {"requests": row}}), min_size=1, max_size=4)


@given(regular=containers, init=containers)
def test_a_pod_asks_for_its_sum_or_for_its_greediest_init_container(
    regular: Sequence[Obj], init: Sequence[Obj]
) -> None:
    def cpu(row: Obj) -> int:
        return int(row["resources"]["requests"].get("cpu", "0m")[:-1])

    asked = quantity.requests({"spec": {"containers": regular, "initContainers": init}}).get("cpu", 0)
    assert asked == max(sum(map(cpu, regular)), *map(cpu, init))


@given(st.lists(st.tuples(st.sampled_from(["worker", "worker2", "cp"]), st.integers(0, 2000)), max_size=10))
def test_no_node_is_ever_given_more_than_it_has(pods: Sequence[tuple[str, int]]) -> None:
    state = three()
    for number, (_, cpu) in enumerate(pods):
        wanted = pod(f"p{number}", cpu=f"{cpu}m")
        chosen = place(wanted, state).node
        if chosen:
            wanted["spec"]["nodeName"] = chosen
            state.follow(Change(1, "ADDED", "pods", wanted, None, 0))
    for each in state.nodes:
        assert all(each.requested.get(name, 0) <= each.allocatable[name] for name in ("cpu", "memory"))
        assert len(each.pods) <= 5
