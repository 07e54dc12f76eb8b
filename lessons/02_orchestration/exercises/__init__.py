"""The exercises of lesson 02, From Docker to orchestration: one file each, with its judge, solutions and mistakes."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise
from . import dockerfile_order, docker_line, image_elsewhere, by_hand, new_menu

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(
    module.EXERCISE for module in (dockerfile_order, docker_line, image_elsewhere, by_hand, new_menu)
)
"""In the order of the lesson."""
