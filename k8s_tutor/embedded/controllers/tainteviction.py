"""Taint eviction: a taint of effect NoExecute drives out the pods that do not tolerate it, or no longer do.

See kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.actions import Delete, EmitEvent, Patch, Requeue
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, own_key
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.taints import tolerates
from k8s_tutor.objects.types import Obj

__all__ = ["TaintEvictionController"]


class TaintEvictionController:
    """Deletes pods from nodes whose NoExecute taints they do not tolerate (any longer)."""

    name: ClassVar[str] = "taint-eviction-controller"
    watches: ClassVar[tuple[str, ...]] = ("pods", "nodes")

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """A pod that came to a tainted node; all pods of a node whose taints changed."""
        if change.resource == "pods":
            return own_key(change) if _arrived(change) and _is_tainted(change.obj, view) else ()
        if change.type == "DELETED" or _evicting(change.obj) == _evicting(change.previous):
            return ()
        node = metadata.name(change.obj)
        return [metadata.key(pod) for pod in view.list("pods") if pod["spec"].get("nodeName") == node]

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Deletes the pod, now or when its toleration runs out."""
        pod = view.get("pods", key.namespace, key.name)
        if pod is None or metadata.is_deleting(pod):
            return NOTHING_TO_DO
        deadline = _deadline(pod, view.get("nodes", "", pod["spec"].get("nodeName", "")), now)
        if deadline is None:
            return Reconciled(analysis=("It tolerates its node's taints.",))
        if deadline > now:
            return Reconciled([Requeue(deadline - now)], ("It tolerates its node's taints for a while.",))
        event = EmitEvent(pod, "Normal", "TaintManagerEviction", f"Marking for deletion Pod {key}")
        message = "Taint manager: deleting due to NoExecute taint"
        target = {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager", "message": message}
        rows = conditions.set_condition((pod.get("status") or {}).get("conditions"), target, now)
        marked = Patch(pod, {"status": {"conditions": rows}}, "status")
        return Reconciled([event, marked, Delete(pod)], ("It does not tolerate a NoExecute taint of its node.",))


def _arrived(change: Change) -> bool:
    if change.type == "DELETED" or not change.obj["spec"].get("nodeName"):
        return False
    return change.previous is None or change.previous["spec"] != change.obj["spec"]


def _evicting(node: Obj | None) -> list[Obj]:
    taints = ((node or {}).get("spec") or {}).get("taints") or ()
    return [taint for taint in taints if taint["effect"] == "NoExecute"]


def _is_tainted(pod: Obj, view: View) -> bool:
    return bool(_evicting(view.get("nodes", "", pod["spec"]["nodeName"])))


def _deadline(pod: Obj, node: Obj | None, now: float) -> float | None:
    """When the first taint drives the pod out: `now` or earlier for at once, None for never."""
    times = []
    for taint in _evicting(node):
        fitting = [row for row in pod["spec"].get("tolerations") or () if tolerates(row, taint)]
        if not fitting:
            return now
        limits = [int(row["tolerationSeconds"]) for row in fitting if row.get("tolerationSeconds") is not None]
        if limits:
            since = from_rfc3339(taint["timeAdded"]) if taint.get("timeAdded") else now
            times.append(since + max(min(limits), 0))
    return min(times, default=None)
