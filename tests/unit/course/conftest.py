"""Packs made for a test: a folder with a record, lessons and exercises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

HEAD = """\
[course]
name = "acme"
title.en = "A pack"

"""
LESSON = """\
[[lesson]]
number = {number}
name = "{name}"
minutes = 5
title.en = "{name}"
learn.en = "learn"
"""
EXERCISE = """\
from k8s_tutor.exercises import Exercise

EXERCISES = (
    Exercise(
        id="{name}-1",
        title="", task="", checks=(), solved="", hints=(), solution="", alternative="", mistakes=(),
    ),
)
"""


def lesson(name: str = "first", number: int = 1, more: str = "") -> str:
    """The record of a lesson."""
    return f"{LESSON.format(name=name, number=number)}{more}\n"


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Path]:
    """Makes a pack: `pack(record, "01_first")`; its folder."""

    def make(record: str = HEAD + lesson(), *folders: str, exercises: str = "", where: str = "pack") -> Path:
        folder = tmp_path / where
        for name in folders or ("01_first",):
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name / "lesson.py").write_text("# %%\nprint(1)\n", encoding="utf-8")
            if exercises:
                (folder / name / "exercises.py").write_text(exercises, encoding="utf-8")
        (folder / "course.toml").write_text(record, encoding="utf-8")
        return folder

    return make
