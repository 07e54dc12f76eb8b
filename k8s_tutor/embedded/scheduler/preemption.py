"""Preemption: may pods of lower priority leave so that this one fits?

See kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption. PodDisruptionBudgets are not considered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.scheduler.attempt import Attempt
from k8s_tutor.embedded.scheduler.cluster import NodeState
from k8s_tutor.embedded.scheduler.decision import Refusal, unavailable
from k8s_tutor.embedded.scheduler.filters import first_refusal
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["Preemption", "preempt", "priority"]

NOT_HELPFUL = "Preemption is not helpful for scheduling"
NO_VICTIMS = "No preemption victims found for incoming pod"


@dataclass(frozen=True, slots=True)
class Preemption:
    """What preemption can do.

    Attributes:
        node: Where pods shall leave, `""` for nowhere.
        victims: Those pods.
        message: What it can do, or why it cannot help: added to the event.
    """

    node: str = ""
    victims: tuple[Obj, ...] = ()
    message: str = ""


def priority(pod: Obj) -> int:
    """`spec.priority`."""
    return int(pod["spec"].get("priority") or 0)


def preempt(attempt: Attempt, refusals: Mapping[str, Refusal]) -> Preemption:
    """Finds the node where the fewest and least important pods would have to go."""
    pod = attempt.pod
    if pod["spec"].get("preemptionPolicy") == "Never":
        return Preemption(message="preemption: not eligible due to preemptionPolicy=Never.")
    nodes = attempt.cluster.nodes
    if _waits_for_victims(attempt):
        return Preemption(message="preemption: not eligible due to a terminating pod on the nominated node.")
    reasons: list[str] = []
    found: list[tuple[NodeState, list[Obj]]] = []
    for state in nodes:
        refusal = refusals[state.name]
        if refusal.final:
            reasons.append(NOT_HELPFUL)
            continue
        victims, why = _victims(attempt, state)
        if victims:
            found.append((state, victims))
        else:
            reasons += why
    if not found:
        return Preemption(message=f"preemption: {unavailable(len(nodes), reasons)}")
    state, victims = min(found, key=lambda row: (*_cost(row[1]), row[0].name))
    placement = f"found a potential placement for pod on node {state.name}, preempting {len(victims)} victims"
    return Preemption(state.name, tuple(victims), f"preemption: {placement}")


def _victims(attempt: Attempt, state: NodeState) -> tuple[list[Obj], tuple[str, ...]]:
    """Who would have to go, most important first; or why even that would not help."""
    lower = [pod for pod in state.pods.values() if priority(pod) < priority(attempt.pod)]
    if not lower:
        return [], (NO_VICTIMS,)
    gone = {metadata.uid(pod): pod for pod in lower}
    refusal = _refusal_without(attempt, state, gone)
    if refusal is not None:
        return [], refusal.reasons
    for pod in sorted(lower, key=lambda pod: (-priority(pod), _started(pod))):
        spared = {uid: other for uid, other in gone.items() if uid != metadata.uid(pod)}
        if _refusal_without(attempt, state, spared) is None:
            gone = spared
    return sorted(gone.values(), key=lambda pod: (-priority(pod), _started(pod))), ()


def _refusal_without(attempt: Attempt, state: NodeState, gone: Mapping[str, Obj]) -> Refusal | None:
    after = state.without(gone)
    cluster = attempt.cluster.replaced(after)
    return first_refusal(Attempt(attempt.pod, cluster, attempt.kin, attempt.volumes), after)


def _cost(victims: list[Obj]) -> tuple[int, int, int, float]:
    """Least important first: the greatest priority among them, all of them, how many; then who started last."""
    greatest = max(map(priority, victims))
    first = min((_started(pod) for pod in victims if priority(pod) == greatest), default="")
    return greatest, sum(map(priority, victims)), len(victims), -from_rfc3339(first) if first else 0.0


def _started(pod: Obj) -> str:
    return str((pod.get("status") or {}).get("startTime", ""))


def _waits_for_victims(attempt: Attempt) -> bool:
    nominated = (attempt.pod.get("status") or {}).get("nominatedNodeName")
    return any(
        metadata.is_deleting(pod) and priority(pod) < priority(attempt.pod)
        for state in attempt.cluster.nodes
        if state.name == nominated
        for pod in state.pods.values()
    )
