import ast
import sys
from pathlib import Path

import pytest

from k8s_tutor.course.catalog import find_exercise, list_exercises, list_lessons
from k8s_tutor.errors import UsageError
from k8s_tutor.exercises import Message, State

LESSONS = Path(__file__).resolve().parents[3] / "lessons"
ALL = [item for lesson in list_lessons() for item in list_exercises(lesson)]
MANY_KINDS = {"map-1": 6, "map-5": 8}  # they are about where kinds live, and about a whole shop


def test_an_unknown_exercise_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        find_exercise("pod-1")
    assert '"pods-1"' in caught.value.next_step


@pytest.mark.parametrize("item", ALL, ids=lambda item: item.id)
class TestEveryExercise:
    def test_has_three_mistakes_at_least_with_an_answer_each(self, item) -> None:
        assert len({mistake.says for mistake in item.mistakes}) == len(item.mistakes) >= 3

    def test_has_a_ladder_of_hints(self, item) -> None:
        assert len(set(item.hints)) >= 3

    def test_has_a_last_hint_that_names_the_solution(self, item) -> None:
        assert f't.solution("{item.id}")' in str(item.hint(item.hint_count - 1, State.of()))

    def test_leads_from_wherever_the_learner_stands(self, item) -> None:
        assert all(str(item.hint(index, State.of())) for index in range(item.hint_count))

    def test_says_words_as_data(self, item) -> None:
        assert isinstance(item.task, Message)
        assert isinstance(item.title, Message)
        assert isinstance(item.solved, Message)

    def test_lists_few_kinds(self, item) -> None:
        assert len(item.kinds) <= MANY_KINDS.get(item.id, 5)

    def test_has_two_different_solutions(self, item) -> None:
        assert item.solution != item.alternative

    def test_has_cells_short_enough_to_type(self, item) -> None:
        assert len(item.solution.splitlines()) <= 12 + 2  # the lesson's own limit, and a delete before it

    def test_lists_what_belongs_to_it(self, item) -> None:
        assert item.objects or item.function or item.pods


def test_ids_count_up_within_a_lesson() -> None:
    for lesson in list_lessons():
        ids = [item.id for item in list_exercises(lesson)]
        assert ids == [f"{lesson.name}-{number}" for number in range(1, len(ids) + 1)]


@pytest.mark.parametrize(
    "path", sorted(LESSONS.glob("*/exercises/*.py")), ids=lambda path: f"{path.parts[-3]}/{path.name}"
)
def test_a_pack_imports_the_toolkit_and_the_standard_library_only(path: Path) -> None:
    imported = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    for node in imported:
        module = str(node.module)
        assert node.level or module == "k8s_tutor.exercises" or module.partition(".")[0] in sys.stdlib_module_names
