"""All exercises, by lesson and by id."""

from __future__ import annotations

from importlib import import_module

from k8s_tutor.errors import UsageError
from k8s_tutor.exercises.exercise import Exercise
from k8s_tutor.objects.spelling import nearest

__all__ = ["LESSONS", "exercise", "exercises"]

LESSONS = ("pods", "services", "loadbalancers", "operators")
"""The lessons that have exercises; those of `pods` stand in the module `exercises.pods`, and so on."""


def exercises(lesson: str) -> tuple[Exercise, ...]:
    """The exercises of a lesson, in order; none for a lesson without."""
    if lesson not in LESSONS:
        return ()
    found: tuple[Exercise, ...] = import_module(f"k8s_tutor.exercises.{lesson}").EXERCISES
    return found


def exercise(name: str) -> Exercise:
    """The exercise with an id such as `pods-1`.

    Raises:
        UsageError: there is none of that id; the message names the nearest.
    """
    known = {item.id: item for lesson in LESSONS for item in exercises(lesson)}
    if name in known:
        return known[name]
    near = nearest(str(name), known)
    raise UsageError(
        f"There is no exercise {name!r}.",
        why=f"The exercises are {', '.join(known)}.",
        next_step=f'Did you mean t.check("{near}")?' if near else "",
    )
