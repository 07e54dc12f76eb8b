import pytest

from k8s_tutor.errors import UsageError
from k8s_tutor.exercises.catalog import LESSONS, exercise, exercises

ALL = [item for lesson in LESSONS for item in exercises(lesson)]


def test_an_unknown_exercise_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        exercise("pod-1")
    assert 't.check("pods-1")' in caught.value.next_step


@pytest.mark.parametrize("item", ALL, ids=lambda item: item.id)
class TestEveryExercise:
    def test_has_two_mistakes_at_least_with_an_answer_each(self, item) -> None:
        assert len({mistake.says for mistake in item.mistakes}) == len(item.mistakes) >= 2

    def test_has_a_ladder_of_hints(self, item) -> None:
        assert len(set(item.hints)) >= 3

    def test_has_two_different_solutions(self, item) -> None:
        assert item.solution != item.alternative

    def test_has_cells_short_enough_to_type(self, item) -> None:
        assert len(item.solution.splitlines()) <= 12 + 2  # the lesson's own limit, and a delete before it

    def test_lists_what_belongs_to_it(self, item) -> None:
        assert item.objects or item.answer


def test_ids_count_up_within_a_lesson() -> None:
    for lesson in LESSONS:
        assert [item.id for item in exercises(lesson)] == [f"{lesson}-{n + 1}" for n in range(len(exercises(lesson)))]
