"""What is asked of each node: filters say why a pod cannot run there, scores what speaks for it rather than others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from k8s_tutor.api.runs import NodeVerdict, Refusal, Score
from k8s_tutor.embedded.scheduler.attempt import Attempt
from k8s_tutor.embedded.scheduler.cluster import NodeState, priority
from k8s_tutor.objects import metadata, nodeselectors, quantity
from k8s_tutor.objects.pods import host_ports_clash
from k8s_tutor.objects.types import Obj
from k8s_tutor.objects.volumes import used_claims

__all__ = ["FILTERS", "SCORERS", "WOKEN_BY", "EventKind", "first_refusal", "score"]

Filter: TypeAlias = Callable[[Attempt, NodeState], Refusal | None]
EventKind: TypeAlias = str
"""What happens in a cluster: `node` (came or changed), `pod-placed`, `pod-gone`, `volume` (one, a claim, a class)."""


def unschedulable(attempt: Attempt, state: NodeState) -> Refusal | None:
    """The node is cordoned."""
    if not (state.object.get("spec") or {}).get("unschedulable"):
        return None
    cordon = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    if not nodeselectors.untolerated(attempt.pod, [cordon]):
        return None
    return Refusal("NodeUnschedulable", ("node(s) were unschedulable",), final=True)


def named(attempt: Attempt, state: NodeState) -> Refusal | None:
    """The pod names another node."""
    if attempt.pod["spec"].get("nodeName", state.name) == state.name:
        return None
    return Refusal("NodeName", ("node(s) didn't match the requested node name",), final=True)


def tainted(attempt: Attempt, state: NodeState) -> Refusal | None:
    """The node has a taint that the pod does not tolerate."""
    if not nodeselectors.untolerated(attempt.pod, nodeselectors.taints_of(state.object, ("NoSchedule", "NoExecute"))):
        return None
    return Refusal("TaintToleration", ("node(s) had untolerated taint(s)",), final=True)


def affine(attempt: Attempt, state: NodeState) -> Refusal | None:
    """The node lacks what the pod's node selector or affinity asks for."""
    if nodeselectors.matches_required(attempt.pod, state.object):
        return None
    return Refusal("NodeAffinity", ("node(s) didn't match Pod's node affinity/selector",), final=True)


def ports(attempt: Attempt, state: NodeState) -> Refusal | None:
    """Another pod holds a host port."""
    if not host_ports_clash(attempt.pod, state.pods.values()):
        return None
    return Refusal("NodePorts", ("node(s) didn't have free ports for the requested pod ports",))


def fits(attempt: Attempt, state: NodeState) -> Refusal | None:
    """The node has not enough left; `final` when it would not be enough even empty."""
    reasons: list[str] = []
    final = False
    if len(state.pods) + 1 > state.allocatable.get("pods", 0):
        reasons.append("Too many pods")
    for name, amount in attempt.requests.items():
        have = state.allocatable.get(name, 0)
        if amount > 0 and amount > have - state.requested.get(name, 0):
            reasons.append(f"Insufficient {name}")
            final = final or amount > have
    return Refusal("NodeResourcesFit", tuple(reasons), final=final) if reasons else None


def exclusive(attempt: Attempt, state: NodeState) -> Refusal | None:
    """Another pod, on whatever node, has a claim that only one pod may use at a time."""
    alone = attempt.volumes.alone if attempt.volumes else []
    if not alone:
        return None
    own = metadata.namespace(attempt.pod)
    others = [pod for _, pod in attempt.cluster.pods() if metadata.namespace(pod) == own]
    if not any(name in used_claims(pod).values() for pod in others for name in alone):
        return None
    words = (
        "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by "
        "another pod"
    )
    return Refusal("VolumeRestrictions", (words,))


def reached(attempt: Attempt, state: NodeState) -> Refusal | None:
    """The pod's volumes cannot be had on this node."""
    reasons = attempt.volumes.refusals(state.object) if attempt.volumes else ()
    return Refusal("VolumeBinding", reasons, final=True) if reasons else None


def spreads(attempt: Attempt, state: NodeState) -> Refusal | None:
    """The pod's topology spread constraints."""
    if not attempt.hard_spread.rows:
        return None
    why = attempt.hard_spread.refusal(state)
    words = "node(s) didn't match pod topology spread constraints"
    if why == "label":
        return Refusal("PodTopologySpread", (f"{words} (missing required label)",), final=True)
    return Refusal("PodTopologySpread", (words,)) if why else None


def neighbourly(attempt: Attempt, state: NodeState) -> Refusal | None:
    """Affinity and anti-affinity between pods."""
    neighbours = attempt.neighbours
    if not neighbours.finds_friends(state):
        return Refusal("InterPodAffinity", ("node(s) didn't match pod affinity rules",), final=True)
    if not neighbours.avoids_others(state):
        return Refusal("InterPodAffinity", ("node(s) didn't match pod anti-affinity rules",))
    if not neighbours.is_welcome(state):
        return Refusal("InterPodAffinity", ("node(s) didn't satisfy existing pods anti-affinity rules",))
    return None


FILTERS: Mapping[str, Filter] = {
    "NodeUnschedulable": unschedulable,
    "NodeName": named,
    "TaintToleration": tainted,
    "NodeAffinity": affine,
    "NodePorts": ports,
    "NodeResourcesFit": fits,
    "VolumeRestrictions": exclusive,
    "VolumeBinding": reached,
    "PodTopologySpread": spreads,
    "InterPodAffinity": neighbourly,
}
"""In the order in which they are asked; the first refusal counts."""

