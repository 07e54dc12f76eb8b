"""Node lifecycle: a kubelet that falls silent is noticed, and what a node's conditions say becomes taints.

See kubernetes.io/docs/concepts/architecture/nodes (Node controller) and …/scheduling-eviction/taint-and-toleration
(Taint based Evictions; Taint Nodes by Condition). Not simulated: zones, and slower evictions where many nodes of one
are silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor
from typing import ClassVar

from k8s_tutor.clock import from_rfc3339, rfc3339
from k8s_tutor.embedded.actions import Action, Delete, EmitEvent, Patch, Requeue, Update, UpdateStatus
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import msg
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.nodeselectors import tolerates
from k8s_tutor.objects.types import Obj

__all__ = ["NodeLifecycleController", "TaintEvictionController"]

PREFIX = "node.kubernetes.io/"
TAINTS = (
    ("Ready", "False", "not-ready"),
    ("Ready", "Unknown", "unreachable"),
    ("MemoryPressure", "True", "memory-pressure"),
    ("DiskPressure", "True", "disk-pressure"),
    ("NetworkUnavailable", "True", "network-unavailable"),
    ("PIDPressure", "True", "pid-pressure"),
)
EVICTING = ("not-ready", "unreachable")


GRACE, STARTUP_GRACE = 50.0, 60.0
"""Seconds of silence until a node counts as unreachable (--node-monitor-grace-period, --node-startup-grace-period)."""
MONITOR_PERIOD = 5.0
"""Seconds between two looks at how long nodes have been silent."""
REPORTED = ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready")
"""The conditions that kubelets report, in the order in which they do."""
LEASES = "leases.coordination.k8s.io"


class NodeLifecycleController:
    """Notices nodes that have come, gone and fallen silent; adds and removes the taints `node.kubernetes.io/…`."""

    name: ClassVar[str] = "node-controller"
    watches: ClassVar[tuple[str, ...]] = ("nodes",)

    def __init__(self) -> None:
        self._known: dict[str, Obj] = {}
        self._removed: set[str] = set()

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The node itself."""
        return own_key(change)

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Looks whether the node was heard of lately, then whether its taints say what its conditions say."""
        node = view.get("nodes", "", key.name)
        if node is None:
            return self._forget(key.name)
        news = self._remember(node)
        silent_at = _silent_at(view, node)
        if now >= silent_at and _unheard(node):
            return Reconciled([*news, *_give_up(view, node, now)], (msg("Its kubelet has been silent for too long."),))
        # While it is silent already, it is the kubelet's next word that brings it back here.
        again = [Requeue(silent_at - now)] if now < silent_at else []
        decision = _taint(node, now)
        return Reconciled([*news, *decision.actions, *again], decision.analysis)

    def _remember(self, node: Obj) -> Sequence[Action]:
        """An event for a node that comes back. Those of a cluster's first moments, long gone on any, are left out."""
        name = metadata.name(node)
        self._known[name] = node
        if name not in self._removed:
            return ()
        self._removed.discard(name)
        return [_event(node, "RegisteredNode", f"Node {name} event: Registered Node {name} in Controller")]

    def _forget(self, name: str) -> Reconciled:
        node = self._known.pop(name, None)
        if node is None:
            return NOTHING_TO_DO
        self._removed.add(name)
        words = f"Node {name} event: Removing Node {name} from Controller"
        return Reconciled([_event(node, "RemovingNode", words)], NOTHING_TO_DO.analysis)


def _event(node: Obj, reason: str, message: str) -> EmitEvent:
    return EmitEvent(node, "Normal", reason, message)


# ---- Silence: who has renewed neither Lease nor status for a while cannot be reached


def _silent_at(view: View, node: Obj) -> float:
    """The look at which the node counts as silent, if nothing is heard of it until then."""
    lease = view.get(LEASES, "kube-node-lease", metadata.name(node))
    texts = [row.get("lastHeartbeatTime") for row in (node.get("status") or {}).get("conditions") or ()]
    texts.append((lease or {}).get("spec", {}).get("renewTime"))
    heard = [from_rfc3339(text) for text in texts if text]
    last, grace = (max(heard), GRACE) if heard else (from_rfc3339(node["metadata"]["creationTimestamp"]), STARTUP_GRACE)
    return (floor((last + grace) / MONITOR_PERIOD) + 1) * MONITOR_PERIOD


def _unheard(node: Obj) -> bool:
    """Whether something about the node still stands as if its kubelet were there."""
    return any(conditions.status(node, type_) != "Unknown" for type_ in REPORTED)


