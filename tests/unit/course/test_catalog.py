from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from k8s_tutor.course.catalog import exercise_files, find_clinic, find_exercise, find_lesson, list_exercises
from k8s_tutor.course.finding import VARIABLE
from k8s_tutor.course.record import CourseError, read_course
from k8s_tutor.errors import UsageError
from k8s_tutor.language import Message, message
from tests.unit.course.conftest import EXERCISE, HEAD, lesson

Pack = Callable[..., Path]


def test_a_lesson_of_another_course_is_found_by_its_name(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(pack(exercises=EXERCISE.format(name="first"))))
    assert find_lesson("first").course == "acme"
    assert find_exercise("first-1").id == "first-1"
    assert find_lesson("services").course == "kubernetes"


def test_where_two_courses_have_a_lesson_the_first_is_meant_and_either_can_be_named(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pack(HEAD + lesson("pods"), "01_pods", exercises=EXERCISE.format(name="pods"))
    monkeypatch.setenv(VARIABLE, str(folder))
    assert find_lesson("pods").course == "acme"
    assert find_lesson("kubernetes/pods").course == "kubernetes"
    assert str(find_exercise("kubernetes/pods-1").title) == "A pod of your own"
    assert str(find_exercise("acme/pods-1").title) == ""


def test_a_lesson_that_is_none_names_the_nearest_and_why_a_course_is_missing(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(pack(HEAD + "x = 1")))
    with pytest.raises(UsageError) as caught:
        find_lesson("pod")
    assert caught.value.next_step == 'Did you mean "pods"?'
    assert "course.toml, line 5" in caught.value.why


def test_exercises_may_be_a_file_or_a_package_and_need_not_be(pack: Pack) -> None:
    (one,) = read_course(pack()).lessons
    assert list_exercises(one) == ()
    (one,) = read_course(pack(where="file", exercises=EXERCISE.format(name="first"))).lessons
    assert [item.id for item in list_exercises(one)] == ["first-1"]
    folder = pack(where="package") / "01_first" / "exercises"
    folder.mkdir()
    (folder / "__init__.py").write_text("from .one import EXERCISES\n", encoding="utf-8")
    (folder / "one.py").write_text(EXERCISE.format(name="first"), encoding="utf-8")
    (one,) = read_course(folder.parents[1]).lessons
    assert [item.id for item in list_exercises(one)] == ["first-1"]
    assert [path.name for path in exercise_files(one)] == ["__init__.py", "one.py"]


BROKEN = [
    pytest.param("x = 1\n\ny = =\n", "line 3", "SyntaxError", id="syntax"),
    pytest.param("\nimport no_such_module\n", "line 2", "No module named", id="import"),
    pytest.param("import sys\nsys.exit(3)\n", "line 2", "SystemExit", id="exit"),
    pytest.param("def f():\n    return 1 / 0\n\nf()\n", "line 2", "ZeroDivisionError", id="deep"),
    pytest.param("EXERCISE = ()\n", "exercises.py", "It has no EXERCISES", id="no list"),
    pytest.param("EXERCISES = 3\n", "exercises.py", "TypeError", id="no list of exercises"),
    pytest.param("\nEXERCISES = ['first-1']\n", "line 2", "which is no Exercise", id="a text"),
    pytest.param(EXERCISE.format(name="other"), "line 5", "none of lesson first", id="of another lesson"),
    pytest.param(EXERCISE.format(name="first") + "EXERCISES *= 2\n", "line 5", "two exercises first-1", id="twice"),
]


@pytest.mark.parametrize(("code", "where", "why"), BROKEN)
def test_exercises_that_are_broken_say_file_and_line(pack: Pack, code: str, where: str, why: str) -> None:
    folder = pack(exercises=code)
    (one,) = read_course(folder).lessons
    with pytest.raises(CourseError) as caught:
        list_exercises(one)
    assert caught.value.what.startswith(str(folder / "01_first" / "exercises.py"))
    assert where in caught.value.what
    assert why in str(caught.value)


def test_broken_exercises_leave_the_other_lessons_alone(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(pack(exercises="1 / 0")))
    assert find_exercise("pods-1").id == "pods-1"
    with pytest.raises(UsageError) as caught:
        find_exercise("pods-99")
    assert "pods-1, " in caught.value.why
    with pytest.raises(CourseError, match=r"exercises\.py, line 1"):
        find_exercise("first-1")


PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Bake a loaf"
msgstr "烤一个面包"
"""


def test_what_an_exercise_says_is_read_in_the_catalogue_beside_its_lesson(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message, "_folders", [])
    code = EXERCISE.format(name="first").replace('title=""', 'title=msg("Bake a loaf")')
    folder = pack(exercises=f"from k8s_tutor.exercises import msg\n{code}")
    next(folder.glob("*_first/")).joinpath("zh_CN.po").write_text(PO, encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(folder))
    title = find_exercise("first-1").title
    assert isinstance(title, Message)
    assert (title.render("en"), title.render("zh")) == ("Bake a loaf", "烤一个面包")


CLINIC = """
from k8s_tutor.exercises import Clinic

CLINIC = (Clinic("", (), (), "A patient.", "app=web", lambda app, offers: None),)
"""


def test_a_course_brings_a_clinic_along(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pack(HEAD.rstrip() + '\nclinic = "ward"\n' + lesson("first"))
    (folder / "ward").mkdir()
    (folder / "ward" / "faults.py").write_text(CLINIC, encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(folder))
    assert find_clinic()[1].story == "A patient."
    assert len(find_clinic("kubernetes")[1].faults) >= 30
    with pytest.raises(UsageError, match="There is no clinic") as caught:
        find_clinic("nobody")
    assert "acme, kubernetes" in caught.value.why


def test_a_clinic_without_a_folder_is_told_with_its_line(pack: Pack) -> None:
    folder = pack(HEAD.rstrip() + '\nclinic = "ward"\n' + lesson("first"))
    with pytest.raises(CourseError, match=r"course\.toml, line \d+: The clinic has no folder"):
        read_course(folder)


def test_a_clinic_that_is_none_is_told(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pack(HEAD.rstrip() + '\nclinic = "ward"\n' + lesson("first"))
    (folder / "ward").mkdir()
    (folder / "ward" / "faults.py").write_text("CLINIC = ()", encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(folder))
    with pytest.raises(CourseError, match="CLINIC holds no Clinic"):
        find_clinic("acme")
