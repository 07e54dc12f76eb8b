"""The exercises of lesson 08, The control loop: one with a built-in controller, three in the janitor, one quarrel."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise
from . import asked_to_go, cache, handed_over, litter, taken_out

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(
    module.EXERCISE for module in (taken_out, cache, litter, asked_to_go, handed_over)
)
"""In the order of the lesson."""
