"""Laws of the layout, for graphs of any shape."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.graph.build import build
from k8s_tutor.graph.fold import Span, spread, vacant
from k8s_tutor.graph.layout import BESIDE, MARGIN, Layout, is_compact, layout
from k8s_tutor.graph.model import Edge, Graph, Node
from k8s_tutor.language import msg
from k8s_tutor.observe.snapshot import Snapshot

KINDS = ("Pod", "Pod", "Pod", "Service", "LoadBalancer", "Deployment", "ReplicaSet", "Node", "EtcdCluster")


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    nodes = [
        Node(f"n{index}", draw(st.sampled_from(KINDS)), f"name-{index}", facts=(msg("all well, shown as one"),))
        for index in range(draw(st.integers(0, 12)))
    ]
    ends = st.sampled_from([node.id for node in nodes]) if nodes else st.nothing()
    pairs = draw(st.lists(st.tuples(ends, ends), max_size=15)) if nodes else []
    forward = [(source, target) for source, target in pairs if source < target]  # owners form no circle
    edges = [Edge(source, target, "owner") for source, target in dict.fromkeys(forward)]
    return Graph(tuple(nodes), tuple(edges))


def without(graph: Graph, node: Node) -> Graph:
    edges = tuple(edge for edge in graph.edges if node.id not in (edge.source, edge.target))
    return replace(graph, nodes=tuple(other for other in graph.nodes if other is not node), edges=edges)


def overlapping(placed: Layout) -> list[tuple[str, str]]:
    return [
        (one, other)
        for (one, a), (other, b) in combinations(placed.places.items(), 2)
        if a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height
    ]


@given(graphs())
def test_no_two_cards_overlap(graph: Graph) -> None:
    assert overlapping(layout(graph)) == []


@given(graphs(), st.integers(300, 1600))
def test_whatever_the_width_no_two_cards_overlap_and_columns_stand_apart(graph: Graph, room: int) -> None:
    placed = layout(graph, room=room)
    assert overlapping(placed) == []
    lanes = placed.lanes
    assert all(one.x + one.width + 2 * BESIDE < other.x for one, other in pairwise(lanes))


@given(graphs())
def test_three_columns_fit_into_half_a_laptop(graph: Graph) -> None:
    lanes = layout(graph, room=600).lanes
    if 0 < len(lanes) <= 3:
        assert lanes[-1].x + lanes[-1].width - lanes[0].x + 2 * MARGIN <= 600


@given(graphs(), graphs(), st.integers(300, 1600))
def test_whatever_has_been_the_width_no_two_cards_overlap(first: Graph, second: Graph, room: int) -> None:
    assert overlapping(layout(second, layout(first), room)) == []
    assert overlapping(layout(second, layout(first, room=room))) == []


@given(graphs(), graphs())
def test_nothing_grows_above_what_is_on_show(first: Graph, second: Graph) -> None:
    before = layout(first)
    after = layout(second, before)
    if before.places.keys() & after.places.keys():
        kept = [key for key in before.places.keys() & after.places.keys() if after.places[key] == before.places[key]]
        columns = {before.places[key].column for key in kept}
        assert all(place.y >= before.top for place in after.places.values() if place.column in columns)


@given(graphs(), graphs())
def test_a_compact_picture_is_no_taller_than_a_fresh_one(first: Graph, second: Graph) -> None:
    kept, fresh = layout(second, layout(first)), layout(second)
    assert is_compact(second, layout(first)) == (kept.bottom - kept.top <= fresh.bottom - fresh.top)


@given(graphs(), st.data())
def test_taking_one_node_away_moves_no_other(graph: Graph, data: st.DataObject) -> None:
    if not graph.nodes:
        return
    before = layout(graph)
    gone = data.draw(st.sampled_from(graph.nodes))
    after = layout(without(graph, gone), before)
    assert after.places == {key: place for key, place in before.places.items() if key != gone.id}


@given(graphs(), graphs())
def test_whatever_comes_and_goes_no_two_cards_overlap(first: Graph, second: Graph) -> None:
    assert overlapping(layout(second, layout(first))) == []


@given(graphs())
def test_drawing_the_same_graph_again_moves_nothing(graph: Graph) -> None:
    once = layout(graph)
    assert layout(graph, once) == once


@given(graphs())
def test_every_line_runs_from_left_to_right(graph: Graph) -> None:
    placed = layout(graph)
    assert all(placed.places[edge.source].column < placed.places[edge.target].column for edge in graph.edges)


def test_the_layout_does_not_depend_on_the_order_in_which_objects_came(unready: Snapshot) -> None:
    turned = Snapshot(reversed(unready.objects), namespace="demo")
    assert build(turned) == build(unready)
    assert layout(build(turned)) == layout(build(unready))


def test_a_new_pod_takes_the_place_of_the_one_that_left(unready: Snapshot) -> None:
    before = build(unready, "deploy/shop")
    placed = layout(before)
    gone = next(node for node in before.nodes if node.name.endswith("d77pv"))
    fresh = replace(gone, id="new", name="shop-758964bfdc-fresh")
    after = without(before, gone)
    later = layout(replace(after, nodes=(*after.nodes, fresh)), placed)
    assert (later.places["new"].x, later.places["new"].y) == (placed.places[gone.id].x, placed.places[gone.id].y)


def test_a_service_stands_in_the_middle_of_its_pods(unready: Snapshot) -> None:
    graph = build(unready, "service/shop")
    placed = layout(graph)
    tops = sorted(placed.places[node.id].y for node in graph.nodes if node.kind == "Pod")
    (service,) = (node for node in graph.nodes if node.kind == "Service")
    assert placed.places[service.id].y == tops[1]


items = st.lists(st.tuples(st.none() | st.integers(-500, 500), st.integers(1, 200)), max_size=12)


@given(items, st.integers(0, 40))
def test_spread_keeps_order_and_gaps(wanted: list[tuple[int | None, int]], gap: int) -> None:
    tops = spread(wanted, gap)
    ends = [top + height for top, (_wish, height) in zip(tops, wanted, strict=True)]
    assert all(end + gap <= top for end, top in zip(ends, tops[1:], strict=False))


@given(st.lists(st.integers(0, 20), min_size=1, unique=True), st.integers(1, 300), st.none() | st.integers(-500, 900))
def test_a_vacant_place_is_vacant(slots: list[int], height: int, wish: int | None) -> None:
    taken = [Span(slot * 100, 80) for slot in slots]
    top = vacant(taken, height, wish, 10)
    assert all(top + height + 10 <= span.top or span.top + span.height + 10 <= top for span in taken)
