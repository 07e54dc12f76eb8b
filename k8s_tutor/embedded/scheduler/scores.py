"""The scores: what speaks for one node rather than another, among those that passed every filter.

Names and weights are those of Kubernetes' default plugins; see kubernetes.io/docs/reference/scheduling/config.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from k8s_tutor.embedded.scheduler import resources
from k8s_tutor.embedded.scheduler.attempt import Attempt
from k8s_tutor.embedded.scheduler.cluster import NodeState
from k8s_tutor.embedded.scheduler.decision import NodeVerdict, Score
from k8s_tutor.objects import nodeaffinity, taints
from k8s_tutor.objects.types import Obj

__all__ = ["SCORERS", "score"]

Scorer: TypeAlias = Callable[[Attempt, Sequence[NodeState]], Mapping[str, int]]

MEGABYTE = 1024 * 1024
SMALL_IMAGE, BIG_IMAGE = 23 * MEGABYTE, 1000 * MEGABYTE


def few_soft_taints(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, int]:
    """Fewer untolerated taints of effect PreferNoSchedule."""
    tolerations = {
        "spec": {
            "tolerations": [
                row
                for row in attempt.pod["spec"].get("tolerations") or ()
                if row.get("effect", "") in ("", "PreferNoSchedule")
            ]
        }
    }
    counts = {
        state.name: len(taints.untolerated(tolerations, taints.taints_of(state.object, ("PreferNoSchedule",))))
        for state in candidates
    }
    most = max(counts.values())
    return {name: 100 - 100 * count // most if most else 100 for name, count in counts.items()}


def preferred_nodes(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, int]:
    """Preferred node affinity."""
    sums = {state.name: nodeaffinity.preference(attempt.pod, state.object) for state in candidates}
    most = max(sums.values())
    return {name: 100 * total // most if most else 0 for name, total in sums.items()}


def spread_out(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, int]:
    """Fewer pods of the same kind on the node and in its zone."""
    return attempt.soft_spread.scores(candidates) or dict.fromkeys((state.name for state in candidates), 0)


def preferred_neighbours(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, int]:
    """Preferred affinity and anti-affinity between pods."""
    sums = {state.name: attempt.neighbours.score(state) for state in candidates}
    most, least = max(sums.values()), min(sums.values())
    return {name: 100 * (total - least) // (most - least) if most > least else 0 for name, total in sums.items()}


def least_allocated(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, int]:
    """More CPU and memory left over."""

    def left(state: NodeState) -> int:
        after = resources.add(state.scored, attempt.scored)
        shares = []
        for name in ("cpu", "memory"):
            have = state.allocatable.get(name, 0)
            if have:
                shares.append(max(have - after.get(name, 0), 0) * 100 // have)
        return sum(shares) // len(shares) if shares else 0

    return {state.name: left(state) for state in candidates}


def balanced(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, int]:
    """CPU and memory used to like degrees."""

    def evenness(state: NodeState) -> int:
        after = resources.add(state.requested, attempt.requests)
        shares = []
        for name in ("cpu", "memory"):
            have = state.allocatable.get(name, 0)
            if have:
                shares.append(min(after.get(name, 0) / have, 1.0))
        deviation = abs(shares[0] - shares[1]) / 2 if len(shares) == 2 else 0.0
        return int((1 - deviation) * 100)

    if not any(attempt.requests.get(name) for name in ("cpu", "memory")):
        return dict.fromkeys((state.name for state in candidates), 0)
    return {state.name: evenness(state) for state in candidates}


def images_there(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, int]:
    """Images already on the node, the bigger the better, less so where few nodes have them."""
    spec = attempt.pod["spec"]
    images = [_tagged(row["image"]) for row in (*(spec.get("initContainers") or ()), *spec["containers"])]
    nodes = attempt.cluster.nodes
    sizes = {state.name: _image_sizes(state.object) for state in nodes}
    biggest = BIG_IMAGE * len(spec["containers"])

    def value(state: NodeState) -> int:
        total = 0
        for image in images:
            size = sizes[state.name].get(image, 0)
            holders = sum(1 for name in sizes if image in sizes[name])
            total += size * holders // len(nodes)
        return 100 * (min(max(total, SMALL_IMAGE), biggest) - SMALL_IMAGE) // (biggest - SMALL_IMAGE)

    return {state.name: value(state) for state in candidates}


SCORERS: Mapping[str, tuple[Scorer, int]] = {
    "TaintToleration": (few_soft_taints, 3),
    "NodeAffinity": (preferred_nodes, 2),
    "PodTopologySpread": (spread_out, 2),
    "InterPodAffinity": (preferred_neighbours, 2),
    "NodeResourcesFit": (least_allocated, 1),
    "NodeResourcesBalancedAllocation": (balanced, 1),
    "ImageLocality": (images_there, 1),
}
"""Each with its weight."""


def score(attempt: Attempt, candidates: Sequence[NodeState]) -> list[NodeVerdict]:
    """Every candidate with all its scores, in the order given."""
    rows: dict[str, list[Score]] = {state.name: [] for state in candidates}
    for plugin, (scorer, weight) in SCORERS.items():
        for name, value in scorer(attempt, candidates).items():
            rows[name].append(Score(plugin, value, weight))
    return [NodeVerdict(name, scores=tuple(scores)) for name, scores in rows.items()]


def _image_sizes(node: Obj) -> dict[str, int]:
    rows = (node.get("status") or {}).get("images") or ()
    return {name: int(row.get("sizeBytes", 0)) for row in rows for name in row.get("names") or ()}


def _tagged(image: str) -> str:
    return image if ":" in image.rpartition("/")[2] else f"{image}:latest"