def _give_up(view: View, node: Obj, now: float) -> Sequence[Action]:
    """Nobody knows how the node is; its pods do not count as ready any more."""
    status = node.get("status") or {}
    rows = list(status.get("conditions") or ())
    for type_ in REPORTED:
        rows = conditions.set_condition(rows, _unknown(type_, conditions.get(node, type_)), now)
    actions: list[Action] = [UpdateStatus({**node, "status": {**status, "conditions": rows}})]
    if conditions.status(node, "Ready") != "True":
        return actions
    name = metadata.name(node)
    actions.append(_event(node, "NodeNotReady", f"Node {name} status is now: NodeNotReady"))
    for pod in view.list("pods"):
        if pod["spec"].get("nodeName") != name:
            continue
        if conditions.status(pod, "Ready") == "True":
            unready = {**(conditions.get(pod, "Ready") or {}), "status": "False"}
            changed = conditions.set_condition(pod["status"]["conditions"], unready, now)
            actions.append(Patch(pod, {"status": {"conditions": changed}}, "status"))
            actions.append(EmitEvent(pod, "Warning", "NodeNotReady", "Node is not ready"))
    return actions


def _unknown(type_: str, known: Obj | None) -> Obj:
    if known:
        reason, message = "NodeStatusUnknown", "Kubelet stopped posting node status."
    else:
        reason, message = "NodeStatusNeverUpdated", "Kubelet never posted node status."
    return {**(known or {}), "type": type_, "status": "Unknown", "reason": reason, "message": message}


# ---- Taints by condition


def _taint(node: Obj, now: float) -> Reconciled:
    wanted = list(_wanted(node))
    taints = (node.get("spec") or {}).get("taints") or []
    known = {(f"{PREFIX}{short}", effect) for short in _ours() for effect in ("NoSchedule", "NoExecute")}
    kept = [taint for taint in taints if _id(taint) not in known or _id(taint) in wanted]
    there = {_id(taint) for taint in kept}
    new = [
        {"key": name, "effect": effect, "timeAdded": rfc3339(now)}
        for name, effect in wanted
        if (name, effect) not in there
    ]
    if not new and len(kept) == len(taints):
        return Reconciled(analysis=(msg("Its taints say what its conditions say."),))
    spec = {field: value for field, value in (node.get("spec") or {}).items() if field != "taints"}
    rows = [*kept, *new]
    named = ", ".join(f"{name}:{effect}" for name, effect in wanted) or msg("none")
    words = msg("Taints by condition: {taints}", taints=named)
    return Reconciled([Update({**node, "spec": {**spec, "taints": rows} if rows else spec})], (words,))


def _wanted(node: Obj) -> Iterable[tuple[str, str]]:
    short = [name for type_, status, name in TAINTS if conditions.status(node, type_) == status]
    if (node.get("spec") or {}).get("unschedulable"):
        short.append("unschedulable")
    yield from ((f"{PREFIX}{name}", "NoSchedule") for name in short)
    yield from ((f"{PREFIX}{name}", "NoExecute") for name in short if name in EVICTING)


def _ours() -> list[str]:
    return [*(name for _, _, name in TAINTS), "unschedulable"]


def _id(taint: Obj) -> tuple[str, str]:
    return taint["key"], taint["effect"]


# ---- Taint eviction: a taint of effect NoExecute drives out the pods that do not tolerate it, or no longer do
#
# See kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration.


class TaintEvictionController:
    """Deletes pods from nodes whose NoExecute taints they do not tolerate (any longer)."""

    name: ClassVar[str] = "taint-eviction-controller"
    watches: ClassVar[tuple[str, ...]] = ("pods", "nodes")

    def __init__(self) -> None:
        self._planned: set[str] = set()  # uids of pods whose eviction was planned, as the real one remembers them

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
            return self._stay(pod, key)
        self._planned.add(metadata.uid(pod))
        if deadline > now:
            return Reconciled([Requeue(deadline - now)], (msg("It tolerates its node's taints for a while."),))
        event = EmitEvent(pod, "Normal", "TaintManagerEviction", f"Marking for deletion Pod {key}")
        message = "Taint manager: deleting due to NoExecute taint"
        target = {"type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager", "message": message}
        rows = conditions.set_condition((pod.get("status") or {}).get("conditions"), target, now)
        marked = Patch(pod, {"status": {"conditions": rows}}, "status")
        return Reconciled([event, marked, Delete(pod)], (msg("It does not tolerate a NoExecute taint of its node."),))

    def _stay(self, pod: Obj, key: Key) -> Reconciled:
        analysis = (msg("It tolerates its node's taints."),)
        if metadata.uid(pod) not in self._planned:
            return Reconciled(analysis=analysis)
        self._planned.discard(metadata.uid(pod))
        event = EmitEvent(pod, "Normal", "TaintManagerEviction", f"Cancelling deletion of Pod {key}")
        return Reconciled([event], analysis)


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
