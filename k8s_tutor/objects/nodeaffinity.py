"""Node selectors and node affinity.

See kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node (Affinity and anti-affinity).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["matches_required", "preference", "reaches"]


def matches_required(pod: Obj, node: Obj) -> bool:
    """Whether the node has what `nodeSelector` and required node affinity ask for."""
    labels = metadata.labels(node)
    wanted = pod["spec"].get("nodeSelector") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    required = _affinity(pod).get("requiredDuringSchedulingIgnoredDuringExecution")
    if required is None:
        return True
    return any(_term(term, node) for term in required.get("nodeSelectorTerms") or ())


def preference(pod: Obj, node: Obj) -> int:
    """The sum of the weights of the preferred terms that the node meets."""
    rows = _affinity(pod).get("preferredDuringSchedulingIgnoredDuringExecution") or ()
    return sum(int(row["weight"]) for row in rows if _term(row["preference"], node))


def reaches(volume: Obj, node: Obj) -> bool:
    """Whether the volume's `nodeAffinity`, if it has one, lets pods on the node use it."""
    required = (volume["spec"].get("nodeAffinity") or {}).get("required")
    return required is None or any(_term(term, node) for term in required.get("nodeSelectorTerms") or ())


def _affinity(pod: Obj) -> Obj:
    return (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}


def _term(term: Obj, node: Obj) -> bool:
    expressions, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    if not expressions and not fields:
        return False
    labels = metadata.labels(node)
    named = {"metadata.name": metadata.name(node)}
    return all(_holds(row, labels) for row in expressions) and all(_holds(row, named) for row in fields)


def _holds(row: Obj, labels: Mapping[str, str]) -> bool:
    test = _OPERATORS.get(row["operator"])
    return test is not None and test(labels.get(row["key"]), list(row.get("values") or ()))


def _number(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def _beyond(value: str | None, limits: list[str], sign: int) -> bool:
    number, limit = _number(value), _number(limits[0] if limits else None)
    return number is not None and limit is not None and sign * (number - limit) > 0


_OPERATORS: Mapping[str, Callable[[str | None, list[str]], bool]] = {
    "In": lambda value, values: value in values,
    "NotIn": lambda value, values: value not in values,
    "Exists": lambda value, values: value is not None,
    "DoesNotExist": lambda value, values: value is None,
    "Gt": lambda value, values: _beyond(value, values, 1),
    "Lt": lambda value, values: _beyond(value, values, -1),
}
