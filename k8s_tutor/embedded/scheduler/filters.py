"""The filters: each looks at one node and says why the pod cannot run there, or nothing.

Names, order and words are those of Kubernetes' scheduler plugins; see kubernetes.io/docs/reference/scheduling/config.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from k8s_tutor.embedded.scheduler.attempt import Attempt
from k8s_tutor.embedded.scheduler.cluster import NodeState
from k8s_tutor.embedded.scheduler.decision import Refusal
from k8s_tutor.objects import metadata, nodeaffinity, taints
from k8s_tutor.objects.types import Obj
from k8s_tutor.objects.volumes import used_claims

__all__ = ["FILTERS", "WOKEN_BY", "EventKind", "first_refusal"]

Filter: TypeAlias = Callable[[Attempt, NodeState], Refusal | None]
EventKind: TypeAlias = str
"""What happens in a cluster: `node` (came or changed), `pod-placed`, `pod-gone`, `volume` (one, a claim, a class)."""


def unschedulable(attempt: Attempt, state: NodeState) -> Refusal | None:
    """The node is cordoned."""
    if not (state.object.get("spec") or {}).get("unschedulable"):
        return None
    cordon = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    if not taints.untolerated(attempt.pod, [cordon]):
        return None
    return Refusal("NodeUnschedulable", ("node(s) were unschedulable",), final=True)


def named(attempt: Attempt, state: NodeState) -> Refusal | None:
    """The pod names another node."""
    if attempt.pod["spec"].get("nodeName", state.name) == state.name:
        return None
    return Refusal("NodeName", ("node(s) didn't match the requested node name",), final=True)


def tainted(attempt: Attempt, state: NodeState) -> Refusal | None:
    """The node has a taint that the pod does not tolerate."""
    if not taints.untolerated(attempt.pod, taints.taints_of(state.object, ("NoSchedule", "NoExecute"))):
        return None
    return Refusal("TaintToleration", ("node(s) had untolerated taint(s)",), final=True)


def affine(attempt: Attempt, state: NodeState) -> Refusal | None:
    """The node lacks what the pod's node selector or affinity asks for."""
    if nodeaffinity.matches_required(attempt.pod, state.object):
        return None
    return Refusal("NodeAffinity", ("node(s) didn't match Pod's node affinity/selector",), final=True)


def ports(attempt: Attempt, state: NodeState) -> Refusal | None:
    """Another pod holds a host port."""
    wanted = list(_host_ports(attempt.pod))
    if not wanted:
        return None
    taken = [row for pod in state.pods.values() for row in _host_ports(pod)]
    if not any(_clash(one, two) for one in wanted for two in taken):
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
    """The first filter's refusal, or None when the pod can run on this node."""
    for filter_ in FILTERS.values():
        refusal = filter_(attempt, state)
        if refusal is not None:
            return refusal
    return None


def _host_ports(pod: Obj) -> Iterable[tuple[str, int, str]]:
    for container in pod["spec"]["containers"]:
        for port in container.get("ports") or ():
            if port.get("hostPort"):
                yield port.get("protocol", "TCP"), int(port["hostPort"]), port.get("hostIP") or "0.0.0.0"


def _clash(one: tuple[str, int, str], two: tuple[str, int, str]) -> bool:
    everywhere = "0.0.0.0"
    return one[:2] == two[:2] and (one[2] == two[2] or everywhere in (one[2], two[2]))
