"""What the containers of a pod need together.

See kubernetes.io/docs/concepts/workloads/pods/sidecar-containers (Resource sharing within containers).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from k8s_tutor.objects.types import Obj

__all__ = ["of_containers"]

Amounts = TypeVar("Amounts")


def of_containers(
    spec: Obj,
    none: Amounts,
    of: Callable[[Obj], Amounts],
    add: Callable[[Amounts, Amounts], Amounts],
    larger: Callable[[Amounts, Amounts], Amounts],
) -> Amounts:
    """The sum over what runs side by side, or more where starting up needs more.

    Sidecars (init containers that restart always) count with both.

    Args:
        spec: The pod's.
        none: No amounts at all.
        of: What one container needs.
        add: Of two amounts the sum.
        larger: Of two amounts the larger, resource by resource.
    """
    total = sidecars = peak = none
    for container in spec.get("containers") or ():
        total = add(total, of(container))
    for container in spec.get("initContainers") or ():
        asked = of(container)
        if container.get("restartPolicy") == "Always":
            sidecars = asked = add(sidecars, asked)
        else:
            asked = add(asked, sidecars)
        peak = larger(peak, asked)
    return larger(add(total, sidecars), peak)
