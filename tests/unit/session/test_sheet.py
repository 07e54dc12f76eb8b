"""One page to keep of a lesson."""

from __future__ import annotations

import pytest

from k8s_tutor.course.catalog import list_lessons
from k8s_tutor.course.finding import choose_course
from k8s_tutor.course.way import Outline
from k8s_tutor.session.guide import outline_of
from k8s_tutor.session.sheet import Sheet, write_sheet

COURSE = choose_course("kubernetes")


@pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda one: one.name)
def test_a_sheet_has_the_lessons_commands_and_pictures_and_no_exercise(lesson, tmp_path):
    sheet = write_sheet(lesson, outline_of(lesson), tmp_path)
    assert isinstance(sheet, Sheet)
    text = (tmp_path / f"{lesson.stem}-sheet.html").read_text(encoding="utf-8")
    assert text == sheet.page
    assert "t.kubectl(" in text
    assert 1 <= text.count("<img") + text.count("<svg") <= 4
    assert not any(word in text for word in ("t.check(", "t.exercise(", "t.leave("))


def test_in_a_terminal_it_is_one_line():
    assert str(Sheet("Lesson 1, Pods", "01_pods-sheet.html", "")) == (
        "Lesson 1, Pods, on one page, to print or to keep: 01_pods-sheet.html"
    )


def test_a_lesson_without_a_notebook_says_so(tmp_path):
    said = write_sheet(list_lessons()[0], Outline(), tmp_path)
    assert "has no notebook yet" in said
    assert list(tmp_path.iterdir()) == []
