"""What objects use of a namespace's quotas: for admission, which charges it, and for the controller, which counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypeAlias

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.objects.pods import of_containers
from k8s_tutor.objects.quantity import ZERO, Quantity, parse, qos_class
from k8s_tutor.objects.types import Obj

__all__ = [
    "CHANGING",
    "Amounts",
    "add",
    "amounts",
    "counted",
    "format_quantities",
    "in_scope",
    "larger",
    "missing",
    "only",
    "pod_total",
    "subtract",
    "texts",
    "usage",
]


# ---- Amounts by resource name: sums, differences, and how quotas print them

Amounts: TypeAlias = dict[str, Quantity]


def amounts(values: Mapping[str, str] | None) -> Amounts:
    """As a manifest gives them."""
    return {name: parse(text) for name, text in (values or {}).items()}


def add(one: Mapping[str, Quantity], two: Mapping[str, Quantity]) -> Amounts:
    """The sum."""
    return {**one, **{name: one[name] + amount if name in one else amount for name, amount in two.items()}}


def subtract(one: Mapping[str, Quantity], two: Mapping[str, Quantity]) -> Amounts:
    """The difference, never below zero."""
    return {name: max(amount - two.get(name, ZERO), ZERO) for name, amount in one.items()}


def larger(one: Mapping[str, Quantity], two: Mapping[str, Quantity]) -> Amounts:
    """Of each resource the larger amount."""
    return {**one, **{name: max(one[name], amount) if name in one else amount for name, amount in two.items()}}


def only(values: Mapping[str, Quantity], names: Iterable[str]) -> Amounts:
    """Those of the named resources, in the order of `names`."""
    return {name: values[name] for name in names if name in values}


def texts(values: Mapping[str, Quantity]) -> Obj:
    """As a status holds them."""
    return {name: str(values[name]) for name in sorted(values)}


def format_quantities(values: Mapping[str, Quantity]) -> str:
    """As messages print them: `pods=1,requests.cpu=500m`."""
    return ",".join(f"{name}={values[name]}" for name in sorted(values))


# ---- What a whole pod asks for and may use


def pod_total(spec: Obj, which: Literal["requests", "limits"]) -> Amounts:
    """The sum over what runs side by side, or more where starting up needs more; with the pod's overhead.

    Source: component-helpers/resource/helpers.go.
    """
    nothing: Amounts = {}
    total = of_containers(spec, nothing, lambda container: _of(container, which), add, larger)
    total = total | _of(spec, which)
    overhead = amounts(spec.get("overhead"))
    if which == "limits":
        overhead = {name: amount for name, amount in overhead.items() if name in total}
    return add(total, overhead)


def _of(container: Obj, which: str) -> Amounts:
    return amounts((container.get("resources") or {}).get(which))


# ---- How much of which resource one object uses

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


# ---- Which objects a quota is about: those in all of its scopes


def in_scope(quota: Obj, resource: str, obj: Obj) -> bool:
    """Whether the quota counts an object of `resource`. Scopes are about pods: others are in none."""
    wanted = _requirements(quota["spec"])
    return not wanted or (resource == "pods" and all(_is_in(obj, row) for row in wanted))


def _requirements(spec: Obj) -> list[Obj]:
    plain = [{"scopeName": name, "operator": "Exists"} for name in spec.get("scopes") or ()]
    return plain + list((spec.get("scopeSelector") or {}).get("matchExpressions") or ())


def _is_in(pod: Obj, requirement: Obj) -> bool:
    spec, name = pod["spec"], str(requirement["scopeName"])
    match name.removeprefix("Not"):
        case "Terminating":
            found = "activeDeadlineSeconds" in spec
        case "BestEffort":
            found = qos_class(spec) == "BestEffort"
        case "PriorityClass":
            found = _has_priority(spec.get("priorityClassName", ""), requirement)
        case "CrossNamespacePodAffinity":
            found = _looks_elsewhere(spec.get("affinity") or {})
        case _:
            return False
    return found is not name.startswith("Not")


def _has_priority(name: str, requirement: Obj) -> bool:
    values = requirement.get("values") or ()
    match requirement["operator"]:
        case "In":
            return name in values
        case "NotIn":
            return name not in values
        case "DoesNotExist":
            return not name
    return bool(name)


def _looks_elsewhere(affinity: Obj) -> bool:
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(kind) or {}
        terms = list(rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ())
        preferred = rules.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        terms += [row["podAffinityTerm"] for row in preferred]
        if any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in terms):
            return True
    return False
