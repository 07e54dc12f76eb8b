"""PodDisruptionBudgets: which pods they are about, and the condition that says whether one of them may go.

Law: pure.
"""

from __future__ import annotations

from k8s_tutor.objects import selectors
from k8s_tutor.objects.types import Obj

__all__ = ["disruption_allowed", "selects"]


def selects(budget: Obj, pod: Obj) -> bool:
    """Whether the budget is about the pod; without a selector it is about none."""
    selector = budget["spec"].get("selector")
    return selector is not None and selectors.matches(selector, pod["metadata"].get("labels"))


def disruption_allowed(allowed: int, generation: int) -> Obj:
    """The condition DisruptionAllowed, where `allowed` pods may go."""
    return {
        "type": "DisruptionAllowed",
        "status": "True" if allowed else "False",
        "reason": "SufficientPods" if allowed else "InsufficientPods",
        "message": "",
        "observedGeneration": generation,
    }
