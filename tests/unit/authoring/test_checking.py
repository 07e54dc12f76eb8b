from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from k8s_tutor.authoring.checking import Check, CourseCheck, open_course
from k8s_tutor.authoring.factory import CourseBuilder
from k8s_tutor.course.record import CourseError, read_course
from tests.unit.authoring.conftest import EXERCISES, LESSON, RECORD

Small = Callable[..., Path]


def _checked(folder: Path, *, proofs: bool = False) -> tuple[dict[str, Check], list[str]]:
    said: list[str] = []
    return {check.name: check for check in CourseCheck(open_course(folder), proofs=proofs).run(said.append)}, said


def _complaint(folder: Path, step: str) -> str:
    checks, _ = _checked(folder)
    assert {name for name, check in checks.items() if check.complaints} == {step}
    (complaint,) = checks[step].complaints
    return complaint


def test_a_course_in_order_is_proven_and_counted(small: Small) -> None:
    checks, said = _checked(small(), proofs=True)
    assert said == []
    assert [str(check)[:84].rstrip() for check in checks.values()] == [
        "✓ in order       record         2 lessons",
        "✓ in order       sources        2 files, 4 cells",
        "✓ in order       translations   none: the course is in English",
        "✓ in order       notebooks      2 notebooks",
        "✓ in order       exercises      1 exercise",
        "✓ in order       proofs         1 untouched, 2 solutions, 2 mistakes",
    ]


def test_a_lessons_folder_stands_for_that_lesson_alone(small: Small) -> None:
    checks, _ = _checked(small() / "02_two")
    assert checks["sources"].looked_at == "1 file, 1 cell"
    assert checks["exercises"].looked_at == "0 exercises"


def test_a_folder_in_a_course_that_is_no_lesson_is_no_course(small: Small) -> None:
    with pytest.raises(CourseError, match="no lesson of the course"):
        open_course(small() / "en")


def test_a_source_that_breaks_a_rule_is_named_by_file_line_and_cell(small: Small) -> None:
    folder = small(LESSON + "\n# %%\nx = 1\ndef f(): pass\n")
    wanted = f"{folder / '01_one' / 'lesson.py'}, line 12, cell 4 ('x = 1'): defines something"
    assert _complaint(folder, "sources").startswith(wanted)


def test_a_notebook_that_fell_behind_is_named_by_the_cell_of_its_source(small: Small) -> None:
    folder = small()
    (folder / "01_one" / "lesson.py").write_text(LESSON.replace("print(1)", "print(2)"), encoding="utf-8")
    complaint = _complaint(folder, "notebooks")
    assert complaint.startswith(f"{folder / '01_one' / 'lesson.py'}, line 5, cell 2 ('print(2)'): ")
    assert complaint.endswith(f"run `k8s-tutor lesson build {folder}`")


def test_a_readme_that_fell_behind_is_named(small: Small) -> None:
    folder = small()
    (folder / "README.md").write_text("# S\n\n<!-- lessons of small -->\n<!-- end of lessons -->\n", encoding="utf-8")
    assert _complaint(folder, "notebooks").startswith(f"{folder / 'README.md'}, line 3: the table of lessons is not")


def test_a_language_that_is_missing_is_named_in_the_record_and_in_the_cell(small: Small) -> None:
    folder = small(record=RECORD.replace("[course]", '[course]\nlanguages = ["en", "zh"]'))
    checks, _ = _checked(folder)
    assert f"{folder / 'course.toml'}, line 4: 'A small one' is not translated into zh" in checks["record"].complaints
    (cell,) = checks["translations"].complaints
    assert cell == f"{folder / '01_one' / 'lesson.py'}, line 2, cell 1 ('# One'): is not translated into zh"


