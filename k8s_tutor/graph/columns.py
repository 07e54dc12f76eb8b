"""Which column a card stands in: by its kind, and always left of what it owns, routes to or runs on."""

from __future__ import annotations

from collections.abc import Mapping

from k8s_tutor.graph.model import Graph

__all__ = ["columns_of"]

_BY_KIND: Mapping[str, int] = {
    "LoadBalancer": -2,
    "NodePort": -2,
    "Ingress": -2,
    "Client": -2,
    "Service": -1,
    "EndpointSlice": -1,
    "CronJob": -2,
    "Deployment": -2,
    "ReplicaSet": -1,
    "StatefulSet": -1,
    "DaemonSet": -1,
    "Job": -1,
    "ReplicationController": -1,
    "Pod": 0,
    "Address": 0,
    "Node": 1,
    "ConfigMap": 1,
    "Secret": 1,
    "PersistentVolumeClaim": 1,
    "PersistentVolume": 2,
}
_OTHERS = -1  # a custom resource: next to pods until it turns out to own something that owns them


def columns_of(graph: Graph, before: Mapping[str, int]) -> dict[str, int]:
    """The column of every node.

    Args:
        graph: The graph.
        before: Columns in the picture on show; they are kept as long as every line still runs from left to right.
    """
    columns = {node.id: before.get(node.id, _BY_KIND.get(node.kind, _OTHERS)) for node in graph.nodes}
    for _round in graph.nodes:  # as many rounds as the longest chain at most; a circle of owners ends with them
        moved = False
        for edge in graph.edges:
            limit = columns[edge.target] - 1
            if columns[edge.source] > limit:
                columns[edge.source], moved = limit, True
        if not moved:
            break
    return columns
