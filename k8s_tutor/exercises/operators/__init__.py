"""The exercises of lesson 10, Operators: the three marked places of the operator, one in each of its steps."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise
from k8s_tutor.exercises.operators import alive, join, lost

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(module.EXERCISE for module in (alive, lost, join))
"""In the order of the lesson."""
