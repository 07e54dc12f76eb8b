"""What is wrong with requests and limits."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, invalid, required, unsupported
from k8s_tutor.objects import names, quantity
from k8s_tutor.objects.types import Obj

__all__ = ["validate_quantities", "validate_resource_field", "validate_resources"]

_STANDARD = ("cpu", "memory", "ephemeral-storage")
_DIVISORS = {
    "cpu": ("1m", "1"),
    "memory": ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"),
}


def validate_resources(resources: Obj, path: str) -> list[FieldError]:
    """A container's requests and limits."""
    limits, requests = resources.get("limits", {}), resources.get("requests", {})
    found: list[FieldError] = []
    for name in sorted(limits):
        found += _validate_amount(name, limits[name], f"{path}.limits[{name}]")
    for name in sorted(requests):
        found += _validate_amount(name, requests[name], f"{path}.requests[{name}]")
        overcommit = _may_overcommit(name)
        if name not in limits:
            if not overcommit:
                found.append(required(f"{path}.limits", "Limit must be set for non overcommitable resources"))
            continue
        asked, allowed = quantity.parse(requests[name]), quantity.parse(limits[name])
        if asked != allowed and not overcommit:
            words = f"must be equal to {name} limit of {limits[name]}"
            found.append(invalid(f"{path}.requests", requests[name], words))
        elif asked > allowed:
            words = f"must be less than or equal to {name} limit of {limits[name]}"
            found.append(invalid(f"{path}.requests", requests[name], words))
    return found


def validate_resource_field(reference: Obj, path: str) -> list[FieldError]:
    """A variable that shows a request or limit."""
    resource = reference.get("resource", "")
    if not resource:
        return [required(f"{path}.resource")]
    kind, _, name = resource.partition(".")
    if kind not in ("limits", "requests") or not (name in _STANDARD or name.startswith("hugepages-")):
        supported = [f"{kind}.{name}" for kind in ("limits", "requests") for name in _STANDARD]
        return [unsupported(f"{path}.resource", resource, supported)]
    divisor = quantity.parse(reference.get("divisor", "0"))
    units = _DIVISORS["cpu" if name == "cpu" else "memory"]
    if not divisor or any(divisor == quantity.parse(unit) for unit in units):
        return []
    known = " and ".join(units) if name == "cpu" else ", ".join(units)
    words = f"only divisor's values {known} are supported with the {name} resource"
    return [invalid(f"{path}.divisor", resource, words)]


def validate_quantities(amounts: Obj | None, path: str) -> list[FieldError]:
    """Amounts that may not be negative."""
    return [
        error for name, amount in sorted((amounts or {}).items()) for error in _not_negative(amount, f"{path}[{name}]")
    ]


def _validate_amount(name: str, amount: str, path: str) -> list[FieldError]:
    found = [invalid(path, name, problem) for problem in names.qualified_name(name)]
    if "/" not in name and name not in _STANDARD and not name.startswith("hugepages-"):
        found.append(invalid(path, name, "must be a standard resource type or fully qualified"))
        found.append(invalid(path, name, "must be a standard resource for containers"))
    return found + _not_negative(amount, path)


def _not_negative(amount: str, path: str) -> list[FieldError]:
    if quantity.parse(amount) < quantity.ZERO:
        return [invalid(path, amount, "must be greater than or equal to 0")]
    return []


def _may_overcommit(name: str) -> bool:
    """Native resources but huge pages: a pod may be limited to more than it asks for."""
    native = "/" not in name or "kubernetes.io/" in name
    return native and not name.startswith("hugepages-")
