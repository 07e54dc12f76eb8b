"""The way that requests took: the traffic graph with a client in front, and on every line how many went along it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from k8s_tutor.graph.build import build
from k8s_tutor.graph.endpoints import target_port
from k8s_tutor.graph.fold import folded
from k8s_tutor.graph.model import Edge, EdgeState, Graph, Load, Node
from k8s_tutor.language import Message, Wording, is_one_of, msg, msg_n, msg_template
from k8s_tutor.objects import metadata, services
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.observe.traffic import Failure, Traffic, Via

__all__ = ["CLIENT", "ENDS", "MOST_PODS", "flow", "requests", "why"]

CLIENT = "client"
"""Id of the card that stands for who sent the requests."""
MOST_PODS = 12
"""Pods of one owner up to which each keeps its own bar."""

_DOORS = {Via.LOAD_BALANCER: "LoadBalancer", Via.NODE_PORT: "NodePort"}
_LINES = ("endpoint", "no-endpoint")
_REFUSED = msg_template("connection refused on port {port}")
_TIMED_OUT = msg_template("no answer on port {port}")
_FAILED: Mapping[str, Message] = {
    Failure.REFUSED: msg("connection refused"),
    Failure.TIMED_OUT: msg("no answer in time"),
    Failure.NO_SUCH_NAME: msg("no such name"),
    Failure.BROKEN: msg("connection broken off"),
}
_STATUS = msg_template("status {code}")
ENDS = (_STATUS, *_FAILED.values())
"""How single requests end badly."""


def flow(snapshot: Snapshot, traffic: Traffic) -> Graph:
    """The graph of a Service (or Pod) and of what became of the requests sent to it.

    Args:
        snapshot: The objects, as they were when the requests had been sent.
        traffic: The requests.

    Returns:
        The graph. A ready Pod that got none while connections were refused has its line drawn broken: that is where
        they went, as a Service without ready Pods is refused before.
    """
    graph = build(snapshot, traffic.focus, "traffic", above=None)
    door = _door(graph, traffic)
    shown = _only_this_way(graph, traffic, door)
    counts = _counts(shown, traffic)
    most = max(counts.values(), default=0)
    edges = [_carried(edge, shown, counts, traffic, snapshot) for edge in shown.edges]
    served = {edge.target for edge in edges if edge.relation == "endpoint" and edge.load} or {door}
    cuts = {edge.target: edge.cause for edge in edges if edge.state is EdgeState.BROKEN}
    nodes = [
        replace(node, load=Load(counts[node.id], most)) if node.id in counts and node.id in served
        else _with_cause(node, cuts.get(node.id))
        for node in shown.nodes
    ]  # fmt: skip
    sent = len(traffic.answers)
    state, cause = _entrance(traffic, edges, snapshot)
    client = _with_cause(Node(CLIENT, "Client", "", title=requests(sent), facts=(_from(traffic),)), cause)
    first = Edge(CLIENT, door, "request", traffic.url, state, cause, load=Load(sent, sent))
    whole = Graph((client, *nodes), (first, *edges), traffic.focus, "traffic", shown.namespace)
    return folded(whole, MOST_PODS)


def _with_cause(node: Node, cause: Wording | None) -> Node:
    """The card of an end that nothing reached says why, unless its own state tells it."""
    if cause is None or node.health.cause is not None or cause in (node.health.word, node.title):
        return node
    return replace(node, facts=(cause,))


def _door(graph: Graph, traffic: Traffic) -> str:
    """The id of the card that requests reach first."""
    own = traffic.focus.partition("/")[0].capitalize()
    kind = _DOORS.get(traffic.via, own)
    doors = [node for node in graph.nodes if node.kind == kind] or [node for node in graph.nodes if node.kind == own]
    if traffic.via is Via.LOAD_BALANCER:
        doors = [node for node in doors if f"//{node.name}:" in traffic.url] or doors  # one of several addresses
    if traffic.via is Via.NODE_PORT:
        doors = [node for node in doors if node.name == str(traffic.port)] or doors
    return doors[0].id if doors else graph.nodes[0].id


def _only_this_way(graph: Graph, traffic: Traffic, door: str) -> Graph:
    """Without the doors that were not taken, and for a Pod without the Services that lead to it."""
    kinds = {"LoadBalancer", "NodePort", "Ingress"} | ({"Service"} if traffic.via is Via.POD else set())
    kept = {node.id for node in graph.nodes if node.id == door or node.kind not in kinds}
    return replace(
        graph,
        nodes=tuple(node for node in graph.nodes if node.id in kept),
        edges=tuple(edge for edge in graph.edges if edge.source in kept and edge.target in kept),
    )


def _counts(graph: Graph, traffic: Traffic) -> dict[str, int]:
    """How many requests each Pod answered, by node id; 0 for those that got none."""
    return {node.id: traffic.by_pod.get(node.name, 0) for node in graph.nodes if node.kind == "Pod" and node.name}


def _carried(edge: Edge, graph: Graph, counts: Mapping[str, int], traffic: Traffic, snapshot: Snapshot) -> Edge:
    sent = len(traffic.answers)
    if edge.relation not in _LINES:
        return replace(edge, load=Load(sent, sent))
    count = counts.get(edge.target, 0)
    if count:  # it answered, whatever has become of it since
        return replace(edge, load=Load(count, sent))
    if edge.state is not EdgeState.SOLID:
        return edge
    cause = _missed(graph.by_id[edge.source], traffic, snapshot)
    if cause is not None:
        return replace(edge, state=EdgeState.BROKEN, cause=cause)
    return replace(edge, load=Load(0, sent))


def _missed(service: Node, traffic: Traffic, snapshot: Snapshot) -> Wording | None:
    """Why a ready Pod got none, where requests failed on the way to it."""
    found = next((obj for obj in snapshot.of("Service") if metadata.uid(obj) == service.id), None)
    port = target_port(found, snapshot, traffic.port) if found is not None else 0
    if traffic.failures.get(Failure.REFUSED):
        return _REFUSED.fill(port=port) if port else None
    if traffic.failures.get(Failure.TIMED_OUT):
        return _TIMED_OUT.fill(port=port) if port else None
    return None


def _entrance(traffic: Traffic, edges: list[Edge], snapshot: Snapshot) -> tuple[EdgeState, Wording | None]:
    """How the line from the client looks: broken where requests failed before any Pod was chosen."""
    if traffic.answered or any(edge.state is EdgeState.BROKEN and _blames(edge) for edge in edges):
        return EdgeState.SOLID, None
    if not traffic.failures:
        return EdgeState.SOLID, None
    failure = next(iter(traffic.failures))
    kind, _, name = traffic.focus.partition("/")
    service = snapshot.find("Service", name) if kind == "service" else None
    if service is not None and traffic.port not in _ports(service):
        return EdgeState.BROKEN, msg("Service {name} has no port {port}", name=name, port=traffic.port)
    behind = [edge for edge in edges if edge.relation in _LINES]
    if failure == Failure.REFUSED and behind and not any(edge.state is EdgeState.SOLID for edge in behind):
        return EdgeState.BROKEN, msg("refused: no Pod to send it to")
    return EdgeState.BROKEN, why(failure)


def _ports(service: Obj) -> set[int]:
    """What can be dialled at a Service; with a headless one that is a port of its Pods."""
    spec = service.get("spec") or {}
    rows = spec.get("ports") or ()
    fields = ("port", "nodePort", "targetPort") if services.is_headless(service) else ("port", "nodePort")
    return {row[field] for row in rows for field in fields if isinstance(row.get(field), int)}


def _blames(edge: Edge) -> bool:
    return is_one_of(edge.cause, _REFUSED, _TIMED_OUT)


def why(failure: str) -> Message:
    """A kind of failure (a key of `Traffic.failures`) in words."""
    if failure.isdigit():
        return _STATUS.fill(code=int(failure))
    return _FAILED[failure]


def requests(count: int) -> Message:
    """So many requests."""
    return msg_n("{n} request", "{n} requests", n=count)


def _from(traffic: Traffic) -> Message:
    if traffic.outside:
        return msg("from this computer")
    return msg_n("from a Pod of the cluster", "from {n} Pods of the cluster", n=traffic.clients)
