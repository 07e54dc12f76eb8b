"""The exercises of lesson 03, Start four of this image: bind, request, choose, tolerate, share."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise
from . import choice, control_plane, orphan, share, thousandths

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(
    module.EXERCISE for module in (orphan, thousandths, choice, control_plane, share)
)
"""In the order of the lesson."""
