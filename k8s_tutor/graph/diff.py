"""What differs between two graphs, as something to say: "Pod web-1 deleted", "Pod web-2: Pending → Running"."""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.graph.model import Edge, Graph, Node

__all__ = ["Difference", "difference"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What it takes to get from one graph to the next.

    Attributes:
        added: Cards of the new graph that the old one lacks.
        removed: Cards of the old graph that the new one lacks.
        changed: Pairs (before, after) of cards that are not the same any more.
        edges_added: Lines of the new graph that the old one lacks.
        edges_removed: Lines of the old graph that the new one lacks.
        edges_changed: Pairs (before, after) of lines that are not the same any more.
    """

    added: tuple[Node, ...] = ()
    removed: tuple[Node, ...] = ()
    changed: tuple[tuple[Node, Node], ...] = ()
    edges_added: tuple[Edge, ...] = ()
    edges_removed: tuple[Edge, ...] = ()
    edges_changed: tuple[tuple[Edge, Edge], ...] = ()

    def __bool__(self) -> bool:
        return any((self.added, self.removed, self.changed, self.edges_added, self.edges_removed, self.edges_changed))


def difference(before: Graph, after: Graph) -> Difference:
    """The difference of two graphs; empty (false) when they are the same."""
    old_nodes, new_nodes = before.by_id, after.by_id
    old_edges = {edge.id: edge for edge in before.edges}
    new_edges = {edge.id: edge for edge in after.edges}
    return Difference(
        added=tuple(node for node in after.nodes if node.id not in old_nodes),
        removed=tuple(node for node in before.nodes if node.id not in new_nodes),
        changed=tuple(
            (old_nodes[node.id], node) for node in after.nodes if node.id in old_nodes and old_nodes[node.id] != node
        ),
        edges_added=tuple(edge for edge in after.edges if edge.id not in old_edges),
        edges_removed=tuple(edge for edge in before.edges if edge.id not in new_edges),
        edges_changed=tuple(
            (old_edges[edge.id], edge) for edge in after.edges if edge.id in old_edges and old_edges[edge.id] != edge
        ),
    )
