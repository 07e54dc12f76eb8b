"""PriorityClasses, RuntimeClasses, PodDisruptionBudgets.

Source: pkg/apis/{scheduling,node,policy}/validation of k8s.io/kubernetes 1.37, checked against a real server.
"""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import IMMUTABLE, immutable, name_problems, share_problems
from k8s_tutor.embedded.apiserver.rules.resourcevalidation import validate_quantities
from k8s_tutor.embedded.apiserver.rules.selectorvalidation import validate_label_selector
from k8s_tutor.objects.types import Obj

__all__ = [
    "SYSTEM_PRIORITIES",
    "update_priority_class",
    "update_runtime_class",
    "validate_budget",
    "validate_priority_class",
    "validate_runtime_class",
]

SYSTEM_PRIORITIES = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}
_HIGHEST = 1000000000
_POLICIES = ("PreemptLowerPriority", "Never")


def validate_priority_class(obj: Obj) -> list[FieldError]:
    """What is wrong with a PriorityClass."""
    name, value = obj["metadata"].get("name", ""), obj.get("value", 0)
    found: list[FieldError] = []
    if name.startswith("system-"):
        if problem := _system_problem(name, value):
            words = "priority class names with 'system-' prefix are reserved for system use only. error: "
            found.append(forbidden("metadata.name", words + problem))
    elif value > _HIGHEST:
        found.append(forbidden("value", f"maximum allowed value of a user defined priority is {_HIGHEST}"))
    policy = obj.get("preemptionPolicy", "")
    if policy not in _POLICIES:
        found.append(unsupported("preemptionPolicy", policy, _POLICIES, sort=False))
    return found


def _system_problem(name: str, value: int) -> str:
    if name not in SYSTEM_PRIORITIES:
        return f"{name} is not a known system priority class"
    wanted = SYSTEM_PRIORITIES[name]
    return "" if value == wanted else f"value of {name} PriorityClass must be {wanted}"


def update_priority_class(new: Obj, old: Obj) -> list[FieldError]:
    """What is wrong with a change of a PriorityClass."""
    found: list[FieldError] = []
    if new.get("value", 0) != old.get("value", 0):
        found.append(forbidden("value", "may not be changed in an update."))
    return found + immutable(new.get("preemptionPolicy"), old.get("preemptionPolicy"), "preemptionPolicy")


def validate_runtime_class(obj: Obj) -> list[FieldError]:
    """What is wrong with a RuntimeClass."""
    handler = obj.get("handler", "")
    found = name_problems(handler, "handler") if handler else [required("handler")]
    return found + validate_quantities((obj.get("overhead") or {}).get("podFixed"), "overhead.podFixed")


def update_runtime_class(new: Obj, old: Obj) -> list[FieldError]:
    """What is wrong with a change of a RuntimeClass."""
    if new.get("handler") == old.get("handler"):
        return []
    return [invalid("handler", None, IMMUTABLE)]


def validate_budget(obj: Obj) -> list[FieldError]:
    """What is wrong with a PodDisruptionBudget."""
    spec = obj["spec"]
    found: list[FieldError] = []
    if "minAvailable" in spec and "maxUnavailable" in spec:
        shown = {
            "MinAvailable": spec["minAvailable"],
            "Selector": spec.get("selector"),
            "MaxUnavailable": spec["maxUnavailable"],
            "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
        }
        found.append(invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set"))
    for key in ("minAvailable", "maxUnavailable"):
        if key in spec:
            found += share_problems(spec[key], f"spec.{key}")
    found += validate_label_selector(spec.get("selector"), "spec.selector")
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None and policy not in ("AlwaysAllow", "IfHealthyBudget"):
        known = ("AlwaysAllow", "IfHealthyBudget")
        found.append(unsupported("spec.unhealthyPodEvictionPolicy", policy, known))
    return found
