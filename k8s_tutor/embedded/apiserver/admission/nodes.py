"""TaintNodesByCondition: a new node gets no pods until its kubelet has said that it is ready."""

from __future__ import annotations

from k8s_tutor.objects.types import Obj

__all__ = ["distrust"]

_NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


def distrust(node: Obj) -> None:
    """Adds the taint that the node lifecycle controller takes away."""
    taints = node["spec"].get("taints", [])
    if not any(all(taint.get(key) == value for key, value in _NOT_READY.items()) for taint in taints):
        node["spec"]["taints"] = [*taints, dict(_NOT_READY)]
