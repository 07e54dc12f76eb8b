from __future__ import annotations

from dataclasses import replace

from k8s_tutor.graph.build import build, difference
from k8s_tutor.graph.model import Graph, Health, State
from k8s_tutor.language import msg
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.render.alt_text import describe_changes


def changed(graph: Graph, name: str, word: str) -> Graph:
    health = Health(State.FAILING, word)
    return replace(graph, nodes=tuple(replace(n, health=health) if n.name == name else n for n in graph.nodes))


def test_the_same_graph_makes_no_news(unready: Snapshot) -> None:
    assert not difference(build(unready), build(unready))


def test_a_state_that_changed_is_told_with_both_words(unready: Snapshot) -> None:
    before = build(unready)
    assert describe_changes(difference(before, changed(before, "web", "Error"))) == ["Pod web: Ready → Error"]


def test_what_came_and_went_is_told_last(unready: Snapshot) -> None:
    before = build(unready)
    after = changed(before, "shop", "0 of 3 ready")
    after = replace(after, nodes=tuple(node for node in after.nodes if node.name != "web"))
    assert describe_changes(difference(before, after))[-1] == "Pod web deleted"
    assert describe_changes(difference(after, before))[-1] == "Pod web created"


def test_a_container_that_changed_is_told_where_its_pod_says_the_same(unready: Snapshot) -> None:
    before = build(unready, "pod/pair")
    pod = next(node for node in before.nodes if node.parts)
    worse = replace(pod.parts[0], health=Health(State.UNREADY, msg("Running, not ready")))
    parts = (worse, *pod.parts[1:])
    after = replace(before, nodes=tuple(replace(n, parts=parts) if n is pod else n for n in before.nodes))
    assert describe_changes(difference(before, after)) == ["Pod pair, web: Running → Running, not ready"]


def test_a_ghost_makes_no_news(unready: Snapshot) -> None:
    assert describe_changes(difference(Graph(), build(unready, "pod/nobody"))) == []
