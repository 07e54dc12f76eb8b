"""What is wrong with where a pod wants to be: tolerations, affinity, spreading, gates."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.selectorvalidation import validate_label_selector
from k8s_tutor.objects import names
from k8s_tutor.objects.types import Obj

__all__ = ["validate_placement"]

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_NODE_OPERATORS = ("DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn")


def validate_placement(spec: Obj, path: str) -> list[FieldError]:
    """Everything in a pod's spec that the scheduler looks at."""
    found = _validate_affinity(spec.get("affinity") or {}, f"{path}.affinity")
    for index, constraint in enumerate(spec.get("topologySpreadConstraints", ())):
        found += _validate_spread(constraint, f"{path}.topologySpreadConstraints[{index}]")
    for index, toleration in enumerate(spec.get("tolerations", ())):
        found += _validate_toleration(toleration, f"{path}.tolerations[{index}]")
    return found


def _validate_toleration(toleration: Obj, path: str) -> list[FieldError]:
    key, operator = toleration.get("key", ""), toleration.get("operator", "")
    value, effect = toleration.get("value", ""), toleration.get("effect", "")
    found: list[FieldError] = []
    if key:
        found += [invalid(f"{path}.key", key, problem) for problem in names.qualified_name(key)]
    elif operator != "Exists":
        words = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        found.append(invalid(f"{path}.operator", operator, words))
    if "tolerationSeconds" in toleration and effect != "NoExecute":
        words = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        found.append(invalid(f"{path}.effect", effect, words))
    if operator in ("Equal", ""):
        problems = names.label_value(value)
        if problems:
            found.append(invalid(f"{path}.operator", value, ";".join(problems)))
    elif operator == "Exists":
        if value:
            found.append(invalid(f"{path}.operator", value, "value must be empty when `operator` is 'Exists'"))
    else:
        found.append(unsupported(f"{path}.operator", operator, ("Equal", "Exists"), sort=False))
    if effect and effect not in _EFFECTS:
        found.append(unsupported(f"{path}.effect", effect, _EFFECTS, sort=False))
    return found


def _validate_affinity(affinity: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    node = affinity.get("nodeAffinity") or {}
    place = f"{path}.nodeAffinity"
    if (must := node.get("requiredDuringSchedulingIgnoredDuringExecution")) is not None:
        terms_path = f"{place}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
        terms = must.get("nodeSelectorTerms", [])
        if not terms:
            found.append(required(terms_path, "must have at least one node selector term"))
        for index, term in enumerate(terms):
            found += _validate_node_term(term, f"{terms_path}[{index}]")
    for index, wish in enumerate(node.get("preferredDuringSchedulingIgnoredDuringExecution", ())):
        wish_path = f"{place}.preferredDuringSchedulingIgnoredDuringExecution[{index}]"
        found += _validate_weight(wish, wish_path)
        found += _validate_node_term(wish["preference"], f"{wish_path}.preference")
    for kind in ("podAffinity", "podAntiAffinity"):
        found += _validate_pod_affinity(affinity.get(kind) or {}, f"{path}.{kind}")
    return found


def _validate_node_term(term: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    for index, row in enumerate(term.get("matchExpressions", ())):
        place, operator, values = f"{path}.matchExpressions[{index}]", row["operator"], row.get("values", [])
        if operator in ("In", "NotIn") and not values:
            words = "must be specified when `operator` is 'In' or 'NotIn'"
            found.append(required(f"{place}.values", words))
        elif operator in ("Exists", "DoesNotExist") and values:
            words = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            found.append(forbidden(f"{place}.values", words))
        elif operator in ("Gt", "Lt") and len(values) != 1:
            found.append(required(f"{place}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'"))
        elif operator not in _NODE_OPERATORS:
            found.append(invalid(f"{place}.operator", operator, "not a valid selector operator"))
        found += [invalid(f"{place}.key", row["key"], problem) for problem in names.qualified_name(row["key"])]
    return found


def _validate_pod_affinity(affinity: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    key = "requiredDuringSchedulingIgnoredDuringExecution"
    for index, term in enumerate(affinity.get(key, ())):
        found += _validate_pod_term(term, f"{path}.{key}[{index}]")
    key = "preferredDuringSchedulingIgnoredDuringExecution"
    for index, wish in enumerate(affinity.get(key, ())):
        found += _validate_weight(wish, f"{path}.{key}[{index}]")
        found += _validate_pod_term(wish["podAffinityTerm"], f"{path}.{key}[{index}].podAffinityTerm")
    return found


def _validate_pod_term(term: Obj, path: str) -> list[FieldError]:
    found = validate_label_selector(term.get("labelSelector"), f"{path}.labelSelector")
    topology = term.get("topologyKey", "")
    if not topology:
        found.append(required(f"{path}.topologyKey", "can not be empty"))
    return found + [invalid(f"{path}.topologyKey", topology, problem) for problem in names.qualified_name(topology)]


def _validate_weight(wish: Obj, path: str) -> list[FieldError]:
    weight = wish.get("weight", 0)
    return [] if 1 <= weight <= 100 else [invalid(f"{path}.weight", weight, "must be in the range 1-100")]


def _validate_spread(constraint: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    skew, action = constraint["maxSkew"], constraint["whenUnsatisfiable"]
    if skew <= 0:
        found.append(invalid(f"{path}.maxSkew", skew, "must be greater than zero"))
    if not constraint["topologyKey"]:
        found.append(required(f"{path}.topologyKey", "can not be empty"))
    if action not in ("DoNotSchedule", "ScheduleAnyway"):
        found.append(unsupported(f"{path}.whenUnsatisfiable", action, ("DoNotSchedule", "ScheduleAnyway")))
    return found + validate_label_selector(constraint.get("labelSelector"), f"{path}.labelSelector")
