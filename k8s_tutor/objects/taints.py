"""Taints and tolerations. See kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from k8s_tutor.objects.types import Obj

__all__ = ["taints_of", "tolerates", "untolerated"]


def taints_of(node: Obj, effects: Sequence[str]) -> Iterable[Obj]:
    """The node's taints of these effects."""
    return (taint for taint in (node.get("spec") or {}).get("taints") or () if taint["effect"] in effects)


def tolerates(toleration: Obj, taint: Obj) -> bool:
    """Whether one toleration covers one taint."""
    if toleration.get("effect") and toleration["effect"] != taint["effect"]:
        return False
    key, operator = toleration.get("key", ""), toleration.get("operator") or "Equal"
    if key and key != taint["key"]:
        return False
    if operator == "Exists":
        return True
    value, actual = toleration.get("value", ""), taint.get("value", "")
    if operator in ("Gt", "Lt"):
        return _compares(operator, actual, value)
    return bool(key and operator == "Equal" and value == actual)


def untolerated(pod: Obj, taints: Iterable[Obj]) -> list[Obj]:
    """The taints that none of the pod's tolerations covers."""
    tolerations = pod["spec"].get("tolerations") or ()
    return [taint for taint in taints if not any(tolerates(row, taint) for row in tolerations)]


def _compares(operator: str, actual: str, limit: str) -> bool:
    try:
        return int(actual) > int(limit) if operator == "Gt" else int(actual) < int(limit)
    except ValueError:
        return False
