from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from k8s_tutor.authoring import factory
from k8s_tutor.authoring.commands import add_lesson, make_course
from k8s_tutor.authoring.source import read_source
from k8s_tutor.authoring.translation import complaints
from k8s_tutor.course.catalog import list_exercises
from k8s_tutor.course.finding import find_own_course
from k8s_tutor.course.record import Course, read_course
from k8s_tutor.errors import UsageError


@pytest.fixture
def ours(tmp_path: Path) -> Course:
    """A copy of the course that comes with the library."""
    skipped = shutil.ignore_patterns("__pycache__")
    return read_course(shutil.copytree(find_own_course(), tmp_path / "lessons", ignore=skipped))


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_adding_a_lesson_touches_its_folder_and_the_record_and_nothing_else(ours: Course) -> None:
    before = _files(ours.folder)
    add_lesson(ours, "ingress", 77)
    after = _files(ours.folder)
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed == {"course.toml", "77_ingress/lesson.py", "77_ingress/exercises.py"}
    assert before.keys() <= after.keys()


def test_whatever_lists_lessons_lists_the_new_one(ours: Course) -> None:
    (ours.folder.parent / "README.md").write_text(
        "<!-- lessons of kubernetes -->\n<!-- end of lessons -->\n", encoding="utf-8"
    )
    add_lesson(ours, "ingress", 77)
    course = read_course(ours.folder)
    assert [lesson.name for lesson in course.lessons] == [*(lesson.name for lesson in ours.lessons), "ingress"]
    assert "| 77 | [Ingress](77_ingress.ipynb) |" in factory.front_page(course, "en")
    assert factory.write(course) == [ours.folder.parent / "README.md"]
    assert "[Ingress](lessons/en/77_ingress.ipynb)" in (ours.folder.parent / "README.md").read_text(encoding="utf-8")
    assert [item.id for item in list_exercises(course.lessons[-1])] == ["ingress-1"]


def test_without_a_number_it_comes_last(ours: Course) -> None:
    assert add_lesson(ours, "ingress").name == f"{ours.lessons[-1].number + 1}_ingress"


def test_in_a_course_of_several_languages_it_is_translated(ours: Course) -> None:
    record = ours.folder / "course.toml"
    record.write_text(record.read_text(encoding="utf-8").replace('["en"]', '["en", "zh"]'), encoding="utf-8")
    folder = add_lesson(read_course(ours.folder), "ingress")
    assert complaints(read_source(folder / "lesson.py", "x"), ("en", "zh")) == []
    assert read_course(ours.folder).lessons[-1].titles.keys() == {"en", "zh"}


def test_elsewhere_a_course_of_its_own_is_made_which_others_can_install(tmp_path: Path) -> None:
    folder = make_course(tmp_path, "first-steps")
    assert {name.partition("/")[0] for name in _files(folder)} == {
        *("course.toml", "pyproject.toml", "README.md", "index.py", ".gitignore", "01_first_steps"),
    }
    course = read_course(folder)
    assert (course.name, [lesson.title for lesson in course.lessons]) == ("first-steps", ["First steps"])
    assert "zh" not in (folder / "01_first_steps" / "lesson.py").read_text(encoding="utf-8")
    assert "k8s_tutor_course_first_steps" in (folder / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("Ingress", "Try ingress.", id="a capital"),
        pytest.param("my lesson", "Try my-lesson.", id="a space"),
        pytest.param("../up", "Try up.", id="a way out"),
        pytest.param("pods", "Choose another name.", id="one of ours"),
        pytest.param("", "lower-case letters", id="nothing"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_with_one_that_can(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_course(tmp_path, name)
    assert says in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(ours: Course, tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    with pytest.raises(UsageError, match="is there already"):
        make_course(tmp_path, "acme")
    (ours.folder / "77_ingress").mkdir()
    before = _files(ours.folder)
    with pytest.raises(UsageError, match="is there already"):
        add_lesson(ours, "ingress", 77)
    with pytest.raises(UsageError, match="a lesson with the number 5 already"):
        add_lesson(ours, "ingress", 5)
    with pytest.raises(UsageError, match="cannot have the number -1"):
        add_lesson(ours, "ingress", -1)
    assert _files(ours.folder) == before
