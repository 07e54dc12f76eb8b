"""The table of competencies: each of the field's is there, and what it names exists."""

from __future__ import annotations

import re
from pathlib import Path

from k8s_tutor.course.catalog import list_exercises, list_lessons

TABLE = Path(__file__).resolve().parents[2] / "lessons" / "README.md"
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if re.match(r"\| [KD]\d", line)
]


def test_each_competency_has_a_row() -> None:
    assert [row[0] for row in ROWS] == [*(f"K{n}" for n in range(1, 12)), *(f"D{n}" for n in range(1, 25))]


def test_lessons_and_exercises_that_are_named_exist() -> None:
    lessons = list_lessons()
    numbers = {f"{lesson.number:02}" for lesson in lessons}
    exercises = {item.id for lesson in lessons for item in list_exercises(lesson)}
    for _, _, where, named in ROWS:
        assert set(re.findall(r"\b\d\d\b", where)) <= numbers, where
        assert set(filter(None, named.split(", "))) <= exercises, named
        assert bool(named) <= (where != "not taught yet")
