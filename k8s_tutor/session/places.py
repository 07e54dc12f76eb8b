"""Marked places: functions that a learner completes and a lesson's own code calls.

An open place does not stop a lesson: as long as its function returns the three dots it came with, the course's own
answer stands in for it, and says so. A faulty one is not let loose on the cluster: whoever calls it is told what its
check says. Neither ends in a traceback.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Any, TypeAlias

from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.exercises.catalog import exercise
from k8s_tutor.exercises.exercise import Exercise
from k8s_tutor.exercises.trial import Answer, place_of
from k8s_tutor.exercises.verdict import Outcome, Verdict

__all__ = ["Place", "Places"]

Look: TypeAlias = Callable[[Exercise, Mapping[str, Answer]], Verdict]


class Place:
    """A learner's function, called as such.

    Attributes:
        function: The function as it was written.
    """

    def __init__(self, chosen: Exercise, function: Answer, look: Look, say: Callable[[str], None]) -> None:
        self.function = function
        self._exercise = chosen
        self._look = look
        self._say = say
        self._chosen: Answer | None = None
        update_wrapper(self, function)

    def __call__(self, *given: Any) -> Any:
        """What the learner's function gives, or the course's while it is open.

        Raises:
            TutorError: it is faulty; says what its check says.
        """
        if self._chosen is None:
            self._chosen = self._choose()
        try:
            return self._chosen(*given)
        except TutorError:
            raise
        except Exception as error:
            raise TutorError(f"Your function `{self._name}` broke off.", place_of(error), self._check) from error

    def __repr__(self) -> str:
        return f"<{self._name}, the place of {self._exercise.id}>"

    @property
    def _name(self) -> str:
        return str(getattr(self.function, "__name__", "function"))

    @property
    def _check(self) -> str:
        return f't.check("{self._exercise.id}") tries it out and says more.'

    def _choose(self) -> Answer:
        """The learner's function if it holds, the course's if it is open."""
        verdict = self._look(self._exercise, {self._exercise.id: self.function})
        if verdict.passed:
            return self.function
        if verdict.outcome is Outcome.NOT_ATTEMPTED and self._exercise.answer is not None:
            self._say(f"`{self._name}` is still open ({self._exercise.id}): the course's own stands in for it.")
            return self._exercise.answer
        why = " ".join((verdict.summary, *verdict.evidence))
        raise TutorError(f"Your function `{self._name}` is not right yet.", why, verdict.hint or self._check)


class Places:
    """The marked places of a lesson, by exercise.

    Args:
        look: Judges an exercise by a learner's functions.
        say: Told when the course's own answer stands in.
    """

    def __init__(self, look: Look, say: Callable[[str], None]) -> None:
        self._look = look
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
            self._places[name] = Place(chosen, function, self._look, self._say)
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
