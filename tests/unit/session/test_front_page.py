"""The front page shows how far one is before its kernel runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from k8s_tutor.course.finding import choose_course
from k8s_tutor.course.progress import Progress
from k8s_tutor.course.workspace import without_outputs
from k8s_tutor.exercises.verdict import passed
from k8s_tutor.session import sheet
from k8s_tutor.session.sheet import show_progress

COURSE = choose_course("kubernetes")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path / "home"))
    page = (COURSE.notebooks() / "index.ipynb").read_bytes()
    (tmp_path / "index.ipynb").write_bytes(without_outputs(page))
    return tmp_path


def test_what_was_solved_stands_below_its_cell_and_no_other_cell_has_an_output(folder: Path) -> None:
    Progress(folder / "home" / "progress", "", "kind-x").record(passed("it runs").named("pods-1"))
    show_progress(COURSE, folder)
    cells = json.loads((folder / "index.ipynb").read_text(encoding="utf-8"))["cells"]
    shown = {"".join(cell["source"]).splitlines()[-1]: cell["outputs"] for cell in cells if cell.get("outputs")}
    assert list(shown) == ["t.progress()"]
    assert "1 of 6 solved" in shown["t.progress()"][0]["data"]["text/plain"]


def test_what_has_not_changed_is_not_worked_out_again_and_what_has_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_progress(COURSE, folder)
    before = (folder / "index.ipynb").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(sheet, "find_way", None)  # nobody asks
        show_progress(COURSE, folder)
    assert (folder / "index.ipynb").read_bytes() == before
    Progress(folder / "home" / "progress", "", "kind-x").record(passed("it runs").named("pods-1"))
    show_progress(COURSE, folder)
    assert "1 of 6 solved" in (folder / "index.ipynb").read_text(encoding="utf-8")


def test_a_page_that_is_the_learners_own_stays_as_it_is(folder: Path) -> None:
    for text in ("no notebook", '{"cells": []}'):
        (folder / "index.ipynb").write_text(text, encoding="utf-8")
        show_progress(COURSE, folder)
        assert (folder / "index.ipynb").read_text(encoding="utf-8") == text
