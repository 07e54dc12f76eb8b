from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from k8s_tutor.course.record import CourseError, is_name, read_course
from tests.unit.course.conftest import HEAD, lesson

Pack = Callable[..., Path]


def test_a_record_gives_the_lessons_in_order_with_their_folders(pack: Pack) -> None:
    folder = pack(HEAD + lesson("second", 20) + lesson("first", 3), "20_second", "03_first")
    course = read_course(folder)
    assert [one.stem for one in course.lessons] == ["03_first", "20_second"]
    assert course.lessons[0].source == folder / "03_first" / "lesson.py"
    assert course.languages == ("en",)


def test_what_a_lesson_may_say_beside_what_it_must(pack: Pack) -> None:
    more = 'needs = ["first"]\ndefinitions = ["a.b"]\nload_balancers = true\ntitle.zh = "二"'
    second = read_course(pack(HEAD + lesson() + lesson("second", 2, more), "01_first", "02_second")).lessons[1]
    assert (second.needs, second.definitions, second.load_balancers) == (("first",), ("a.b",), True)
    assert second.titles == {"en": "second", "zh": "二"}


def test_a_course_says_what_its_lessons_run(pack: Pack) -> None:
    assert read_course(pack(HEAD.rstrip() + '\nimages = ["nginx:1.22"]\n\n' + lesson(), "01_first")).images == (
        "nginx:1.22",
    )
    assert read_course(pack(HEAD + lesson(), "01_first")).images == ()


def _with(more: str) -> str:
    return HEAD + lesson(more=more)


FAULTS = [
    pytest.param("[course\n", "line 1: this is no TOML", "column 8", id="no TOML"),
    pytest.param(HEAD + "[[lesson]]\nname = ", "line 6: this is no TOML", "Invalid value", id="no TOML, at the end"),
    pytest.param("", "line 1: The record has no [course]", "its name", id="empty"),
    pytest.param(HEAD + "[[lessons]]\n", "line 5: `lessons` is nothing", "Did you mean `lesson`?", id="no such table"),
    pytest.param(HEAD + "[lesson]\n", "line 5: Lessons are written as [[lesson]]", "", id="one bracket"),
    pytest.param('course = "acme"\n', "line 1: `course` is no table", "[course]", id="no table"),
    pytest.param(_with("minuets = 5"), "line 11: `minuets` is nothing a lesson has", "`minutes`", id="misspelt"),
    pytest.param(HEAD.replace("name", "nmae"), "line 2: `nmae` is nothing a course has", "`name`", id="misspelt head"),
    pytest.param(HEAD.replace('name = "acme"', ""), "line 1: A course needs `name`", "", id="no name"),
    pytest.param(HEAD + lesson().replace("minutes = 5", ""), "line 5: A lesson needs `minutes`", "", id="no minutes"),
    pytest.param(
        HEAD + lesson().replace("5", '"5"'), "line 8: `minutes` is not a whole number", "", id="a text for a number"
    ),
    pytest.param(
        HEAD + lesson().replace("= 5", "= true"), "line 8: `minutes` is not a whole", "", id="a truth for a number"
    ),
    pytest.param(HEAD + lesson().replace("= 5", "= 0"), "line 8: `minutes` is 0", "a minute at least", id="no time"),
    pytest.param(HEAD + lesson(number=-1), "line 6: `number` is -1", "count from 0", id="below nought"),
    pytest.param(
        HEAD + lesson().replace("title.en", "title.zh"), "line 9: `title` has no English", 'title.en = "…"', id="title"
    ),
    pytest.param(
        HEAD + lesson().replace("title.en", "title"),
        "line 9: `title` is not a text by language",
        "title.en",
        id="plain",
    ),
    pytest.param(
        HEAD + lesson(more='[lesson.needs]\nx = "y"'), "line 11: `needs` is not a list", "needs = [", id="its own table"
    ),
    pytest.param(_with("needs = [1]"), "line 11: `needs` holds something that is no text", "", id="a number in a list"),
    pytest.param(
        HEAD + lesson().replace('"first"', '"First"', 1), "line 7: `First` cannot be", "lower-case", id="a capital"
    ),
    pytest.param(HEAD + lesson("second"), "line 5: Lesson second: it has no folder", "01_second", id="no folder"),
    pytest.param(_with('needs = ["frist"]'), "line 11: Lesson first needs `frist`, which is no", "", id="needs none"),
    pytest.param(_with('needs = ["first"]'), "line 11: Lesson first needs `first`", "not come before", id="itself"),
    pytest.param(HEAD + lesson() * 2, "line 14: There are two lessons with the name `first`", "", id="twice"),
    pytest.param(
        HEAD + lesson() + lesson("same"), "line 13: There are two lessons with the number `1`", "", id="a number twice"
    ),
    pytest.param(
        HEAD.replace("[course]", '[course]\nlanguages = ["zh"]'), "line 2: `languages` does not", "", id="no English"
    ),
]


@pytest.mark.parametrize(("record", "what", "why"), FAULTS)
def test_a_fault_is_told_with_its_line_and_what_was_meant(pack: Pack, record: str, what: str, why: str) -> None:
    folder = pack(record, "01_first", "01_same")
    with pytest.raises(CourseError) as caught:
        read_course(folder)
    assert caught.value.what.startswith(f"{folder / 'course.toml'}, {what}")
    assert why in caught.value.why


def test_a_folder_without_a_source_is_told(pack: Pack) -> None:
    folder = pack()
    (folder / "01_first" / "lesson.py").unlink()
    with pytest.raises(CourseError, match=r"line 5: Lesson first: its folder has no lesson\.py"):
        read_course(folder)


def test_a_folder_that_is_no_course_says_what_one_is(tmp_path: Path) -> None:
    with pytest.raises(CourseError) as caught:
        read_course(tmp_path)
    assert "a file course.toml" in caught.value.why
    assert "lesson new" in caught.value.next_step


def test_a_record_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(CourseError, match="cannot be read"):
        read_course(tmp_path)


def test_a_file_below_the_current_folder_is_named_as_one_would_type_it(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pack(HEAD + "x = 1")
    monkeypatch.chdir(folder.parent)
    with pytest.raises(CourseError) as caught:
        read_course(folder)
    assert caught.value.what.startswith("pack/course.toml, line 5: ")


@pytest.mark.parametrize("name", ["a", "first-steps", "x1"])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "-", "a-", "1a", "a_b", "A", "a.b", "a/b", "..", "a b", "a" * 41])
def test_no_names(name: str) -> None:
    assert not is_name(name)
