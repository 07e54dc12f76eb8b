"""PodDisruptionBudget: says how many pods may be evicted now.

Source: pkg/controller/disruption of k8s.io/kubernetes 1.37.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import ClassVar

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.actions import Action, EmitEvent, Requeue, UpdateStatus
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.conditions import set_condition
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.selectors import disruption_allowed, selects
from k8s_tutor.objects.types import Json, Obj, OwnerReference

__all__ = ["DisruptionController"]

BUDGETS = "poddisruptionbudgets.policy"
PATIENCE = 120.0
"""Seconds an evicted pod may stay before its disruption is forgotten."""
_SCALED = {
    "ReplicaSet": "replicasets.apps",
    "StatefulSet": "statefulsets.apps",
    "ReplicationController": "replicationcontrollers",
    "Deployment": "deployments.apps",
}


class DisruptionController:
    """Keeps the budgets' statuses right."""

    name: ClassVar[str] = "disruption-controller"
    watches: ClassVar[tuple[str, ...]] = (BUDGETS, "pods", *_SCALED.values())

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The budget; of a pod, those that select it; of what owns pods, all of its namespace."""
        if change.resource == BUDGETS:
            return own_key(change)
        budgets = view.list(BUDGETS, metadata.namespace(change.obj))
        if change.resource == "pods":
            versions = [obj for obj in (change.obj, change.previous) if obj is not None]
            return [metadata.key(row) for row in budgets if any(selects(row, obj) for obj in versions)]
        return [metadata.key(budget) for budget in budgets]

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Counts the pods, and works out how many of them may go."""
        budget = view.get(BUDGETS, key.namespace, key.name)
        if budget is None:
            return NOTHING_TO_DO
        selected = [pod for pod in view.list("pods", key.namespace) if selects(budget, pod)]
        failure = "" if selected else "No matching pods found"
        actions: list[Action] = []
        if not selected:
            actions.append(EmitEvent(budget, "Normal", "NoPods", failure))
        expected, desired, problem = _wanted(view, budget, selected)
        if problem:
            actions.append(EmitEvent(budget, "Warning", "CalculateExpectedPodCountFailed", problem))
            return Reconciled([*actions, *_report(budget, _without_sync(budget, problem, now))], (problem,))
        disrupted, forgotten_in = _disrupted(budget, selected, now)
        healthy = sum(
            pods.is_ready(pod) and not metadata.is_deleting(pod) and metadata.name(pod) not in disrupted
            for pod in selected
        )
        allowed = max(healthy - desired, 0) if expected > 0 else 0
        status = {
            "observedGeneration": budget["metadata"].get("generation", 0),
            "disruptionsAllowed": allowed,
            "currentHealthy": healthy,
            "desiredHealthy": desired,
            "expectedPods": expected,
            "conditions": _conditions(budget, allowed, now),
        }
        if disrupted:
            status["disruptedPods"] = disrupted
            actions.append(Requeue(forgotten_in))
        words = msg(
            "{healthy} healthy of {expected}, {desired} wanted: {allowed} may go.",
            healthy=healthy,
            expected=expected,
            desired=desired,
            allowed=allowed,
        )
        return Reconciled([*actions, *_report(budget, status)], (words,))


def _wanted(view: View, budget: Obj, selected: Sequence[Obj]) -> tuple[int, int, str]:
    """Of how many pods how many must stay healthy; or what stands in the way of knowing."""
    spec = budget["spec"]
    if "maxUnavailable" in spec:
        expected, problem = _expected(view, selected)
        return expected, max(expected - _share(spec["maxUnavailable"], expected), 0), problem
    least = spec.get("minAvailable", 1)
    if isinstance(least, int):
        return len(selected), least, ""
    expected, problem = _expected(view, selected)
    return expected, _share(least, expected), problem


def _share(value: Json, total: int) -> int:
    return math.ceil(int(str(value)[:-1]) * total / 100) if isinstance(value, str) else int(value)


def _expected(view: View, selected: Sequence[Obj]) -> tuple[int, str]:
    """How many pods there should be, by those who own them."""
    scales: dict[str, int] = {}
    for pod in selected:
        owner = metadata.controller_of(pod)
        if owner is None or owner["uid"] in scales:
            continue
        found = _owner(view, metadata.namespace(pod), owner)
        if found is None:
            return 0, _unowned(owner)
        scales[found["metadata"]["uid"]] = int(found["spec"].get("replicas", 1))
    return sum(scales.values()), ""


def _owner(view: View, namespace: str, owner: OwnerReference) -> Obj | None:
    """Who is scaled: the Deployment of a ReplicaSet, else the owner itself."""
    resource = _SCALED.get(owner["kind"])
    found = view.get(resource, namespace, owner["name"]) if resource else None
    if found is None or owner["kind"] != "ReplicaSet":
        return found
    above = metadata.controller_of(found)
    deployment = view.get("deployments.apps", namespace, above["name"]) if above is not None else None
    return deployment or found


def _unowned(owner: OwnerReference) -> str:
    group = owner["apiVersion"].rpartition("/")[0]
    resource = f"{owner['kind'].lower()}s"
    return f"{resource}.{group} does not implement the scale subresource" if group else f"{resource} is not scaled"


def _disrupted(budget: Obj, selected: Sequence[Obj], now: float) -> tuple[Obj, float]:
    """Evicted pods that are still there, and in how many seconds the next of them is forgotten."""
    recorded = (budget.get("status") or {}).get("disruptedPods") or {}
    there = {metadata.name(pod): pod for pod in selected}
    kept: Obj = {}
    soonest = PATIENCE
    for name, when in recorded.items():
        pod, left = there.get(name), from_rfc3339(when) + PATIENCE - now
        if pod is not None and not metadata.is_deleting(pod) and left > 0:
            kept[name] = when
            soonest = min(soonest, left)
    return kept, soonest


def _conditions(budget: Obj, allowed: int, now: float) -> list[Obj]:
    before = (budget.get("status") or {}).get("conditions")
    return set_condition(before, disruption_allowed(allowed, budget["metadata"].get("generation", 0)), now)


def _without_sync(budget: Obj, problem: str, now: float) -> Obj:
    failed = {"reason": "SyncFailed", "message": problem}
    condition = disruption_allowed(0, budget["metadata"].get("generation", 0)) | failed
    status = budget.get("status") or {}
    return {**status, "disruptionsAllowed": 0, "conditions": set_condition(status.get("conditions"), condition, now)}


def _report(budget: Obj, status: Obj) -> list[Action]:
    if budget.get("status") == status:
        return []
    return [UpdateStatus({**budget, "status": status})]
