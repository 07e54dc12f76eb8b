"""The exercises of lesson 07, Configuration and state: one file each, from a file that does not follow to a StatefulSet."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise
from . import forgetful_till, names_that_stay, unopened_safe, yesterdays_sign

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(
    module.EXERCISE for module in (yesterdays_sign, unopened_safe, forgetful_till, names_that_stay)
)
"""In the order of the lesson."""
