"""Every exercise: untouched, solved in two ways, and gone wrong in each planted way. On both kinds of cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.exercises.catalog import LESSONS, exercises
from k8s_tutor.exercises.exercise import Exercise, Mistake
from k8s_tutor.exercises.verdict import Outcome

if TYPE_CHECKING:
    from k8s_tutor.session import Session

EXERCISES = [exercise for lesson in LESSONS for exercise in exercises(lesson)]
SOLUTIONS = [
    pytest.param(exercise, cell, id=f"{exercise.id}-{name}")
    for exercise in EXERCISES
    for name, cell in (("solution", exercise.solution), ("alternative", exercise.alternative))
]
MISTAKES = [
    pytest.param(exercise, mistake, id=f"{exercise.id}-{mistake.name.replace(' ', '_')}")
    for exercise in EXERCISES
    for mistake in exercise.mistakes
]


def _run(cell: str, t: Session) -> None:
    exec(compile(cell, "cell", "exec"), {"t": t})


@pytest.fixture(autouse=True)
def _tidy(t: Session, begun: set[str], exercise: Exercise) -> None:
    """Each attempt begins where the lesson begins: no other pod there whose name could be taken for a near miss."""
    if exercise.load_balancers and t.cluster.name == "context":
        pytest.skip("whether a cluster of somebody else's gives addresses is not ours to say")
    begun.add(exercise.lesson)
    t.lesson(exercise.lesson)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_untouched_is_not_attempted(t: Session, exercise: Exercise) -> None:
    t.exercise(exercise.id)
    assert t.check(exercise.id).outcome is Outcome.NOT_ATTEMPTED


@pytest.mark.parametrize(("exercise", "cell"), SOLUTIONS)
def test_a_solution_passes(t: Session, exercise: Exercise, cell: str) -> None:
    t.exercise(exercise.id)
    _run(cell, t)
    verdict = t.check(exercise.id)
    assert verdict.passed, verdict


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES)
def test_a_mistake_draws_its_own_answer(t: Session, exercise: Exercise, mistake: Mistake) -> None:
    t.exercise(exercise.id)
    _run(mistake.cell, t)
    verdict = t.check(exercise.id)
    assert verdict.outcome is mistake.outcome, verdict
    assert mistake.says in str(verdict)
