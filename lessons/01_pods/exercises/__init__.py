"""The exercises of lesson 01, Pods: one file each, with its judge, its solutions and its planted mistakes."""

from __future__ import annotations

from k8s_tutor.exercises import Exercise
from . import finishing_pod, own_pod, fitting_request, broken_pod, two_containers, readiness_probe

__all__ = ["EXERCISES"]

EXERCISES: tuple[Exercise, ...] = tuple(
    module.EXERCISE for module in (own_pod, finishing_pod, two_containers, readiness_probe, broken_pod, fitting_request)
)
"""In the order of the lesson."""
