"""What is wrong with a Job's policies: which failures count, which successes are enough."""

from __future__ import annotations

from collections.abc import Iterable

from k8s_tutor.embedded.apiserver.fielderrors import (
    OMITTED,
    FieldError,
    duplicate,
    invalid,
    required,
    too_many,
    unsupported,
)
from k8s_tutor.embedded.apiserver.rules.checks import nonnegative
from k8s_tutor.objects import indexes, names
from k8s_tutor.objects.types import Obj

__all__ = ["as_go_shows", "validate_failure_policy", "validate_success_policy"]

_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")
_MOST_RULES, _MOST_CODES, _MOST_PATTERNS = 20, 255, 20


def validate_failure_policy(spec: Obj, path: str) -> list[FieldError]:
    """`podFailurePolicy`."""
    rules = spec["podFailurePolicy"].get("rules") or []
    found = _at_most(rules, f"{path}.rules", _MOST_RULES)
    template = spec["template"]["spec"]
    containers = [one["name"] for group in ("containers", "initContainers") for one in template.get(group) or ()]
    for number, rule in enumerate(rules):
        found += _validate_rule(spec, rule, f"{path}.rules[{number}]", containers)
    return found


def validate_success_policy(spec: Obj, path: str) -> list[FieldError]:
    """`successPolicy`."""
    policy = spec["successPolicy"]
    if spec.get("completionMode") != "Indexed":
        return [invalid(path, as_go_shows("successPolicy", policy), "requires indexed completion mode")]
    rules = policy.get("rules") or []
    found: list[FieldError] = []
    if not rules:
        words = "at least one rules must be specified when the successPolicy is specified"
        found.append(required(f"{path}.rules", words))
    found += _at_most(rules, f"{path}.rules", _MOST_RULES)
    for number, rule in enumerate(rules):
        found += _validate_success(rule, spec.get("completions") or 0, f"{path}.rules[{number}]")
    return found


def as_go_shows(key: str, policy: Obj | None) -> Obj | None:
    """A policy (or another field of a Job) by the names that its own fields have inside the real server."""
    if policy is None or key not in ("podFailurePolicy", "successPolicy"):
        return policy
    show = _success_rule if key == "successPolicy" else _failure_rule
    return {"Rules": [show(rule) for rule in policy.get("rules") or ()]}


def _success_rule(rule: Obj) -> Obj:
    return {"SucceededIndexes": rule.get("succeededIndexes"), "SucceededCount": rule.get("succeededCount")}


def _failure_rule(rule: Obj) -> Obj:
    codes, patterns = rule.get("onExitCodes"), rule.get("onPodConditions")
    return {
        "Action": rule.get("action", ""),
        "OnExitCodes": codes
        and {
            "ContainerName": codes.get("containerName"),
            "Operator": codes.get("operator", ""),
            "Values": codes.get("values"),
        },
        "OnPodConditions": patterns and [{"Type": row["type"], "Status": row["status"]} for row in patterns],
    }


def _validate_rule(spec: Obj, rule: Obj, path: str, containers: Iterable[str]) -> list[FieldError]:
    action, codes, patterns = rule.get("action"), rule.get("onExitCodes"), rule.get("onPodConditions") or []
    found = _one_of(action, _ACTIONS, f"{path}.action")
    if action == "FailIndex" and "backoffLimitPerIndex" not in spec:
        found.append(invalid(f"{path}.action", action, "requires the backoffLimitPerIndex to be set"))
    if codes is not None:
        found += _validate_codes(codes, f"{path}.onExitCodes", containers)
    found += _at_most(patterns, f"{path}.onPodConditions", _MOST_PATTERNS)
    for number, pattern in enumerate(patterns):
        place = f"{path}.onPodConditions[{number}]"
        type_ = pattern.get("type", "")
        found += [invalid(f"{place}.type", type_, problem) for problem in names.qualified_name(type_)]
        found += _one_of(pattern.get("status"), _STATUSES, f"{place}.status")
    if codes is not None and patterns:
        found.append(invalid(path, OMITTED, "specifying both OnExitCodes and OnPodConditions is not supported"))
    if codes is None and not patterns:
        found.append(invalid(path, OMITTED, "specifying one of OnExitCodes and OnPodConditions is required"))
    return found


def _validate_codes(codes: Obj, path: str, containers: Iterable[str]) -> list[FieldError]:
    operator, values, container = codes.get("operator"), codes.get("values") or [], codes.get("containerName")
    found = _one_of(operator, _OPERATORS, f"{path}.operator")
    if container is not None and container not in containers:
        words = "must be one of the container or initContainer names in the pod template"
        found.append(invalid(f"{path}.containerName", container, words))
    if not values:
        found.append(invalid(f"{path}.values", values, "at least one value is required"))
    found += _at_most(values, f"{path}.values", _MOST_CODES)
    for number, value in enumerate(values):
        if operator == "In" and value == 0:
            found.append(invalid(f"{path}.values[{number}]", value, "must not be 0 for the In operator"))
        if value in values[:number]:
            found.append(duplicate(f"{path}.values[{number}]", value))
    if values != sorted(values):
        found.append(invalid(f"{path}.values", values, "must be ordered"))
    return found


def _validate_success(rule: Obj, completions: int, path: str) -> list[FieldError]:
    count, text = rule.get("succeededCount"), rule.get("succeededIndexes")
    if count is None and text is None:
        return [required(path, "at least one of succeededCount or succeededIndexes must be specified")]
    found: list[FieldError] = []
    total = 0
    if text is not None:
        try:
            total = len(indexes.checked(text, completions))
        except indexes.IndexesError as error:
            found.append(invalid(f"{path}.succeededIndexes", text, f"error parsing succeededIndexes: {error}"))
    if count is None:
        return found
    place, limit = f"{path}.succeededCount", "must be less than or equal to"
    found += nonnegative(count, place)
    if count > completions:
        found.append(invalid(place, count, f"{limit} {completions} (the number of specified completions)"))
    if text is not None and count > total:
        words = f"{limit} {total} (the number of indexes in the specified succeededIndexes field)"
        found.append(invalid(place, count, words))
    return found


def _one_of(value: str | None, known: tuple[str, ...], path: str) -> list[FieldError]:
    if not value:
        words = " ".join(f'"{word}"' for word in known)
        return [required(path, f"valid values: [{words}]")]
    return [] if value in known else [unsupported(path, value, known)]


def _at_most(items: list[object], path: str, limit: int) -> list[FieldError]:
    return [too_many(path, len(items), limit)] if len(items) > limit else []
