"""Kinds that exercises need: made where they are missing, shared between learners, the same as the lesson's own."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

import pytest

from k8s_tutor.authoring.source import read_source
from k8s_tutor.course.catalog import find_lesson
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.session import Session

_NAMES = [f"{plural}.tutor.example" for plural in ("ferries", "voyages", "fleets")]
_PARTS = (
    'define("Ferry"',
    'define("Voyage"',
    *(f"{name} =" for name in ("schema", "columns", "voyage", "fleet", "doors")),
)
_TOOLS = ("import yaml", "def define")


@pytest.fixture
def t() -> Iterator[Session]:
    session = Session(EmbeddedCluster(PaceMode.AWAITED), say=lambda _: None)
    session.lesson("kinds")
    yield session
    session.close()


def test_an_exercise_makes_the_kind_it_needs_and_leaves_alone_one_that_is_there(t: Session) -> None:
    t.exercise("kinds-3")
    assert t.get("voyage/late")["spec"]["crew"] == 2
    t.client.patch("crd", "voyages.tutor.example", {"metadata": {"annotations": {"somebody": "else"}}})
    before = t.get("crd/voyages.tutor.example")
    t.exercise("kinds-3")
    assert t.get("crd/voyages.tutor.example") == before


def test_the_lesson_defines_the_same_kinds_as_its_exercises(t: Session) -> None:
    for exercise in ("kinds-1", "kinds-3", "kinds-5"):
        t.exercise(exercise)
    lesson = find_lesson("kinds")
    names: dict[str, object] = {"t": t}
    for cell in read_source(lesson.source, lesson.stem).cells:
        if cell.kind == "code" and cell.text("en").startswith((*_TOOLS, *_PARTS)):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell.text("en"), "cell", "exec"), names)
    assert [t.get(f"crd/{name}")["metadata"]["generation"] for name in _NAMES] == [1, 1, 1]
