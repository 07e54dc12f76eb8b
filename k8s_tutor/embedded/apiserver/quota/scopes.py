"""Which objects a quota is about: those in all of its scopes."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.rules.qos import qos_class
from k8s_tutor.objects.types import Obj

__all__ = ["in_scope"]


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
