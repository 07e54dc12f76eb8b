"""The exercises of lesson 06, LoadBalancers: one file each, with judge, solutions and planted mistakes."""

from __future__ import annotations

from k8s_tutor.exercises.exercise import Exercise
from k8s_tutor.exercises.loadbalancers import basket, mail, museum, stage

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(module.EXERCISE for module in (museum, mail, stage, basket))
"""In the order of the lesson."""
