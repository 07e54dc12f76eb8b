"""The exercises of lesson 06, LoadBalancers: one file each, with judge, solutions and planted mistakes."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise
from . import session_affinity, load_balancer_class, outside_address, blue_green

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(
    module.EXERCISE for module in (outside_address, load_balancer_class, blue_green, session_affinity)
)
"""In the order of the lesson."""
