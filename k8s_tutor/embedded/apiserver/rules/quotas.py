"""Amounts beyond one container's: ResourceQuotas, LimitRanges, and what a pod asks for as a whole.

Source: pkg/apis/core/validation of k8s.io/kubernetes 1.37, checked against a real server.
"""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, duplicate, forbidden, invalid, required, unsupported
from k8s_tutor.embedded.apiserver.rules.checks import IMMUTABLE
from k8s_tutor.embedded.apiserver.rules.containers import validate_resources
from k8s_tutor.objects import metadata
from k8s_tutor.objects.pods import of_containers
from k8s_tutor.objects.quantity import ZERO, Quantity, parse
from k8s_tutor.objects.types import Obj

__all__ = [
    "default_whole_pod",
    "update_quota",
    "validate_limits",
    "validate_quota",
    "validate_whole_pod",
    "warn_about_quota",
]

_COMPUTE = ("cpu", "memory")
_SHARED = (*_COMPUTE, "ephemeral-storage")
_COUNTED = (
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "persistentvolumeclaims",
    "configmaps",
    "services.nodeports",
    "services.loadbalancers",
)
_QUOTA = frozenset(
    {
        *_SHARED,
        *(f"requests.{name}" for name in (*_SHARED, "storage")),
        *(f"limits.{name}" for name in _SHARED),
        *_COUNTED,
    }
)
_STANDARD = _QUOTA | {"storage"}
_OF_PODS = frozenset({"pods", *_COMPUTE, *(f"{which}.{name}" for which in ("requests", "limits") for name in _COMPUTE)})
_UNVALUED = ("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity")
_SCOPES = (*_UNVALUED, "PriorityClass", "VolumeAttributesClass")
_OPPOSITES = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
_UNVALUED_WORDS = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)


def validate_quota(obj: Obj) -> list[FieldError]:
    """What is wrong with a ResourceQuota."""
    spec = obj["spec"]
    hard = spec.get("hard") or {}
    found: list[FieldError] = []
    for name in sorted(hard):
        found += _validate_hard(name, hard[name], f"spec.hard[{name}]")
    return found + _validate_scopes(spec, hard) + _validate_scope_selector(spec, hard)


def update_quota(new: Obj, old: Obj) -> list[FieldError]:
    """What is wrong with a change of a ResourceQuota."""
    now, before = new["spec"].get("scopes") or [], old["spec"].get("scopes") or []
    found = validate_quota(new)
    return found if sorted(now) == sorted(before) else [*found, invalid("spec.scopes", now, IMMUTABLE)]


def warn_about_quota(obj: Obj) -> list[str]:
    """Requests that exceed limits make no sense."""
    hard = obj["spec"].get("hard") or {}
    found = []
    for name in _SHARED:
        asked, most = hard.get(f"requests.{name}"), hard.get(f"limits.{name}")
        if asked is not None and most is not None and parse(asked) > parse(most):
            found.append(f"ResourceQuota requests.{name} ({asked}) should be less than limits.{name} ({most})")
    return found


def _validate_hard(name: str, amount: str, path: str) -> list[FieldError]:
    found = _name_problems(name, path)
    if "/" not in name and not _is_for_quotas(name):
        found.append(invalid(path, name, "must be a standard resource for quota"))
    quantity = parse(amount)
    if quantity < ZERO:
        found.append(invalid(path, amount, "must be greater than or equal to 0"))
    if name in _COUNTED and quantity.nanos % 10**9:
        found.append(invalid(path, str(quantity), "must be an integer"))
    return found


def _name_problems(name: str, path: str) -> list[FieldError]:
    found = [invalid(path, name, problem) for problem in metadata.qualified_name(name)]
    if not found and "/" not in name and name not in _STANDARD and not _is_for_quotas(name):
        found.append(invalid(path, name, "must be a standard resource type or fully qualified"))
    return found


def _is_for_quotas(name: str) -> bool:
    return name in _QUOTA or name.removeprefix("requests.").startswith("hugepages-")


def _suits(scope: str, hard: Obj) -> bool:
    if scope == "VolumeAttributesClass":
        return all(name in ("persistentvolumeclaims", "requests.storage") for name in hard if _is_for_quotas(name))
    allowed = ("pods",) if scope == "BestEffort" else _OF_PODS
    return all(name in allowed for name in hard if _is_for_quotas(name))


