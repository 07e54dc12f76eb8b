"""The exercises of lesson 00, the picture book: one file each, with its judge, its solutions and its planted mistakes."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise
from . import door, first_wish, one_too_many

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(module.EXERCISE for module in (first_wish, one_too_many, door))
"""In the order of the lesson."""
