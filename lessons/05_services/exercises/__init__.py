"""The exercises of lesson 05, Services: one file each, with its judge, its solutions and its planted mistakes."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise
from . import wrong_port, own_service, headless, never_ready, wrong_selector

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(
    module.EXERCISE for module in (own_service, headless, wrong_selector, wrong_port, never_ready)
)
"""In the order of the lesson."""
