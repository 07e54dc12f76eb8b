"""The exercises of lesson 11: two that read the API's map, two manifests of 2016, and the final challenge."""

from __future__ import annotations

from k8s_tutor.exercises import Challenge, Exercise
from . import challenge, group_labels, kind_addresses, old_deployment, old_ingress

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise | Challenge, ...] = tuple(
    module.EXERCISE for module in (group_labels, kind_addresses, old_deployment, old_ingress, challenge)
)
"""In the order of the lesson."""
