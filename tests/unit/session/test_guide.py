"""Where one is, and which cell to run: after a restart, out of order, after `t.leave()`, in two notebooks."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from k8s_tutor.course.catalog import find_lesson
from k8s_tutor.course.progress import Progress
from k8s_tutor.course.way import Place
from k8s_tutor.exercises.verdict import passed
from k8s_tutor.session.guide import Guide, Note, outline_of

PODS = find_lesson("pods")
CELLS = [place for place in outline_of(PODS).places if place.code]


def cell(code: str) -> Place:
    """The first cell of the lesson with some code."""
    return next(place for place in CELLS if code in place.code)


class Notebook:
    """A kernel with a session that is told about cells, and what that said."""

    def __init__(self, *, own_cluster: bool = True) -> None:
        self.said: list[str] = []
        self.guide = Guide(Progress(Path(os.environ["K8S_TUTOR_HOME"]) / "progress"), self.said.append, "", own_cluster)

    def run(self, place: Place) -> str:
        """Runs a cell; what was said about it."""
        self.said.clear()
        self.guide.before_cell(place.id)
        if place.begins:
            self.guide.begin(PODS)
        if "t.leave" in place.code:
            self.guide.leave()
        self.guide.after_cell(place.id)
        return " ".join(self.said)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path))


def written_by(**changes: object) -> None:
    """As if another kernel had written the note of the lesson."""
    (path,) = (Path(os.environ["K8S_TUTOR_HOME"]) / "places").glob("*.json")
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")


def test_from_top_to_bottom_nothing_is_said() -> None:
    notebook = Notebook()
    assert [said for place in CELLS if (said := notebook.run(place))] == []


def test_a_cell_out_of_order_says_where_one_is_and_what_is_missing_once() -> None:
    notebook = Notebook()
    notebook.run(cell("t.lesson"))
    said = notebook.run(cell('t.exec("pod/duo"'))
    assert said.startswith("You are at “Two containers, one address”")
    assert 't.apply("""… Pod web' in said
    assert "Run All Above Selected Cell" in said
    assert notebook.run(cell('t.exec("pod/duo"')) == ""


def test_a_new_kernel_says_how_far_the_last_one_had_come() -> None:
    before = Notebook()
    for place in CELLS[:5]:
        before.run(place)
    written_by(process=2**22 + 1)  # no process has this number
    said = Notebook().run(cell("t.lesson"))
    assert said.startswith("Last time you had come to “What a Pod is made of”")
    assert "Run All Above Selected Cell" in said


@pytest.mark.parametrize(("own", "says"), [(True, "on a cluster of its own"), (False, "emptied the namespace")])
def test_a_lesson_that_is_open_in_another_notebook_says_so_in_both(own: bool, says: str) -> None:
    first = Notebook(own_cluster=own)
    first.run(cell("t.lesson"))
    parent = Note(CELLS[0].id, os.getppid(), 0.0)
    import psutil  # noqa: PLC0415

    written_by(process=parent.process, begun=psutil.Process(parent.process).create_time())
    assert says in first.run(CELLS[1])
    written_by(process=parent.process, begun=psutil.Process(parent.process).create_time())
    assert says in Notebook(own_cluster=own).run(cell("t.lesson"))


def test_after_leaving_a_cell_says_which_one_begins_anew() -> None:
    notebook = Notebook()
    notebook.run(cell("t.lesson"))
    notebook.run(cell("t.leave"))
    said = notebook.run(cell("name: web\n"))
    assert said == 'Lesson Pods has ended with `t.leave()`: the cell `t.lesson("pods")` at its top begins it anew.'
    assert notebook.run(cell("t.lesson")) == ""


def test_what_was_solved_is_said_at_the_beginning() -> None:
    elsewhere = Progress(Path(os.environ["K8S_TUTOR_HOME"]) / "progress", "", "kind-x")
    elsewhere.record(passed("it runs").named("pods-1"))
    assert Notebook().run(cell("t.lesson")) == "You have solved already: A pod of your own (pods-1). Next is pods-2."


def test_where_one_is_stands_below_the_progress() -> None:
    notebook = Notebook()
    for place in CELLS[:4]:
        notebook.run(place)
    assert str(notebook.guide.way()).endswith("You are in lesson 1, at “What a Pod is made of”.")


def test_where_no_ids_are_sent_nothing_is_said_or_kept(tmp_path: Path) -> None:
    notebook = Notebook()
    notebook.guide.begin(PODS)
    notebook.guide.before_cell("")
    notebook.guide.after_cell("")
    assert notebook.said == []
    assert not (tmp_path / "places").exists()
