"""How much of which resource one object uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.apiserver.quota.amounts import Amounts, amounts
from k8s_tutor.embedded.apiserver.quota.podtotals import pod_total
from k8s_tutor.objects.quantity import Quantity
from k8s_tutor.objects.types import Obj

__all__ = ["CHANGING", "counted", "missing", "usage"]

_ONE = Quantity(10**9)
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_DEMANDED = ("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
"""What every container must specify where a quota limits it."""
_CLASS = ".storageclass.storage.k8s.io/"
_PODS = ("pods", *_COMPUTE, *(f"{which}.{name}" for which in ("requests", "limits") for name in _COMPUTE))
_ALIASES = ("configmaps", "replicationcontrollers", "resourcequotas", "secrets")
"""Core resources whose name alone counts them, too."""

CHANGING = frozenset({"services", "persistentvolumeclaims"})
"""Kinds whose use an update may change."""


def usage(resource: str, obj: Obj, now: float) -> Amounts:
    """What `obj`, of the store's resource `resource`, uses at the time `now`."""
    found: Amounts = {f"count/{resource}": _ONE}
    if resource in _PARTICULAR:
        return found | _PARTICULAR[resource](obj, now)
    return found | ({resource: _ONE} if resource in _ALIASES else {})


def counted(resource: str, names: Iterable[str]) -> list[str]:
    """Those of a quota's resource names that objects of `resource` may use."""
    return [name for name in names if _concerns(resource, name)]


def missing(pod: Obj, names: Iterable[str]) -> str:
    """The containers that do not say how much they need of what a quota limits; `""` when all do."""
    spec = pod["spec"]
    demanded = [name for name in sorted(names) if name in _DEMANDED]
    whole = _compute(spec.get("resources") or {})
    demanded = [name for name in demanded if name not in whole]
    silent: dict[str, list[str]] = {}
    for container in (*spec.get("containers", ()), *(spec.get("initContainers") or ())):
        known = _compute(container.get("resources") or {})
        for name in demanded:
            if name not in known:
                silent.setdefault(name, []).append(container["name"])
    return "; ".join(f"{name} for: {','.join(sorted(silent[name]))}" for name in sorted(silent))


def _concerns(resource: str, name: str) -> bool:
    if name == f"count/{resource}" or (resource in _ALIASES and name == resource):
        return True
    match resource:
        case "pods":
            extended = name.startswith("requests.") and "/" in name
            return name in _PODS or extended or name.removeprefix("requests.").startswith("hugepages-")
        case "services":
            return name in ("services", "services.nodeports", "services.loadbalancers")
        case "persistentvolumeclaims":
            return name in (resource, "requests.storage") or _CLASS in name
    return False


def _pod(pod: Obj, now: float) -> Amounts:
    if not _lives(pod, now):
        return {}
    spec = pod["spec"]
    return {"pods": _ONE} | _computed(pod_total(spec, "requests"), pod_total(spec, "limits"))


def _lives(pod: Obj, now: float) -> bool:
    """Pods that have ended, or should be gone, are nobody's burden."""
    metadata = pod["metadata"]
    if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
        return False
    if "deletionTimestamp" not in metadata or "deletionGracePeriodSeconds" not in metadata:
        return True
    return now <= from_rfc3339(metadata["deletionTimestamp"]) + float(metadata["deletionGracePeriodSeconds"])


def _compute(resources: Obj) -> Amounts:
    return _computed(amounts(resources.get("requests")), amounts(resources.get("limits")))


def _computed(requests: Mapping[str, Quantity], limits: Mapping[str, Quantity]) -> Amounts:
    found: Amounts = {}
    for name, amount in requests.items():
        if name in _COMPUTE or name.startswith("hugepages-"):
            found[name] = amount
        found[f"requests.{name}"] = amount
    return found | {f"limits.{name}": amount for name, amount in limits.items() if name in _COMPUTE}


def _service(service: Obj, _: float) -> Amounts:
    spec = service["spec"]
    ports = spec.get("ports") or ()
    found = {"services": _ONE}
    if spec.get("type") == "LoadBalancer":
        found["services.loadbalancers"] = _ONE
        if spec.get("allocateLoadBalancerNodePorts") is False:
            ports = [port for port in ports if port.get("nodePort")]
    if spec.get("type") in ("NodePort", "LoadBalancer"):
        found["services.nodeports"] = _ONE * len(ports)
    return found


def _claim(claim: Obj, _: float) -> Amounts:
    spec, resource = claim["spec"], "persistentvolumeclaims"
    found = {resource: _ONE}
    chosen = claim["metadata"].get("annotations", {}).get("volume.beta.kubernetes.io/storage-class")
    chosen = chosen or spec.get("storageClassName")
    if chosen:
        found[f"{chosen}{_CLASS}{resource}"] = _ONE
    asked = amounts((spec.get("resources") or {}).get("requests")).get("storage")
    if asked is None:
        return found
    granted = amounts((claim.get("status") or {}).get("allocatedResources")).get("storage")
    storage = max(asked, granted) if granted is not None else asked
    found["requests.storage"] = storage
    if chosen:
        found[f"{chosen}{_CLASS}requests.storage"] = storage
    return found


_PARTICULAR: dict[str, Callable[[Obj, float], Amounts]] = {
    "pods": _pod,
    "services": _service,
    "persistentvolumeclaims": _claim,
}
