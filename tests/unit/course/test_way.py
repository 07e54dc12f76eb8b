"""The way through a course: what is solved, where to go on, which cell is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from k8s_tutor.course.finding import find_own_course
from k8s_tutor.course.progress import Progress
from k8s_tutor.course.record import read_course
from k8s_tutor.course.way import Way, find_neighbours, find_way, read_outline
from k8s_tutor.exercises.verdict import failed, passed

COURSE = read_course(find_own_course())
LESSONS = {lesson.name: lesson for lesson in COURSE.lessons}


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    return Progress(tmp_path, "", "somewhere")


def _way(tmp_path: Path, here: str = "") -> Way:
    return find_way(COURSE, Progress(tmp_path), here)  # of all clusters


def test_at_first_one_goes_on_at_the_first_lesson_that_has_something_to_solve(tmp_path: Path) -> None:
    way = _way(tmp_path)
    assert way.next is not None
    assert way.next.lesson.number == min(leg.lesson.number for leg in way.legs if leg.exercises)
    assert "go on here" in str(way)


def test_what_was_solved_on_one_cluster_is_solved(tmp_path: Path, progress: Progress) -> None:
    progress.record(passed("it runs").named("services-1"))
    progress.record(failed("not yet").named("services-2"))
    leg = next(leg for leg in _way(tmp_path).legs if leg.lesson.name == "services")
    assert "".join(leg.glyph(one) for one in leg.exercises) == "✓◐○○○"
    assert leg.next is not None
    assert leg.next.id == "services-2"


def test_one_goes_on_in_the_lesson_that_was_begun_last_or_that_one_is_in(tmp_path: Path, progress: Progress) -> None:
    for name in ("pods-1", "services-1"):
        progress.record(passed("it runs").named(name))
    assert _way(tmp_path).next == next(leg for leg in _way(tmp_path).legs if leg.lesson.name == "services")
    assert _way(tmp_path, "pods").next == next(leg for leg in _way(tmp_path).legs if leg.lesson.name == "pods")


def test_the_link_to_go_on_leads_to_the_heading_of_the_exercise(tmp_path: Path, progress: Progress) -> None:
    progress.record(passed("it runs").named("pods-1"))
    assert "href='01_pods.ipynb#Your-turn:-the-answer'" in _way(tmp_path).html()


def test_every_mark_has_its_word(tmp_path: Path) -> None:
    page = _way(tmp_path).html()
    assert page.count("aria-label=") == sum(len(leg.exercises) for leg in _way(tmp_path).legs)
    assert "not tried yet" in page


def test_neighbours_are_those_of_the_record() -> None:
    ordered = list(COURSE.lessons)
    assert find_neighbours(COURSE, ordered[0]) == (None, ordered[1])
    assert find_neighbours(COURSE, ordered[-1]) == (ordered[-2], None)


def _notebook(folder: Path, *cells: str) -> Path:
    path = folder / "one.ipynb"
    built = [
        {"cell_type": "markdown" if text.startswith("#") else "code", "id": str(number), "source": [text]}
        for number, text in enumerate(cells)
    ]
    path.write_text(json.dumps({"cells": built}), encoding="utf-8")
    return path


def test_the_first_cell_that_cells_below_may_need_is_named_and_looking_is_no_need(tmp_path: Path) -> None:
    outline = read_outline(
        _notebook(
            tmp_path, "# One", 't.lesson("pods")', 't.kubectl("get pods")', 't.check("pods-1")', "# Two",
            't.apply("""\nkind: Pod\nmetadata:\n  name: web\n""")', 't.logs("pod/web")',
        )
    )  # fmt: skip
    missing = outline.missing("6", {"1"})
    assert missing is not None
    assert (missing.id, missing.heading, missing.first_line) == ("5", "Two", 't.apply("""… Pod web')
    assert outline.missing("6", {"1", "5"}) is None
    assert outline.beginning == outline.find("1")
    assert outline.missing("no such cell", set()) is None


def test_a_page_that_is_no_notebook_has_no_cells(tmp_path: Path) -> None:
    assert read_outline(tmp_path / "none.ipynb").places == ()