def test_a_name_that_one_of_our_lessons_has_is_refused(small: Small) -> None:
    folder = small()
    (folder / "02_two").rename(folder / "02_pods")
    (folder / "en" / "02_two.ipynb").unlink()
    (folder / "course.toml").write_text(RECORD.replace('"two"', '"pods"'), encoding="utf-8")
    checks, _ = _checked(folder)
    assert checks["record"].complaints == [
        f"{folder / 'course.toml'}, line 14: there is a lesson pods in the course kubernetes: choose another name"
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param('("a", "b", "c")', '("a", "b", "b")', "line 17: one-1 needs 3 hints at least", id="hints"),
        pytest.param(' + "  # again"', "", "line 17: one-1 needs two different solutions", id="solutions"),
        pytest.param('"wrong"', '"the wrong one"', "line 17: one-1 needs 2 mistakes at least, each", id="mistakes"),
        pytest.param('id="one-1"', 'id="two-1"', "line 17: the exercise two-1 is none of lesson one", id="id"),
        pytest.param("EXERCISES = (", "1 / 0\nEXERCISES = (", "line 15: the exercises of lesson one", id="error"),
    ],
)
def test_an_exercise_that_is_not_fair_is_named_by_file_and_line(small: Small, old: str, new: str, says: str) -> None:
    folder = small(exercises=EXERCISES.replace(old, new))
    assert _complaint(folder, "exercises").startswith(f"{folder / '01_one' / 'exercises.py'}, {says}")


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        pytest.param('t.check("one-2")', "there is no exercise one-2 in 01_one", id="exercise"),
        pytest.param('t.lesson("two")', 't.lesson("two") is another lesson; this one is one', id="lesson"),
    ],
)
def test_a_cell_that_names_what_is_not_there_is_named(small: Small, cell: str, says: str) -> None:
    folder = small(f"{LESSON}\n# %%\nprint(2)\n{cell}\n")
    wanted = f"{folder / '01_one' / 'lesson.py'}, line 11, cell 4 ('print(2)'): {says}"
    assert _complaint(folder, "exercises") == wanted


def test_an_exercise_that_the_lesson_never_checks_is_named(small: Small) -> None:
    folder = small(LESSON.replace('t.check("one-1")', "print()"))
    assert _complaint(folder, "exercises").endswith('lesson.py: no cell says t.check("one-1")')


PROOFS = [
    pytest.param(
        'objects=("configmap/answer", "configmap/question")',
        'looks_at=("configmaps",)',
        "untouched: the check says failed, not not attempted",
        id="start",
    ),
    pytest.param('made("answer"),', 'made("else"),', "solution: the check says not attempted", id="solution"),
    pytest.param(' + "  # again"', ' + "\\n1 / 0"', "alternative: broke off: ZeroDivisionError", id="error"),
    pytest.param('"the wrong one")', '"a wrong one")', "the mistake 'another name': its own answer", id="answer"),
]


@pytest.mark.parametrize(("old", "new", "says"), PROOFS)
def test_a_proof_that_fails_is_named_by_file_and_line(small: Small, old: str, new: str, says: str) -> None:
    folder = small(exercises=EXERCISES.replace(old, new))
    checks, said = _checked(folder, proofs=True)
    (complaint,) = checks["proofs"].complaints
    line = 25 if "mistake" in says else 17
    assert complaint.startswith(f"{folder / '01_one' / 'exercises.py'}, line {line}: one-1, {says}")
    assert said == [f"✗ {complaint}"]
    assert "(line 2 of its cell)" in complaint or "ZeroDivision" not in complaint


def test_what_an_exercise_says_in_another_language_is_checked_as_its_lesson_is(small: Small) -> None:
    said = EXERCISES.replace('title="One"', 'title=msg("Ask `t.graph()`.")').replace("import Exer", "import msg, Exer")
    folder = small(exercises=said, record=RECORD.replace("[course]", '[course]\nlanguages = ["en", "zh"]'))
    catalogue = folder / "01_one" / "zh_CN.po"

    def complaints() -> list[str]:
        found = _checked(folder)[0]["translations"].complaints
        return [one.removeprefix(f"{catalogue}: ") for one in found if "zh_CN.po" in one]

    (missing,) = complaints()
    assert missing.startswith("missing")
    assert CourseBuilder(read_course(folder)).update_catalogues() == [catalogue]
    assert complaints() == ["not translated: 'Ask `t.graph()`.'"]
    begun = catalogue.read_text(encoding="utf-8").rstrip().removesuffix('msgstr ""')
    catalogue.write_text(f'{begun}msgstr "问 `t.watch()`。"\n', encoding="utf-8")
    assert any("`t.graph()`" in one for one in complaints())
    catalogue.write_text(f'{begun}msgstr "问 `t.graph()`。"\n', encoding="utf-8")
    assert complaints() == []
