"""How much a pod asks for and a node has: CPU in thousandths of a core, everything else in whole units.

A pod asks for the sum of its containers, or for what its greediest init container needs if that is more; sidecars
(init containers that restart always) count with both.
See kubernetes.io/docs/concepts/workloads/pods/sidecar-containers (Resource sharing within containers).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from k8s_tutor.objects import quantity
from k8s_tutor.objects.podresources import of_containers
from k8s_tutor.objects.types import Obj

__all__ = ["Amounts", "add", "allocatable", "for_scoring", "requests", "subtract"]

Amounts: TypeAlias = dict[str, int]

DEFAULTS = {"cpu": 100, "memory": 200 * 1024 * 1024}
"""What a container that asks for nothing counts in scores, so that such pods spread too."""


def requests(pod: Obj) -> Amounts:
    """What a pod asks for."""
    return _total(pod, {})


def for_scoring(pod: Obj) -> Amounts:
    """What a pod asks for, with a little for each container that does not say."""
    return _total(pod, DEFAULTS)


def allocatable(node: Obj) -> Amounts:
    """What a node has for pods."""
    return _amounts((node.get("status") or {}).get("allocatable") or {})


def add(one: Mapping[str, int], two: Mapping[str, int]) -> Amounts:
    """The sum."""
    return {name: one.get(name, 0) + two.get(name, 0) for name in (*one, *(key for key in two if key not in one))}


def subtract(one: Mapping[str, int], two: Mapping[str, int]) -> Amounts:
    """The difference."""
    return add(one, {name: -amount for name, amount in two.items()})


def _total(pod: Obj, defaults: Mapping[str, int]) -> Amounts:
    spec = pod["spec"]
    nothing: Amounts = {}
    total = of_containers(spec, nothing, lambda container: _of_container(container, defaults), add, _larger)
    total = total | _amounts((spec.get("resources") or {}).get("requests") or {})
    return add(total, _amounts(spec.get("overhead") or {}))


def _of_container(container: Obj, defaults: Mapping[str, int]) -> Amounts:
    return {**defaults, **_amounts((container.get("resources") or {}).get("requests") or {})}


def _larger(one: Amounts, two: Amounts) -> Amounts:
    return {name: max(one.get(name, 0), two.get(name, 0)) for name in (*one, *(key for key in two if key not in one))}


def _amounts(texts: Mapping[str, str]) -> Amounts:
    parsed = {name: quantity.parse(text) for name, text in texts.items()}
    return {name: amount.millis if name == "cpu" else amount.value for name, amount in parsed.items()}