def _validate_scopes(spec: Obj, hard: Obj) -> list[FieldError]:
    scopes = spec.get("scopes") or []
    found: list[FieldError] = []
    for scope in scopes:
        if scope not in _SCOPES:
            found.append(invalid("spec.scopes", scopes, "unsupported scope"))
        elif not _suits(scope, hard):
            found.append(invalid("spec.scopes", scopes, "unsupported scope applied to resource"))
    if any(one in scopes and two in scopes for one, two in _OPPOSITES):
        found.append(invalid("spec.scopes", scopes, "conflicting scopes"))
    return found


def _validate_scope_selector(spec: Obj, hard: Obj) -> list[FieldError]:
    path = "spec.scopeSelector.matchExpressions"
    found: list[FieldError] = []
    for row in (spec.get("scopeSelector") or {}).get("matchExpressions") or ():
        scope, operator, values = row["scopeName"], row["operator"], row.get("values") or []
        if scope not in _SCOPES:
            found.append(invalid(f"{path}.scopeName", scope, "unsupported scope"))
        elif not _suits(scope, hard):
            found.append(invalid("spec.scopeSelector", spec["scopeSelector"], "unsupported scope applied to resource"))
        if scope in _UNVALUED and operator != "Exists":
            found.append(invalid(f"{path}.operator", operator, _UNVALUED_WORDS))
        if operator in ("In", "NotIn") and not values:
            words = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            found.append(required(f"{path}.values", words))
        elif operator in ("Exists", "DoesNotExist") and values:
            words = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            found.append(invalid(f"{path}.values", values, words))
        elif operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
            found.append(invalid(f"{path}.operator", operator, "not a valid selector operator"))
    return found


def validate_limits(obj: Obj) -> list[FieldError]:
    """What is wrong with a LimitRange."""
    found: list[FieldError] = []
    seen: list[str] = []
    for index, row in enumerate(obj["spec"].get("limits") or ()):
        path, type_ = f"spec.limits[{index}]", row["type"]
        found += _validate_type(type_, f"{path}.type")
        if type_ in seen:
            found.append(duplicate(f"{path}.type", type_))
        seen.append(type_)
        found += _validate_row(row, path)
    return found


def _validate_type(type_: str, path: str) -> list[FieldError]:
    found = [invalid(path, type_, problem) for problem in metadata.qualified_name(type_)]
    if not found and "/" not in type_ and type_ not in ("Pod", "Container", "PersistentVolumeClaim"):
        found.append(invalid(path, type_, "must be a standard limit type or fully qualified"))
    return found


