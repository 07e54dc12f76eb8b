"""Node lifecycle: what a node's conditions say becomes taints, which keep pods away.

See kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration (Taint based Evictions; Taint Nodes by
Condition). Not simulated: noticing by itself that a kubelet fell silent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.actions import Update
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, own_key
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import conditions
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["NodeLifecycleController"]

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


class NodeLifecycleController:
    """Adds and removes the taints `node.kubernetes.io/…`."""

    name: ClassVar[str] = "node-controller"
    watches: ClassVar[tuple[str, ...]] = ("nodes",)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The node itself."""
        return own_key(change)

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Compares the node's taints with what its conditions and `spec.unschedulable` ask for."""
        node = view.get("nodes", "", key.name)
        if node is None:
            return NOTHING_TO_DO
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
            return Reconciled(analysis=("Its taints say what its conditions say.",))
        spec = {field: value for field, value in (node.get("spec") or {}).items() if field != "taints"}
        rows = [*kept, *new]
        words = "Taints by condition: " + (", ".join(f"{name}:{effect}" for name, effect in wanted) or "none")
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
