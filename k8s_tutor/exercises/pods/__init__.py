"""The exercises of lesson 01, Pods: one file each, with its judge, its solutions and its planted mistakes."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise
from k8s_tutor.exercises.pods import finish, first, greedy, oven, pair, probe

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(module.EXERCISE for module in (first, finish, pair, probe, oven, greedy))
"""In the order of the lesson."""
