"""What a pod asks for and may use, and the quality of service that follows from it."""

from __future__ import annotations

from collections.abc import Sequence

from k8s_tutor.embedded.kubelet.container import is_sidecar
from k8s_tutor.objects.quantity import canonical, parse
from k8s_tutor.objects.types import Obj

__all__ = ["allocated", "memory_limit", "qos_class", "total_resources"]

_COUNTED = ("cpu", "memory")


def memory_limit(spec: Obj) -> int | None:
    """A container's memory limit in bytes; None for none."""
    limit = (spec.get("resources", {}).get("limits") or {}).get("memory")
    return parse(limit).value if limit else None


def allocated(spec: Obj) -> Obj:
    """`allocatedResources` of a container status, where it asks for anything."""
    requests = (spec.get("resources") or {}).get("requests")
    return {"allocatedResources": requests} if requests else {}


def qos_class(spec: Obj) -> str:
    """Guaranteed, Burstable or BestEffort; source: kubernetes.io/docs/concepts/workloads/pods/pod-qos."""
    containers = [*spec["containers"], *spec.get("initContainers", [])]
    asked = any(_counted(one, "requests") or _counted(one, "limits") for one in containers)
    if not asked:
        return "BestEffort"
    return "Guaranteed" if all(_is_guaranteed(one) for one in containers) else "Burstable"


def _counted(container: Obj, which: str) -> Obj:
    amounts = (container.get("resources") or {}).get(which) or {}
    return {name: amount for name, amount in amounts.items() if name in _COUNTED and parse(amount)}


def _is_guaranteed(container: Obj) -> bool:
    limits, requests = _counted(container, "limits"), _counted(container, "requests")
    if set(limits) != set(_COUNTED):
        return False
    return all(parse(requests.get(name) or limits[name]) == parse(limits[name]) for name in _COUNTED)


def total_resources(spec: Obj) -> Obj:
    """A pod's `allocatedResources`, where it asks for anything, and `resources`: what its cgroup is set to."""
    requests, limits = _total(spec, "requests"), _total(spec, "limits")
    result: Obj = {"allocatedResources": requests} if requests else {}
    held = {"limits": _in_cgroups(limits), "requests": _in_cgroups(requests)}
    return {**result, "resources": {key: value for key, value in held.items() if value}}


def _in_cgroups(amounts: dict[str, str]) -> dict[str, str]:
    return {name: amount for name, amount in amounts.items() if name != "ephemeral-storage"}


def _total(spec: Obj, which: str) -> dict[str, str]:
    """Sum over what runs side by side; at least what the greediest init container needs."""
    sidecars = [one for one in spec.get("initContainers", []) if is_sidecar(one)]
    first = [one for one in spec.get("initContainers", []) if not is_sidecar(one)]
    together = _sum([*spec["containers"], *sidecars], which)
    for one in first:
        for name, amount in ((one.get("resources") or {}).get(which) or {}).items():
            if name not in together or parse(together[name]) < parse(amount):
                together[name] = amount
    return {name: canonical(amount) for name, amount in together.items()}


def _sum(containers: Sequence[Obj], which: str) -> dict[str, str]:
    total: dict[str, str] = {}
    for container in containers:
        for name, amount in ((container.get("resources") or {}).get(which) or {}).items():
            total[name] = str(parse(total[name]) + parse(amount)) if name in total else amount
    return total
