"""Folding: whatever is in a namespace, nobody sees more than two screens of it, and no trouble is left out."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_tutor.graph.build import LENSES, build
from k8s_tutor.graph.fold import OPENED, ROOM, folded
from k8s_tutor.graph.layout import arrange
from k8s_tutor.graph.model import Graph, State
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.render.alt_text import describe_graph
from k8s_tutor.render.picture import picture
from tests.unit.graph.test_layout import graphs

TWO_SCREENS = 2000
FITS_NOWHERE = "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu."


def owned(kind: str, name: str, uid: str, parent: tuple[str, str] = ("", ""), **fields: Obj) -> Obj:
    meta: Obj = {"name": name, "namespace": "demo", "uid": uid}
    if parent[0]:
        meta["ownerReferences"] = [{"kind": parent[0], "uid": parent[1], "name": "x", "controller": True}]
    spec: Obj = {"spec": {"containers": [{"name": "web", "image": "web:1"}]}} if kind == "Pod" else {}
    return {"apiVersion": "v1", "kind": kind, "metadata": meta, **spec, **fields}


def running() -> Obj:
    return {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}


def unschedulable(message: str = FITS_NOWHERE) -> Obj:
    said = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return {"phase": "Pending", "conditions": [said]}


def crashing(exit_code: int) -> Obj:
    state = {"waiting": {"reason": "CrashLoopBackOff"}}
    row = {"name": "web", "state": state, "lastState": {"terminated": {"exitCode": exit_code}}}
    return {"phase": "Running", "containerStatuses": [row]}


def shop(statuses: list[Obj]) -> Snapshot:
    """Deployment, ReplicaSet, and a Pod for each status."""
    pods = [
        owned("Pod", f"web-{number}", f"pod-{number}", ("ReplicaSet", "rs"), status=status)
        for number, status in enumerate(statuses)
    ]
    return Snapshot(
        [owned("Deployment", "web", "deploy"), owned("ReplicaSet", "web", "rs", ("Deployment", "deploy")), *pods],
        namespace="demo",
    )


def pods(graph: Graph) -> list[str]:
    return [f"{node.title or node.name}: {node.health.word}" for node in graph.nodes if node.kind == "Pod"]


def test_pods_with_the_same_trouble_are_one_card_that_says_it() -> None:
    graph = build(shop([unschedulable()] * 283 + [running()] * 217))
    assert pods(graph) == ["283 Pods: Pending", "217 Pods: 217 ready"]
    cards = {str(node.title): node for node in graph.nodes}
    assert str(cards["283 Pods"].health.cause) == "no node fits: 2 Insufficient cpu, 1 node(s) had untolerated taint(s)"
    assert "283 Pods: Pending: no node fits: 2 Insufficient cpu" in describe_graph(graph)


def test_two_pods_with_the_same_trouble_keep_their_names() -> None:
    assert pods(build(shop([crashing(1)] * 2 + [running()] * 8))) == [
        "web-0: CrashLoopBackOff", "web-1: CrashLoopBackOff", "8 Pods: 8 ready",
    ]  # fmt: skip


def test_another_trouble_is_another_card() -> None:
    found = [node for node in build(shop([crashing(1)] * 5 + [crashing(3)] * 5)).nodes if node.kind == "Pod"]
    assert [(node.count, str(node.health.cause)) for node in found] == [(5, "exit code 1"), (5, "exit code 3")]


def test_a_line_to_many_in_trouble_is_as_broken_as_each_of_them() -> None:
    snapshot = shop([unschedulable()] * 9)
    pod = snapshot.find("Pod", "web-0")
    assert pod is not None
    labelled = [{**obj, "metadata": {**obj["metadata"], "labels": {"app": "web"}}} for obj in snapshot.of("Pod")]
    service = owned("Service", "web", "svc", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
    graph = build(Snapshot([service, *labelled], namespace="demo"), "service/web")
    assert [(edge.state, edge.label) for edge in graph.edges] == [("waiting", None)]


def test_an_opened_card_gives_its_first_cards_and_keeps_the_rest() -> None:
    snapshot = shop([unschedulable()] * 283)
    (stack,) = (node.id for node in build(snapshot).nodes if node.count > 1)
    graph = build(snapshot, opened=stack)
    assert pods(graph) == [*(f"web-{number}: Pending" for number in range(OPENED)), "278 more Pods: Pending"]
    assert len([edge for edge in graph.edges if edge.source == "rs"]) == OPENED + 1


def test_a_small_card_opens_whole() -> None:
    snapshot = shop([running()] * (OPENED + 1))
    assert len(pods(build(snapshot, opened="stack:rs"))) == OPENED + 1


def test_an_id_that_is_no_longer_there_opens_nothing() -> None:
    snapshot = shop([running()] * 9)
    assert build(snapshot, opened="stack:gone") == build(snapshot)


def test_pods_without_an_owner_fold_only_where_they_have_no_room() -> None:
    def bare(count: int) -> Snapshot:
        objects = [owned("Pod", f"p-{number}", f"p{number}", status=running()) for number in range(count)]
        return Snapshot(objects, namespace="demo")

    assert len(build(bare(ROOM)).nodes) == ROOM
    assert pods(build(bare(ROOM + 1))) == [f"{ROOM + 1} Pods: {ROOM + 1} ready"]


def test_the_one_that_was_asked_for_is_never_folded() -> None:
    objects = [owned("Job", f"job-{number}", f"j{number}", ("CronJob", "cron")) for number in range(40)]
    graph = build(Snapshot([owned("CronJob", "cron", "cron"), *objects], namespace="demo"), "job/job-7")
    assert [node.name for node in graph.nodes if node.kind == "Job"] == ["job-7"]


STATUSES = st.one_of(
    st.builds(running),
    st.builds(crashing, st.integers(1, 30)),
    st.builds(unschedulable, st.sampled_from([FITS_NOWHERE, "0/1 nodes are available: 1 Insufficient memory."])),
    st.builds(lambda number: {"phase": "Failed", "message": f"node {number} is gone"}, st.integers(0, 99)),
)


@st.composite
def crowds(draw: st.DrawFn) -> Snapshot:
    kinds = draw(st.lists(st.sampled_from(["Job", "Service", "ConfigMap", "Pod", "ReplicaSet", "Widget"]), max_size=60))
    others = [owned(kind, f"{kind}-{number}".lower(), f"{kind}{number}") for number, kind in enumerate(kinds)]
    statuses = draw(st.lists(STATUSES, max_size=40)) * draw(st.integers(1, 4))
    return Snapshot([*shop(statuses).objects, *others], namespace="demo")


def opened_ones(snapshot: Snapshot, lens: str) -> Iterator[Graph]:
    """The picture, and the picture with each of its folded cards opened."""
    graph = build(snapshot, lens=lens)
    yield graph
    yield from (build(snapshot, lens=lens, opened=node.id) for node in graph.nodes if node.count > 1)


@settings(max_examples=25, deadline=None)
@given(crowds(), st.sampled_from([lens.id for lens in LENSES if lens.id not in ("anatomy", "rollout")]))
def test_nobody_sees_more_than_two_screens(snapshot: Snapshot, lens: str) -> None:
    for graph in opened_ones(snapshot, lens):
        placed = arrange(graph)
        assert placed.bottom - placed.top <= TWO_SCREENS


@settings(max_examples=25, deadline=None)
@given(crowds())
def test_folding_loses_nobody_and_hides_no_trouble(snapshot: Snapshot) -> None:
    whole, graph = build(snapshot, above=None), build(snapshot)
    assert sum(node.count for node in graph.nodes) == len(whole.nodes)
    for state in (State.FAILING, State.UNREADY):
        worse = {node.kind for node in whole.nodes if node.health.state is state}
        told = {node.kind for node in graph.nodes if node.health.state in (State.FAILING, State.UNREADY)}
        assert worse <= told


@given(graphs())
def test_folding_twice_is_folding_once(graph: Graph) -> None:
    assert folded(folded(graph)) == folded(graph)


def test_five_hundred_pods_are_a_small_picture() -> None:
    drawn = picture(build(shop([running()] * 200 + [unschedulable()] * 283 + [crashing(1)] * 17)))
    assert drawn.layout is not None
    assert drawn.layout.bottom - drawn.layout.top < 400
    assert len(drawn.svg) < 30_000
