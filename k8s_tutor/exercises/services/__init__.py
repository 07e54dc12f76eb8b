"""The exercises of lesson 05, Services: one file each, with its judge, its solutions and its planted mistakes."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise
from k8s_tutor.exercises.services import bakery, books, choir, clinic, shop

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(module.EXERCISE for module in (books, choir, shop, bakery, clinic))
"""In the order of the lesson."""
