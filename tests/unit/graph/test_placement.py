"""The picture of placement: what bars count, who is inside, who is on no node and why, and how much is folded."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from k8s_tutor.graph.build import build
from k8s_tutor.graph.layout import arrange
from k8s_tutor.graph.model import Graph, Node
from k8s_tutor.graph.placement import OTHERS, shorten
from k8s_tutor.language import msg, msg_n
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.render.alt_text import describe_graph

TAINT = {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}
TWO_SCREENS = 2 * 900


def node(name: str, *taints: Obj, labels: dict[str, str] | None = None, **spec: Any) -> Obj:
    return {
        "kind": "Node",
        "metadata": {"name": name, "uid": f"node-{name}", "labels": {"kubernetes.io/hostname": name, **(labels or {})}},
        "spec": {"taints": list(taints), **spec},
        "status": {
            "allocatable": {"cpu": "2", "memory": "4Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def pod(name: str, on: str = "", cpu: str = "500m", owner: str = "", namespace: str = "shop", **status: Any) -> Obj:
    meta: Obj = {"name": name, "namespace": namespace, "uid": f"{namespace}-{name}"}
    if owner:
        meta["ownerReferences"] = [{"kind": "ReplicaSet", "name": owner, "uid": owner, "controller": True}]
    spec: Obj = {"containers": [{"name": "c", "resources": {"requests": {"cpu": cpu} if cpu else {}}}]}
    running = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"name": "c", "ready": True, "state": {"running": {}}}],
    }
    return {
        "kind": "Pod",
        "metadata": meta,
        "spec": spec | ({"nodeName": on} if on else {}),
        "status": status or running,
    }


def pending(name: str, message: str, **more: Any) -> Obj:
    row = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return pod(name, phase="Pending", conditions=[row], **more)


def placed(*objects: Obj, focus: str = "", forbidden: tuple[str, ...] = ()) -> Graph:
    return build(Snapshot(objects, namespace="shop", forbidden=forbidden), focus, "placement")


def box(graph: Graph, name: str) -> Node:
    return next(card for card in graph.nodes if card.kind == "Node" and card.name == name)


def inside(graph: Graph, name: str) -> list[str]:
    return [graph.by_id[edge.source].name for edge in graph.incoming[box(graph, name).id]]


def test_bars_count_what_all_namespaces_request() -> None:
    graph = placed(node("a"), pod("web", "a"), pod("dns", "a", "250m", namespace="kube-system"))
    cpu, memory = box(graph, "a").meters
    assert [(part.amount, part.own) for part in cpu.slices] == [(250, False), (500, True)]
    assert (str(cpu.said), str(memory.said)) == ("CPU: 750m of 2 requested (38 %)", "memory: 0 of 4Gi requested (0 %)")


def test_pods_of_other_namespaces_are_one_card() -> None:
    others = [pod(f"dns-{number}", "a", "100m", namespace="kube-system") for number in range(2)]
    graph = placed(node("a"), pod("web", "a"), *others)
    assert inside(graph, "a") == ["web", ""]
    assert "  2 other Pods; request CPU 200m together" in describe_graph(graph).splitlines()


def test_a_pod_that_has_ended_holds_nothing() -> None:
    done = pod("once", "a", phase="Succeeded")
    graph = placed(node("a"), done)
    assert box(graph, "a").meters[0].slices == ()
    assert box(graph, "a").facts[0] == msg("{count} of {most} Pods", count=0, most=110)
    assert "  Pod once: Succeeded; has ended, holds nothing" in describe_graph(graph)


def test_taints_and_labels_that_people_gave_stand_on_the_node() -> None:
    graph = placed(node("a", TAINT, labels={"disk": "ssd", "topology.kubernetes.io/zone": "z"}))
    told = [
        msg("taint {name}", name="dedicated=gpu"),
        msg("NoSchedule: no new Pods but those that tolerate it"),
        msg("label {name}", name="disk=ssd"),
    ]
    assert list(box(graph, "a").facts[1:]) == told


MESSAGE = (
    "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. preemption: 0/3 nodes are "
    "available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod."
)


def test_who_is_on_no_node_says_why_in_short_words() -> None:
    told = describe_graph(placed(node("a"), pending("big", MESSAGE))).splitlines()
    short = "2 nodes: not enough CPU left; 1 node: a taint it does not tolerate"
    assert told[-2:] == ["On no node:", f"  Pod big: Pending; requests CPU 500m; {short}"]


def test_words_that_nobody_knows_are_kubernetes_own() -> None:
    assert shorten("0/1 nodes are available: 1 node(s) were on fire.") == (
        msg_n("{n} node: {reason}", "{n} nodes: {reason}", n=1, reason="node(s) were on fire"),
    )


def test_one_object_leaves_the_others_in_the_bars_only() -> None:
    objects = [node("a"), node("b"), pod("web-1", "a", owner="web"), pod("db", "a"), pod("far", "b")]
    owner: Obj = {"kind": "ReplicaSet", "metadata": {"name": "web", "uid": "web", "namespace": "shop"}}
    graph = placed(*objects, owner, focus="rs/web")
    assert (inside(graph, "a"), inside(graph, "b")) == (["web-1", ""], [""])
    assert len(box(graph, "a").meters[0].slices) == 2


def test_one_node_stands_alone_with_its_pods() -> None:
    graph = placed(node("a"), node("b"), pod("web", "a"), pod("far", "b"), focus="node/a")
    assert [card.name for card in graph.nodes] == ["a", "web"]


def test_who_may_not_list_nodes_knows_their_names() -> None:
    graph = placed(pod("web", "a"), forbidden=("nodes", OTHERS))
    assert (inside(graph, "a"), box(graph, "a").meters) == (["web"], ())
    assert graph.notes == (msg("Nodes are known by their names only: you have no right to list them."),)


def test_what_cannot_be_counted_is_said() -> None:
    assert placed(node("a"), pod("web", "a"), forbidden=(OTHERS,)).notes == (
        msg("Pods outside namespace {namespace} are not counted: you have no right to list them.", namespace="shop"),
    )


def crowd(nodes: int, pods: int) -> Graph:
    machines = [node(f"n{number}", TAINT) for number in range(nodes)]
    owners = ("web", "api", "", "db")
    there = [pod(f"p-{at}", f"n{at % nodes}", "10m", owner=owners[at % 4]) for at in range(0, pods, 2)]
    waiting = [pending(f"w-{at}", MESSAGE.replace("2 In", f"{at % 9} In")) for at in range(1, pods, 2)]
    return placed(*machines, *there, *waiting)


@pytest.mark.parametrize(("nodes", "pods"), [(1, 500), (3, 500), (6, 500), (9, 500), (100, 500), (200, 20)])
def test_nothing_is_ever_taller_than_two_screens(nodes: int, pods: int) -> None:
    graph = crowd(nodes, pods)
    layout = arrange(graph)
    assert layout.bottom - layout.top <= TWO_SCREENS
    shown = sum(card.count for card in graph.nodes if card.kind == "Pod")
    assert sum(card.count for card in graph.nodes if card.kind == "Node") == nodes
    assert shown == pods or nodes > 9


def test_trouble_is_not_hidden_by_a_crowd() -> None:
    crash = {"name": "c", "ready": False, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    broken = pod("broken", "a", owner="web", phase="Running", containerStatuses=[crash])
    graph = placed(node("a"), *(pod(f"p-{at}", "a", owner="web") for at in range(20)), broken)
    assert [card.count for card in graph.nodes if card.kind == "Pod"] == [1, 20]


def test_no_two_cards_overlap_and_each_is_in_its_box() -> None:
    graph = crowd(5, 40)
    places = arrange(graph).places
    for edge in graph.edges:
        card, around = places[edge.source], places[edge.target]
        assert around.x < card.x
        assert card.x + card.width < around.x + around.width
        assert around.y < card.y
        assert card.y + card.height < around.y + around.height
    cards = [places[card.id] for card in graph.nodes if card.kind == "Pod"]
    spans = sorted((card.x, card.y, card.height) for card in cards)
    assert all(one[0] != two[0] or one[1] + one[2] <= two[1] for one, two in pairwise(spans))
