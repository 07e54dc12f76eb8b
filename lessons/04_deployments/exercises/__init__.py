"""The exercises of lesson 04, Deployments: one file each, with its judge, its solutions and its planted mistakes."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise
from . import back_to_what_worked, never_fewer, one_for_the_doctor, own_deployment, stuck_rollout, three_promises

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(
    module.EXERCISE
    for module in (
        one_for_the_doctor,
        own_deployment,
        never_fewer,
        back_to_what_worked,
        stuck_rollout,
        three_promises,
    )
)
"""In the order of the lesson."""
