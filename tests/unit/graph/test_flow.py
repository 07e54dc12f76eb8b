from __future__ import annotations

import pytest

from k8s_tutor.graph.flow import CLIENT, flow
from k8s_tutor.graph.model import EdgeState, Graph
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.observe.traffic import SENDER, Failure, Reply, Traffic, Via

READY = ("shop-758964bfdc-d77pv", "shop-758964bfdc-pff6n")
UNREADY = "shop-758964bfdc-2cnhd"


def traffic(*pods: str | Failure, focus: str = "service/shop", port: int = 80) -> Traffic:
    answers = [
        Reply(number, failure=end, code=0) if isinstance(end, Failure) else Reply(number, pod=end)
        for number, end in enumerate(pods, 1)
    ]
    return Traffic(focus, f"http://shop.demo:{port}/", Via.SERVICE, port, tuple(answers), len(answers))


def counts(graph: Graph) -> dict[str, int]:
    return {node.name: node.load.count for node in graph.nodes if node.load is not None}


def ends(graph: Graph) -> dict[str, tuple[EdgeState, str]]:
    return {
        graph.by_id[edge.target].name: (edge.state, str(edge.cause or ""))
        for edge in graph.edges
        if edge.relation == "endpoint"
    }


def test_every_pod_that_may_get_requests_has_a_number_and_the_unready_one_has_none(unready: Snapshot) -> None:
    assert counts(flow(unready, traffic(READY[0], READY[0], READY[1]))) == {READY[0]: 2, READY[1]: 1}


def test_a_client_stands_in_front_with_all_that_was_sent(unready: Snapshot) -> None:
    graph = flow(unready, traffic(*READY))
    (entrance,) = graph.outgoing[CLIENT]
    assert entrance.load is not None
    assert (graph.by_id[entrance.target].name, entrance.load.count) == ("shop", 2)


def test_a_ready_pod_that_got_none_while_others_answered_is_not_broken(unready: Snapshot) -> None:
    assert ends(flow(unready, traffic(READY[0])))[READY[1]] == (EdgeState.SOLID, "")


def test_refusals_with_ready_pods_come_from_the_pods_port(unready: Snapshot) -> None:
    found = ends(flow(unready, traffic(Failure.REFUSED)))
    assert found[READY[0]] == (EdgeState.BROKEN, "connection refused on port 9898")
    assert found[UNREADY] == (EdgeState.BROKEN, "readiness probe 503")


def test_where_some_answer_only_the_silent_ones_are_blamed(unready: Snapshot) -> None:
    found = ends(flow(unready, traffic(READY[0], Failure.REFUSED)))
    assert found[READY[0]] == (EdgeState.SOLID, "")
    assert found[READY[1]] == (EdgeState.BROKEN, "connection refused on port 9898")


@pytest.mark.parametrize(
    ("requests", "cause"),
    [
        (traffic(Failure.REFUSED, focus="service/lonely"), "refused: no Pod to send it to"),
        (traffic(Failure.TIMED_OUT, port=81), "Service shop has no port 81"),
        (traffic(Failure.NO_SUCH_NAME), "no such name"),
    ],
)
def test_the_line_is_cut_at_the_service_where_no_pod_was_chosen(
    unready: Snapshot, requests: Traffic, cause: str
) -> None:
    (entrance,) = flow(unready, requests).outgoing[CLIENT]
    assert (entrance.state, str(entrance.cause)) == (EdgeState.BROKEN, cause)


def test_seven_pods_keep_their_bars(seven: Snapshot) -> None:
    assert len(counts(flow(seven, traffic("shop-758964bfdc-d77pv")))) == 7


def test_the_pods_that_send_are_no_part_of_a_picture(unready: Snapshot) -> None:
    from k8s_tutor.graph.build import build  # noqa: PLC0415

    sender = {
        "kind": "Pod",
        "metadata": {"name": "k8s-tutor-client", "namespace": "demo", "uid": "u", "labels": {SENDER: "true"}},
    }
    graph = build(Snapshot([*unready.objects, sender], namespace="demo"))
    assert "k8s-tutor-client" not in [node.name for node in graph.nodes]
