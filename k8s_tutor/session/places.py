"""Marked places: functions that a learner completes and a lesson's own code calls.

An open place does not stop a lesson: as long as its function returns the three dots it came with, the course's own
answer stands in for it, and says so. One that breaks off does so with a message, not with a traceback.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.exercises.catalog import exercise
from k8s_tutor.exercises.exercise import Exercise
from k8s_tutor.exercises.trial import Answer, is_open, place_of

__all__ = ["Place", "Places"]


class Place:
    """A learner's function, called as such.

    Attributes:
        function: The function as it was written.
    """

    def __init__(self, chosen: Exercise, function: Answer, say: Callable[[str], None]) -> None:
        self.function = function
        self._exercise = chosen
        self._say = say
        self._said = False
        update_wrapper(self, function)

    def __call__(self, *given: Any) -> Any:
        """What the learner's function gives, or the course's while it is open.

        Raises:
            TutorError: it broke off.
        """
        try:
            value = self.function(*given)
        except TutorError:
            raise
        except Exception as error:
            raise TutorError(
                f"Your function `{self._name}` broke off.",
                why=place_of(error),
                next_step=f't.check("{self._exercise.id}") tries it out and says more.',
            ) from error
        return self._stand_in(*given) if is_open(value) else value

    def __repr__(self) -> str:
        return f"<{self._name}, the place of {self._exercise.id}>"

    @property
    def _name(self) -> str:
        return str(getattr(self.function, "__name__", "function"))

    def _stand_in(self, *given: Any) -> Any:
        assert self._exercise.answer is not None  # seen to when the place was marked
        if not self._said:
            self._said = True
            self._say(f"`{self._name}` is still open ({self._exercise.id}): the course's own stands in for it.")
        return self._exercise.answer(*given)


class Places:
    """The marked places of a lesson, by exercise."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._places: dict[str, Place] = {}

    def mark(self, name: str) -> Callable[[Answer], Place]:
        """A decorator for the function that answers an exercise.

        Raises:
            UsageError: there is no such exercise, or it does not ask for a function.
        """
        chosen = exercise(name)
        if chosen.answer is None:
            raise UsageError(f"The exercise {name} does not ask for a function.")

        def marked(function: Answer) -> Place:
            self._places[name] = Place(chosen, function, self._say)
            return self._places[name]

        return marked

    def forget(self, name: str = "") -> None:
        """Opens a place again; all of them without a name."""
        for known in [name] if name else list(self._places):
            self._places.pop(known, None)

    @property
    def functions(self) -> dict[str, Answer]:
        """The learner's functions, by exercise."""
        return {name: place.function for name, place in self._places.items()}
