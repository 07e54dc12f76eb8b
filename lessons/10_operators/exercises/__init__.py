"""The exercises of lesson 10, Operators: four marked places of the operator, its rights, and its Deployment."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise
from . import living_pods, lost_members, majority, new_member, own_name, own_rights

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(
    module.EXERCISE for module in (living_pods, lost_members, new_member, majority, own_rights, own_name)
)
"""In the order of the lesson."""