WOKEN_BY: Mapping[str, tuple[EventKind, ...]] = {
    "NodeUnschedulable": ("node",),
    "NodeName": ("node",),
    "TaintToleration": ("node",),
    "NodeAffinity": ("node",),
    "NodePorts": ("node", "pod-gone"),
    "NodeResourcesFit": ("node", "pod-gone"),
    "PodTopologySpread": ("node", "pod-placed", "pod-gone"),
    "InterPodAffinity": ("node", "pod-placed", "pod-gone"),
    "VolumeRestrictions": ("volume", "pod-gone"),
    "VolumeBinding": ("volume", "node"),
}
"""What may change a filter's mind: only then is a pod that it refused looked at again."""


def first_refusal(attempt: Attempt, state: NodeState) -> Refusal | None:
    """The first filter's refusal, or None when the pod can run on this node.

    Pods of no lower priority that were nominated to the node count as if they ran there; but as they may never come,
    the pod has to fit without them, too (kube-scheduler, `RunFilterPluginsWithNominatedPods`).
    """
    own, rank = metadata.uid(attempt.pod), priority(attempt.pod)
    coming = [pod for pod in attempt.cluster.nominated(state) if metadata.uid(pod) != own and priority(pod) >= rank]
    if coming:
        then = state.including(coming)
        refusal = _refusal(replace(attempt, cluster=attempt.cluster.replaced(then)), then)
        if refusal is not None:
            return refusal
    return _refusal(attempt, state)


def _refusal(attempt: Attempt, state: NodeState) -> Refusal | None:
    for filter_ in FILTERS.values():
        refusal = filter_(attempt, state)
        if refusal is not None:
            return refusal
    return None


# ---- The scores: what speaks for one node rather than another, among those that passed every filter
#
# Names and weights are those of Kubernetes' default plugins; see kubernetes.io/docs/reference/scheduling/config.

Worth: TypeAlias = tuple[int, ...]
"""A node's value, 0 to 100; after it the shares that it was worked out from, where there are such."""
Scorer: TypeAlias = Callable[[Attempt, Sequence[NodeState]], Mapping[str, Worth]]

MEGABYTE = 1024 * 1024
SMALL_IMAGE, BIG_IMAGE = 23 * MEGABYTE, 1000 * MEGABYTE


def few_soft_taints(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, Worth]:
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
        state.name: len(
            nodeselectors.untolerated(tolerations, nodeselectors.taints_of(state.object, ("PreferNoSchedule",)))
        )
        for state in candidates
    }
    most = max(counts.values())
    return {name: (100 - 100 * count // most if most else 100,) for name, count in counts.items()}


def preferred_nodes(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, Worth]:
    """Preferred node affinity."""
    sums = {state.name: nodeselectors.preference(attempt.pod, state.object) for state in candidates}
    most = max(sums.values())
    return {name: (100 * total // most if most else 0,) for name, total in sums.items()}


def spread_out(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, Worth]:
    """Fewer pods of the same kind on the node and in its zone."""
    scores = attempt.soft_spread.scores(candidates) or {}
    return {state.name: (scores.get(state.name, 0),) for state in candidates}


def preferred_neighbours(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, Worth]:
    """Preferred affinity and anti-affinity between pods."""
    sums = {state.name: attempt.neighbours.score(state) for state in candidates}
    most, least = max(sums.values()), min(sums.values())
    return {name: (100 * (total - least) // (most - least) if most > least else 0,) for name, total in sums.items()}


def least_allocated(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, Worth]:
    """More CPU and memory left over."""

    def left(state: NodeState) -> Worth:
        after = quantity.add(state.scored, attempt.scored)
        shares = []
        for name in ("cpu", "memory"):
            have = state.allocatable.get(name, 0)
            if have:
                shares.append(max(have - after.get(name, 0), 0) * 100 // have)
        return (sum(shares) // len(shares) if shares else 0, *shares)

    return {state.name: left(state) for state in candidates}


def balanced(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, Worth]:
    """CPU and memory used to like degrees."""

    def evenness(state: NodeState) -> Worth:
        after = quantity.add(state.requested, attempt.requests)
        shares = []
        for name in ("cpu", "memory"):
            have = state.allocatable.get(name, 0)
            if have:
                shares.append(min(after.get(name, 0) / have, 1.0))
        deviation = abs(shares[0] - shares[1]) / 2 if len(shares) == 2 else 0.0
        return (int((1 - deviation) * 100), *(round(share * 100) for share in shares))

    if not any(attempt.requests.get(name) for name in ("cpu", "memory")):
        return {state.name: (0,) for state in candidates}
    return {state.name: evenness(state) for state in candidates}


def images_there(attempt: Attempt, candidates: Sequence[NodeState]) -> Mapping[str, Worth]:
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

    return {state.name: (value(state),) for state in candidates}


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
        for name, (value, *shares) in scorer(attempt, candidates).items():
            rows[name].append(Score(plugin, value, weight, tuple(shares)))
    return [NodeVerdict(name, scores=tuple(scores)) for name, scores in rows.items()]


def _image_sizes(node: Obj) -> dict[str, int]:
    rows = (node.get("status") or {}).get("images") or ()
    return {name: int(row.get("sizeBytes", 0)) for row in rows for name in row.get("names") or ()}


def _tagged(image: str) -> str:
    return image if ":" in image.rpartition("/")[2] else f"{image}:latest"
