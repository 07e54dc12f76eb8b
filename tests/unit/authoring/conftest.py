"""A small course for tests about making courses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from k8s_tutor.authoring.factory import CourseBuilder
from k8s_tutor.authoring.source import dumps
from k8s_tutor.course.record import read_course

RECORD = """\
[course]
name = "small"
title.en = "A small one"

[[lesson]]
number = 1
name = "one"
minutes = 1
title.en = "One"
learn.en = "learn"

[[lesson]]
number = 2
name = "two"
minutes = 1
title.en = "Two"
learn.en = "learn more"
"""
LESSON = '# %% [markdown]\n# # One\n\n# %%\nprint(1)\n\n# %%\nt.check("one-1")\n'
EXERCISES = """\
from k8s_tutor.exercises import Exercise, Mistake, failed, see


def check(state):
    names = state.names("configmaps")
    if "answer" in names:
        return see("there")
    return failed("the wrong one.")


def made(name):
    return f't.apply({{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {{"name": "{name}"}}}})'


EXERCISES = (
    Exercise(
        id="one-1",
        title="One",
        task="Make a ConfigMap.",
        checks=(check,), solved="it is there.",
        hints=("a", "b", "c"),
        solution=made("answer"),
        alternative=made("answer") + "  # again",
        mistakes=(
            Mistake("another name", made("question"), "the wrong one"),
            Mistake("two of them", made("question") + ";" + made("question"), "wrong"),
        ),
        objects=("configmap/answer", "configmap/question"),
    ),
)
"""


def write_notebooks(builder: CourseBuilder) -> None:
    """Notebooks as a build writes them, without running anything."""
    for source in builder.sources():
        for language in builder.languages:
            built = builder.notebook(source, language)
            for cell in built["cells"]:
                if cell["cell_type"] == "code":
                    cell["execution_count"] = 1
            path = builder.notebook_path(source, language)
            path.parent.mkdir(exist_ok=True)
            path.write_text(dumps(built), encoding="utf-8", newline="\n")


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Makes a course in order: `small(exercises=…)`; its folder."""

    def make(lesson: str = LESSON, exercises: str = EXERCISES, record: str = RECORD) -> Path:
        folder = tmp_path / "small"
        for name, text in (("01_one", lesson), ("02_two", "# %%\nprint(2)\n")):
            (folder / name).mkdir(parents=True)
            (folder / name / "lesson.py").write_text(text, encoding="utf-8")
        (folder / "01_one" / "exercises.py").write_text(exercises, encoding="utf-8")
        (folder / "course.toml").write_text(record, encoding="utf-8")
        write_notebooks(CourseBuilder(read_course(folder)))
        return folder

    return make
