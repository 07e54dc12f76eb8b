"""Spreading pods over nodes and zones.

See kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from k8s_tutor.embedded.scheduler.cluster import ClusterState, NodeState
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects import metadata, nodeselectors, selectors
from k8s_tutor.objects.selectors import Requirement, Selector
from k8s_tutor.objects.types import Obj

__all__ = ["HOSTNAME", "ZONE", "Constraint", "Spread", "constraints", "default_constraints", "selector"]

HOSTNAME, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"


@dataclass(frozen=True, slots=True)
class Constraint:
    """How evenly pods that `selector` matches shall lie over the values of a node label."""

    topology: str
    max_skew: int
    hard: bool
    selector: Selector
    min_domains: int = 1
    honour_affinity: bool = True
    honour_taints: bool = False


def constraints(pod: Obj) -> list[Constraint]:
    """The pod's own constraints."""
    return [_constraint(pod, row) for row in pod["spec"].get("topologySpreadConstraints") or ()]


def default_constraints(selector: Selector) -> list[Constraint]:
    """What applies to pods of a Service or ReplicaSet that say nothing: gently over nodes and zones."""
    return [Constraint(HOSTNAME, 3, hard=False, selector=selector), Constraint(ZONE, 5, hard=False, selector=selector)]


def _constraint(pod: Obj, row: Obj) -> Constraint:
    labels = metadata.labels(pod)
    selector = row.get("labelSelector")
    same = {key: labels[key] for key in row.get("matchLabelKeys") or () if key in labels}
    if selector is not None and same:
        selector = {**selector, "matchLabels": {**(selector.get("matchLabels") or {}), **same}}
    return Constraint(
        row["topologyKey"],
        int(row["maxSkew"]),
        hard=row["whenUnsatisfiable"] == "DoNotSchedule",
        selector=selectors.of(selector),
        min_domains=int(row.get("minDomains") or 1),
        honour_affinity=row.get("nodeAffinityPolicy", "Honor") == "Honor",
        honour_taints=row.get("nodeTaintsPolicy", "Ignore") == "Honor",
    )


@dataclass
class Spread:
    """Constraints with the pods counted."""

    pod: Obj
    cluster: ClusterState
    rows: Sequence[Constraint]
    system_default: bool = False

    def __post_init__(self) -> None:
        self._counts = [self._count(row) for row in self.rows]

    def refusal(self, state: NodeState) -> str:
        """`""` where the pod may go; else which of Kubernetes' two reasons holds: `label` or `skew`."""
        labels = metadata.labels(state.object)
        for row, counts in zip(self.rows, self._counts, strict=True):
            if row.topology not in labels:
                return "label"
            least = min(counts.values(), default=0) if len(counts) >= row.min_domains else 0
            itself = 1 if row.selector.matches(metadata.labels(self.pod)) else 0
            if counts.get(labels[row.topology], 0) + itself - least > row.max_skew:
                return "skew"
        return ""

    def scores(self, candidates: Sequence[NodeState]) -> Mapping[str, int] | None:
        """0 to 100 for each candidate, the emptier the better; None where there is nothing to compare."""
        if not self.rows:
            return None
        result = {state.name: 0 for state in candidates}
        raw = {state.name: self._crowd(state, candidates) for state in candidates if self._has_labels(state)}
        most, least = max(raw.values(), default=0), min(raw.values(), default=0)
        return result | {name: 100 * (most + least - crowd) // most if most else 100 for name, crowd in raw.items()}

    def _has_labels(self, state: NodeState) -> bool:
        """Whether the node has every label the pod's constraints name; for the defaults, any node will do."""
        labels = metadata.labels(state.object)
        return self.system_default or all(row.topology in labels for row in self.rows)

    def _crowd(self, state: NodeState, candidates: Sequence[NodeState]) -> int:
        total = 0.0
        labels = metadata.labels(state.object)
        for row, counts in zip(self.rows, self._counts, strict=True):
            if row.topology not in labels:
                continue
            values = {metadata.labels(other.object).get(row.topology) for other in candidates} - {None}
            size = len(candidates) if row.topology == HOSTNAME else len(values)
            total += counts.get(labels[row.topology], 0) * math.log(size + 2) + row.max_skew - 1
        return math.floor(total + 0.5)

    def _count(self, row: Constraint) -> dict[str, int]:
        counts: dict[str, int] = {}
        for state in self.cluster.nodes:
            value = metadata.labels(state.object).get(row.topology)
            if value is None or not self._has_labels(state) or not self._counts_node(row, state.object):
                continue
            matching = sum(1 for pod in state.pods.values() if self._counts_pod(row, pod))
            counts[value] = counts.get(value, 0) + matching
        return counts

    def _counts_node(self, row: Constraint, node: Obj) -> bool:
        if row.honour_affinity and not nodeselectors.matches_required(self.pod, node):
            return False
        blocking = nodeselectors.taints_of(node, ("NoSchedule", "NoExecute"))
        return not (row.honour_taints and nodeselectors.untolerated(self.pod, blocking))

    def _counts_pod(self, row: Constraint, pod: Obj) -> bool:
        if metadata.is_deleting(pod) or metadata.namespace(pod) != metadata.namespace(self.pod):
            return False
        return row.selector.matches(metadata.labels(pod))


# ---- Which pods belong together: those of the Services that select a pod, and of the controller that made it

CONTROLLERS = {
    "ReplicaSet": "replicasets.apps",
    "StatefulSet": "statefulsets.apps",
    "ReplicationController": "replicationcontrollers",
}


def selector(pod: Obj, store: Store) -> Selector | None:
    """What selects the pod's kin; None for a pod that stands alone."""
    namespace = metadata.namespace(pod)
    rows: list[Requirement] = []
    for service in store.list("services", namespace):
        labels = service["spec"].get("selector")
        if labels and (found := selectors.from_labels(labels)).matches(metadata.labels(pod)):
            rows += found.requirements
    owner = metadata.controller_of(pod)
    resource = CONTROLLERS.get(owner["kind"]) if owner else None
    if owner and resource:
        controller = store.get(resource, namespace, owner["name"])
        if controller is not None:
            rows += _selector_of(controller).requirements
    return Selector(tuple(dict.fromkeys(rows))) if rows else None


def _selector_of(controller: Obj) -> Selector:
    wanted = controller["spec"].get("selector")
    if controller["kind"] == "ReplicationController":
        return selectors.from_labels(wanted)
    return selectors.of(wanted)
