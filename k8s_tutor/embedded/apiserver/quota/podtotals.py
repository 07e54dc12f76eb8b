"""What a whole pod asks for and may use."""

from __future__ import annotations

from typing import Literal

from k8s_tutor.embedded.apiserver.quota.amounts import Amounts, add, amounts, larger
from k8s_tutor.objects.podresources import of_containers
from k8s_tutor.objects.types import Obj

__all__ = ["pod_total"]


def pod_total(spec: Obj, which: Literal["requests", "limits"]) -> Amounts:
    """The sum over what runs side by side, or more where starting up needs more; with the pod's overhead.

    Source: component-helpers/resource/helpers.go.
    """
    nothing: Amounts = {}
    total = of_containers(spec, nothing, lambda container: _of(container, which), add, larger)
    total = total | _of(spec, which)
    overhead = amounts(spec.get("overhead"))
    if which == "limits":
        overhead = {name: amount for name, amount in overhead.items() if name in total}
    return add(total, overhead)


def _of(container: Obj, which: str) -> Amounts:
    return amounts((container.get("resources") or {}).get(which))
