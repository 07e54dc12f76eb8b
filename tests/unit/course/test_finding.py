from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from k8s_tutor.course import finding
from k8s_tutor.course.finding import VARIABLE, choose_course, find_courses, find_own_course, with_course
from k8s_tutor.course.record import CourseError
from k8s_tutor.errors import UsageError
from tests.unit.course.conftest import HEAD, lesson

Pack = Callable[..., Path]
OURS = metadata.EntryPoint("kubernetes", "k8s_tutor.course.finding:find_own_course", finding.GROUP)


@pytest.fixture(autouse=True)
def _only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(metadata, "entry_points", lambda **_: (OURS,))


@pytest.fixture(autouse=True)
def _look_anew() -> None:
    finding._installed.cache_clear()


def _install(monkeypatch: pytest.MonkeyPatch, *points: tuple[str, str]) -> None:
    made = [metadata.EntryPoint(name, value, finding.GROUP) for name, value in points]
    monkeypatch.setattr(metadata, "entry_points", lambda **_: (*made, OURS))


def _names() -> list[str]:
    return [course.name for course in find_courses().found]


def test_ours_comes_in_by_an_entry_point() -> None:
    courses = find_courses()
    assert [course.folder for course in courses.found] == [find_own_course()]
    assert courses.broken == ()


def test_a_named_course_stands_beside_ours_and_goes_before_it(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(pack()))
    assert _names() == ["acme", "kubernetes"]


def test_as_many_are_named_as_one_likes(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    other = pack(HEAD.replace("acme", "zoo") + lesson(), where="other")
    monkeypatch.setenv(VARIABLE, os.pathsep.join([str(other), "", str(pack())]))
    assert _names() == ["zoo", "acme", "kubernetes"]


def test_a_broken_course_says_where_and_leaves_the_others_alone(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pack(HEAD + "x = 1")
    monkeypatch.setenv(VARIABLE, str(folder))
    assert _names() == ["kubernetes"]
    (broken,) = find_courses().broken
    assert broken.what.startswith(f"{folder / 'course.toml'}, line 5: ")


def test_a_mended_record_is_read_anew(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pack(HEAD + "x = 1")
    monkeypatch.setenv(VARIABLE, str(folder))
    assert _names() == ["kubernetes"]
    (folder / "course.toml").write_text(HEAD + lesson(), encoding="utf-8")
    assert _names() == ["acme", "kubernetes"]


def test_of_two_courses_with_one_name_the_first_is_used_and_the_other_told(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = pack(), pack(where="other")
    monkeypatch.setenv(VARIABLE, os.pathsep.join([str(one), str(other)]))
    assert find_courses().found[0].folder == one
    (broken,) = find_courses().broken
    assert broken.what == f"{other / 'course.toml'}: another course is called acme, too."
    assert str(one) in broken.why


def test_the_same_folder_named_twice_is_one_course(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pack()
    monkeypatch.setenv(VARIABLE, os.pathsep.join([str(folder), f"{folder}{os.sep}..{os.sep}{folder.name}"]))
    assert find_courses().broken == ()


def test_an_installed_package_is_a_course_without_a_line_of_python(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pack(where="acme_lessons")
    monkeypatch.setattr(sys, "path", [str(folder.parent), *sys.path])
    _install(monkeypatch, ("acme", "acme_lessons"))
    assert _names() == ["kubernetes", "acme"]


def test_an_entry_point_may_name_a_function(pack: Pack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = pack()
    code = f"import pathlib\ndef folder():\n    return pathlib.Path({str(folder)!r})\n"
    (tmp_path / "acme_of_a_function.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    _install(monkeypatch, ("acme", "acme_of_a_function:folder"))
    assert _names() == ["kubernetes", "acme"]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param("no_such_package", "No module named 'no_such_package'", id="no package"),
        pytest.param("ast", "ast is a module, not a package", id="a module"),
        pytest.param("json", "There is no course in", id="a package without a course"),
        pytest.param("json:loads", "TypeError", id="a function that fails"),
        pytest.param("json:decoder", "TypeError", id="no folder"),
    ],
)
def test_an_entry_point_that_leads_nowhere_is_told(monkeypatch: pytest.MonkeyPatch, value: str, says: str) -> None:
    _install(monkeypatch, ("acme", value))
    assert _names() == ["kubernetes"]
    (broken,) = find_courses().broken
    assert says in str(broken)


def test_a_course_is_chosen_by_its_folder_or_its_name(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pack()
    assert choose_course(str(folder)).name == "acme"
    monkeypatch.chdir(folder.parent)
    assert choose_course("pack").folder == folder
    assert choose_course("kubernetes").folder == find_own_course()


def test_without_a_choice_the_first_is_opened_which_is_the_named_one(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert choose_course().name == "kubernetes"
    monkeypatch.setenv(VARIABLE, str(pack()))
    assert choose_course().name == "acme"


def test_a_course_that_is_none_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        choose_course("kubernets")
    assert caught.value.next_step == "Did you mean kubernetes?"


def test_a_chosen_course_that_is_broken_says_where(pack: Pack) -> None:
    with pytest.raises(CourseError, match="line 5"):
        choose_course(str(pack(HEAD + "x = 1")))


def test_a_course_is_put_before_what_was_named_already(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pack()
    monkeypatch.setenv(VARIABLE, os.pathsep.join(["other", str(folder)]))
    assert with_course(folder) == os.pathsep.join([str(folder), "other"])
