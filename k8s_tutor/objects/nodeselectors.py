"""Which nodes a Pod may run on: selectors, affinity, taints and tolerations; what a scheduler says where none fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = [
    "Clause",
    "Refusals",
    "matches_required",
    "preference",
    "reaches",
    "refusals",
    "taints_of",
    "tolerates",
    "untolerated",
]


# ---- Taints and tolerations. See kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration


def taints_of(node: Obj, effects: Sequence[str]) -> Iterable[Obj]:
    """The node's taints of these effects."""
    return (taint for taint in (node.get("spec") or {}).get("taints") or () if taint.get("effect") in effects)


def tolerates(toleration: Obj, taint: Obj) -> bool:
    """Whether one toleration covers one taint."""
    if toleration.get("effect") and toleration["effect"] != taint.get("effect"):
        return False
    key, operator = toleration.get("key", ""), toleration.get("operator") or "Equal"
    if key and key != taint.get("key"):
        return False
    if operator == "Exists":
        return True
    value, actual = toleration.get("value", ""), taint.get("value", "")
    if operator in ("Gt", "Lt"):
        return _compares(operator, actual, value)
    return bool(key and operator == "Equal" and value == actual)


def untolerated(pod: Obj, taints: Iterable[Obj]) -> list[Obj]:
    """The taints that none of the pod's tolerations covers."""
    tolerations = (pod.get("spec") or {}).get("tolerations") or ()
    return [taint for taint in taints if not any(tolerates(row, taint) for row in tolerations)]


def _compares(operator: str, actual: str, limit: str) -> bool:
    try:
        return int(actual) > int(limit) if operator == "Gt" else int(actual) < int(limit)
    except ValueError:
        return False


# ---- Node selectors and node affinity
#
# See kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node (Affinity and anti-affinity).


def matches_required(pod: Obj, node: Obj) -> bool:
    """Whether the node has what `nodeSelector` and required node affinity ask for."""
    labels = metadata.labels(node)
    wanted = (pod.get("spec") or {}).get("nodeSelector") or {}
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
    required = ((volume.get("spec") or {}).get("nodeAffinity") or {}).get("required")
    return required is None or any(_term(term, node) for term in required.get("nodeSelectorTerms") or ())


def _affinity(pod: Obj) -> Obj:
    return ((pod.get("spec") or {}).get("affinity") or {}).get("nodeAffinity") or {}


def _term(term: Obj, node: Obj) -> bool:
    expressions, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    if not expressions and not fields:
        return False
    labels = metadata.labels(node)
    named = {"metadata.name": metadata.name(node)}
    return all(_holds(row, labels) for row in expressions) and all(_holds(row, named) for row in fields)


def _holds(row: Obj, labels: Mapping[str, str]) -> bool:
    test = _OPERATORS.get(row.get("operator", ""))
    return test is not None and test(labels.get(row.get("key", "")), list(row.get("values") or ()))


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


# ---- The scheduler's message, taken apart: `0/3 nodes are available: 1 node(s) were unschedulable, …`

_WHOLE = re.compile(r"^(\d+)/(\d+) nodes are available: (.*)$", re.DOTALL)
_CLAUSE = re.compile(r"^(\d+) (.+)$", re.DOTALL)
_NEXT = re.compile(r", (?=\d+ )")  # a clause may hold commas (`{key: value}`); each begins with its count


@dataclass(frozen=True, slots=True)
class Clause:
    """One reason, and on how many nodes it holds; 0 where it holds whatever the node."""

    nodes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Refusals:
    """A message taken apart.

    Attributes:
        nodes: How many nodes there are; 0 where the message does not say.
        clauses: In its order.
        preemption: What it says of making room by removing others, `""` for nothing.
    """

    nodes: int
    clauses: tuple[Clause, ...]
    preemption: str = ""


def refusals(message: str) -> Refusals:
    """The parts of a message; one that is built otherwise is one clause."""
    text, _, preemption = message.partition(" preemption: ")
    whole = _WHOLE.match(text.strip())
    if whole is None:
        words = text.strip().rstrip(".")
        return Refusals(0, (Clause(0, words),) if words else (), preemption.strip())
    clauses = tuple(_clause(part) for part in _NEXT.split(whole[3].strip().removesuffix(".")) if part)
    return Refusals(int(whole[2]), clauses, preemption.strip())


def _clause(text: str) -> Clause:
    found = _CLAUSE.match(text)
    return Clause(int(found[1]), found[2].rstrip(".")) if found else Clause(0, text.rstrip("."))
