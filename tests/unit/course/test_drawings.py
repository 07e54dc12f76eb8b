"""Drawings that a lesson brings along: found by name, as a file or a package; what is wrong is told with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from k8s_tutor.course.catalog import find_lesson
from k8s_tutor.course.drawings import find_drawing, list_drawings
from k8s_tutor.course.record import CourseError, Lesson, read_course
from k8s_tutor.errors import UsageError

Pack = Callable[..., Path]
DRAWING = """\
class Boat:
    key = "boat"

    def draw(self, language):
        return f"<svg>{language}</svg>"

    def tell(self, language):
        return "a boat"


PICTURES = (Boat(),)
"""


def lesson_with(folder: Path, text: str, file: str = "pictures.py") -> Lesson:
    path = folder / "01_first" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return read_course(folder).lessons[0]


@pytest.mark.parametrize("file", ["pictures.py", "pictures/__init__.py"])
def test_a_file_or_a_package_holds_them(pack: Pack, file: str) -> None:
    drawing = find_drawing(lesson_with(pack(), DRAWING, file), "boat")
    assert (drawing.draw("zh"), drawing.tell("en")) == ("<svg>zh</svg>", "a boat")


def test_a_lesson_needs_none(pack: Pack) -> None:
    (one,) = read_course(pack()).lessons
    assert list_drawings(one) == ()
    with pytest.raises(UsageError, match="has no picture") as caught:
        find_drawing(one, "boat")
    assert caught.value.why == "It brings none along."


def test_a_name_that_is_none_names_the_nearest(pack: Pack) -> None:
    with pytest.raises(UsageError) as caught:
        find_drawing(lesson_with(pack(), DRAWING), "boot")
    assert caught.value.next_step == 'Did you mean "boat"?'


def test_what_cannot_be_loaded_is_told_with_file_and_line(pack: Pack) -> None:
    with pytest.raises(CourseError, match=r"pictures\.py, line 2: the pictures of lesson first cannot be loaded"):
        list_drawings(lesson_with(pack(), "x = 1\ny = x.z\n"))


def test_what_is_no_drawing_is_refused(pack: Pack) -> None:
    with pytest.raises(CourseError, match="which has no key, draw and tell"):
        list_drawings(lesson_with(pack(), "PICTURES = ('boat',)\n"))


def test_the_picture_book_brings_its_pages() -> None:
    drawings = list_drawings(find_lesson("picture-book"))
    assert [one.key for one in drawings][:3] == ["alone", "home", "quays"]
    assert all(one.draw(language).startswith("<svg") for one in drawings for language in ("en", "zh"))
    assert "小云雀" in find_drawing(find_lesson("picture-book"), "alone").tell("zh")