def _validate_row(row: Obj, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    type_ = row["type"]
    for key in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"):
        if type_ == "Pod" and key.startswith("default"):
            if row.get(key):
                found.append(forbidden(f"{path}.{key}", "may not be specified when `type` is 'Pod'"))
            continue
        for name in sorted(row.get(key) or {}):
            found += _limit_name_problems(type_, name, f"{path}.{key}[{name}]")
    if type_ == "PersistentVolumeClaim" and not any("storage" in (row.get(key) or {}) for key in ("min", "max")):
        words = "either minimum or maximum storage value is required, but neither was provided"
        found.append(required(f"{path}.limits", words))
    keys = sorted({name for key in ("max", "min", "default", "defaultRequest") for name in row.get(key) or {}})
    ratios = [name for name in sorted(row.get("maxLimitRequestRatio") or {}) if name not in keys]
    for name in (*keys, *ratios):
        found += _compare(row, name, path)
    return found


def _limit_name_problems(type_: str, name: str, path: str) -> list[FieldError]:
    found = _name_problems(name, path)
    of_containers = name in _SHARED or name.startswith("hugepages-")
    if type_ in ("Pod", "Container") and "/" not in name and not of_containers:
        found.append(invalid(path, name, "must be a standard resource for containers"))
    return found


def _compare(row: Obj, name: str, path: str) -> list[FieldError]:
    """One resource's bounds and defaults against each other."""

    def of(key: str) -> Quantity | None:
        amount = (row.get(key) or {}).get(name)
        return None if amount is None else parse(amount)

    least, most, limit, asked = of("min"), of("max"), of("default"), of("defaultRequest")
    found: list[FieldError] = []

    def in_order(low: Quantity | None, high: Quantity | None, words: str, key: str, value: Quantity | None) -> None:
        if low is not None and high is not None and low > high:
            found.append(invalid(f"{path}.{key}[{name}]", str(value), words.format(low, high)))

    in_order(least, most, "min value {} is greater than max value {}", "min", least)
    in_order(least, asked, "min value {} is greater than default request value {}", "defaultRequest", asked)
    in_order(asked, most, "default request value {} is greater than max value {}", "defaultRequest", asked)
    in_order(asked, limit, "default request value {} is greater than default limit value {}", "defaultRequest", asked)
    in_order(least, limit, "min value {} is greater than default value {}", "default", least)
    in_order(limit, most, "default value {} is greater than max value {}", "default", most)
    return found + _validate_ratio(of("maxLimitRequestRatio"), least, most, f"{path}.maxLimitRequestRatio[{name}]")


def _validate_ratio(
    ratio: Quantity | None, least: Quantity | None, most: Quantity | None, path: str
) -> list[FieldError]:
    if ratio is None:
        return []
    found: list[FieldError] = []
    if ratio.nanos < 10**9:
        found.append(invalid(path, str(ratio), f"ratio {ratio} is less than 1"))
    if least and most and ratio.nanos / 10**9 > (widest := most.nanos / least.nanos):
        found.append(invalid(path, str(ratio), f"ratio {ratio} is greater than max/min = {widest:f}"))
    return found


# ---- Requests and limits of a pod as a whole
#
# Source: defaultPodRequests and validatePodResources of k8s.io/kubernetes 1.37, checked against a real server.


def default_whole_pod(spec: Obj) -> None:
    """What a pod with resources of its own asks for: where it does not say, what its containers do; else its limit."""
    whole = spec.get("resources") or {}
    if not whole:
        return
    limits = {name: amount for name, amount in whole.get("limits", {}).items() if _is_for_whole(name)}
    requests = {**limits, **_asked_together(spec), **whole.get("requests", {})}
    if requests:
        whole["requests"] = requests


def _asked_together(spec: Obj) -> dict[str, str]:
    """What the containers ask for together, of what a whole pod may ask for."""
    rows = [row for group in ("containers", "initContainers") for row in spec.get(group, ())]
    named = {name: None for row in rows for name in _amounts(row, "requests") if _is_for_whole(name)}
    return {name: str(_together(spec, name)) for name in named}


def _together(spec: Obj, name: str) -> Quantity:
    return of_containers(spec, ZERO, lambda row: parse(_amounts(row, "requests").get(name, 0)), _add, max)


def _add(one: Quantity, two: Quantity) -> Quantity:
    return one + two


def _amounts(container: Obj, which: str) -> Obj:
    found: Obj = (container.get("resources") or {}).get(which) or {}
    return found


def _is_for_whole(name: str) -> bool:
    return name in ("cpu", "memory") or name.startswith("hugepages-")


def validate_whole_pod(spec: Obj, path: str) -> list[FieldError]:
    """What a pod asks for and may use as a whole, beside what its containers do."""
    whole = spec.get("resources") or {}
    limits, requests = whole.get("limits", {}), whole.get("requests", {})
    found = [
        unsupported(f"{path}.{which}[{name}]", name, ["cpu", "hugepages-", "memory"])
        for which, amounts in (("limits", limits), ("requests", requests))
        for name in sorted(amounts)
        if not _is_for_whole(name)
    ]
    for name in sorted(filter(_is_for_whole, requests)):
        together = _together(spec, name)
        if parse(requests[name]) < together:
            words = f"must be greater than or equal to aggregate container requests of {together}"
            found.append(invalid(f"{path}.requests[{name}]", requests[name], words))
    found += validate_resources(whole, path)
    for index, container in enumerate(spec.get("containers", [])):
        for name, amount in sorted(_amounts(container, "limits").items()):
            if name in limits and parse(amount) > parse(limits[name]):
                words = f"must be less than or equal to pod limits of {limits[name]}"
                found.append(invalid(f"{path}.containers[{index}][{name}].limits", amount, words))
    return found
