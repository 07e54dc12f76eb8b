"""A pod's quality of service class, which follows from its requests and limits.

Source: kubernetes.io/docs/concepts/workloads/pods/pod-qos.
"""

from __future__ import annotations

from k8s_tutor.objects import quantity
from k8s_tutor.objects.quantity import Quantity
from k8s_tutor.objects.types import Obj

__all__ = ["qos_class"]

_COUNTED = ("cpu", "memory")


def qos_class(spec: Obj) -> str:
    """`Guaranteed`, `Burstable` or `BestEffort`."""
    containers = [*spec.get("initContainers", ()), *spec.get("containers", ())]
    sources = [spec["resources"]] if spec.get("resources") else [row.get("resources") or {} for row in containers]
    requests = [_amounts(source.get("requests")) for source in sources]
    limits = [_amounts(source.get("limits")) for source in sources]
    if not any(requests) and not any(limits):
        return "BestEffort"
    complete = all(len(limit) == len(_COUNTED) for limit in limits)
    return "Guaranteed" if complete and requests == limits else "Burstable"


def _amounts(resources: Obj | None) -> dict[str, Quantity]:
    parsed = {name: quantity.parse(amount) for name, amount in (resources or {}).items() if name in _COUNTED}
    return {name: amount for name, amount in sorted(parsed.items()) if amount}
