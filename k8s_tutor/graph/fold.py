"""Making big graphs small: many healthy pods of one owner become one card. Trouble is never hidden."""

from __future__ import annotations

from dataclasses import replace

from k8s_tutor.graph.model import Edge, EdgeState, Graph, Health, Load, Node, State, phrase

__all__ = ["ABOVE", "folded"]

ABOVE = 5
"""Pods of one owner up to which each keeps its own card."""

_CALM = (State.GOOD, State.DONE)


def folded(graph: Graph, above: int = ABOVE) -> Graph:
    """The graph with the calm pods of each owner that has more than `above` pods as one card `stack:<owner>`.

    Pods that wait, are not ready, fail or leave keep their cards.
    """
    into: dict[str, str] = {}
    for owner, pods in _families(graph).items():
        calm = [pod for pod in pods if pod.health.state in _CALM and not pod.parts]
        if len(pods) > above and len(calm) > 1:
            into |= {pod.id: f"stack:{owner}" for pod in calm}
    if not into:
        return graph
    nodes: dict[str, Node] = {}
    for node in graph.nodes:
        stack = into.get(node.id)
        if stack is None:
            nodes[node.id] = node
        elif stack not in nodes:
            nodes[stack] = _stack(stack, [graph.by_id[pod] for pod, target in into.items() if target == stack])
    return replace(graph, nodes=tuple(nodes.values()), edges=_rewired(graph.edges, into, nodes))


def _families(graph: Graph) -> dict[str, list[Node]]:
    families: dict[str, list[Node]] = {}
    for node in graph.nodes:
        if node.kind == "Pod" and node.owner:
            families.setdefault(node.owner, []).append(node)
    return families


def _stack(key: str, pods: list[Node]) -> Node:
    good = sum(pod.health.state is State.GOOD for pod in pods)
    done = len(pods) - good
    counts = [phrase("n-ready", good)] if good else []
    counts += [phrase("n-done", done)] if done else []
    health = Health(State.GOOD if good else State.DONE, counts[0])
    first = pods[0]
    return Node(
        key, "Pod", "", health, title=phrase("n-pods", len(pods)), facts=(phrase("folded"),), count=len(pods),
        namespace=first.namespace, owner=first.owner, load=_sum([pod.load for pod in pods]),
    )  # fmt: skip


def _sum(loads: list[Load | None]) -> Load | None:
    known = [load for load in loads if load is not None]
    count = sum(load.count for load in known)
    return Load(count, max(count, *(load.most for load in known))) if known else None


def _rewired(edges: tuple[Edge, ...], into: dict[str, str], nodes: dict[str, Node]) -> tuple[Edge, ...]:
    single: list[Edge] = []
    bundles: dict[str, list[Edge]] = {}
    for edge in edges:
        moved = replace(edge, source=into.get(edge.source, edge.source), target=into.get(edge.target, edge.target))
        if moved == edge:
            single.append(edge)
        else:
            bundles.setdefault(moved.id, []).append(moved)
    return (*single, *(_bundle(bundle, nodes) for bundle in bundles.values()))


def _bundle(edges: list[Edge], nodes: dict[str, Node]) -> Edge:
    solid = all(edge.state is EdgeState.SOLID for edge in edges)
    state = EdgeState.SOLID if solid else EdgeState.WAITING
    every = len(edges) in (nodes[edges[0].source].count, nodes[edges[0].target].count)
    label = None if every else phrase("times", len(edges))
    return replace(edges[0], state=state, cause=None, label=label, load=_sum([edge.load for edge in edges]))
