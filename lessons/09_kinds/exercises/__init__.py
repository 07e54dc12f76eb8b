"""The exercises of lesson 09, Kinds of your own: one for each part of a definition."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise
from . import kept_rule, removable_versions, report, right_form, written_rule, written_schema

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(
    module.EXERCISE for module in (right_form, written_schema, kept_rule, written_rule, report, removable_versions)
)
"""In the order of the lesson."""
