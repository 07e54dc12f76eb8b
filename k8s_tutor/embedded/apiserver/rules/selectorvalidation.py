"""What is wrong with a LabelSelector."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.fielderrors import FieldError, forbidden, invalid, required
from k8s_tutor.embedded.apiserver.rules.metadata import check_labels
from k8s_tutor.objects import names
from k8s_tutor.objects.types import Obj

__all__ = ["is_empty_selector", "validate_label_selector"]


def validate_label_selector(selector: Obj | None, path: str) -> list[FieldError]:
    """`matchLabels` and `matchExpressions`."""
    if not selector:
        return []
    found = check_labels(selector.get("matchLabels"), f"{path}.matchLabels")
    for index, row in enumerate(selector.get("matchExpressions", ())):
        found += _validate_expression(row, f"{path}.matchExpressions[{index}]")
    return found


def is_empty_selector(selector: Obj | None) -> bool:
    """Whether a selector would select everything."""
    return not selector or not (selector.get("matchLabels") or selector.get("matchExpressions"))


def _validate_expression(row: Obj, path: str) -> list[FieldError]:
    operator, values, key = row["operator"], row.get("values", []), row["key"]
    found: list[FieldError] = []
    if operator in ("In", "NotIn"):
        if not values:
            found.append(required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            words = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            found.append(forbidden(f"{path}.values", words))
    else:
        found.append(invalid(f"{path}.operator", operator, "not a valid selector operator"))
    found += [invalid(f"{path}.key", key, problem) for problem in names.qualified_name(key)]
    for index, value in enumerate(values):
        found += [invalid(f"{path}.values[{index}]", value, problem) for problem in names.label_value(value)]
    return found
