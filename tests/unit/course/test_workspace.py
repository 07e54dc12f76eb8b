from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from k8s_tutor.course.record import Course
from k8s_tutor.course.workspace import folder_for, originals, prepare, without_outputs
from k8s_tutor.errors import UsageError

NAME = "01_pods.ipynb"


def _notebook(text: str, *, run: bool = True) -> str:
    said = [{"output_type": "stream", "name": "stdout", "text": "the answer\n"}]
    code: dict[str, Any] = {"cell_type": "code", "id": "a", "metadata": {}, "source": [text]}
    code |= {"execution_count": 3 if run else None, "outputs": said if run else []}
    prose = {"cell_type": "markdown", "id": "b", "metadata": {}, "source": ["# Guess first"]}
    return json.dumps({"cells": [prose, code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _source(path: Path) -> str:
    return "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][1]["source"])


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / NAME).write_text(_notebook("one"), encoding="utf-8")
    (folder / "data.txt").write_text("numbers", encoding="utf-8")
    return folder


@pytest.fixture
def desk(tmp_path: Path, course: Path) -> Path:
    return prepare(tmp_path / "desk", course).folder


def _better(course: Path) -> None:
    (course / NAME).write_text(_notebook("one, better"), encoding="utf-8")


def test_a_new_folder_gets_a_copy_of_every_file(desk: Path) -> None:
    assert _source(desk / NAME) == "one"
    assert (desk / "data.txt").read_text(encoding="utf-8") == "numbers"


def test_a_copy_comes_without_outputs_and_counts_so_that_no_answer_stands_under_its_question(desk: Path) -> None:
    cells = json.loads((desk / NAME).read_text(encoding="utf-8"))["cells"]
    assert "the answer" not in (desk / NAME).read_text(encoding="utf-8")
    assert [(cell["outputs"], cell["execution_count"]) for cell in cells if cell["cell_type"] == "code"] == [([], None)]


def test_the_originals_keep_theirs(desk: Path, course: Path) -> None:
    assert desk.exists()
    assert (course / NAME).read_text(encoding="utf-8") == _notebook("one")


def test_a_file_that_is_no_notebook_is_copied_byte_for_byte() -> None:
    assert without_outputs(b'{"outputs": 1}\r\n\xff') == b'{"outputs": 1}\r\n\xff'


def test_a_copy_that_nobody_changed_follows_the_course(desk: Path, course: Path) -> None:
    _better(course)
    assert prepare(desk, course).kept == []
    assert _source(desk / NAME) == "one, better"


def test_a_copy_that_was_only_run_follows_the_course(desk: Path, course: Path) -> None:
    (desk / NAME).write_text(_notebook("one", run=True), encoding="utf-8")
    _better(course)
    assert prepare(desk, course).kept == []
    assert _source(desk / NAME) == "one, better"


def test_a_copy_that_was_run_keeps_what_it_shows_while_the_course_stands_still(desk: Path, course: Path) -> None:
    (desk / NAME).write_text(_notebook("one", run=True), encoding="utf-8")
    prepare(desk, course)
    assert "the answer" in (desk / NAME).read_text(encoding="utf-8")


def test_a_course_built_anew_with_the_same_text_is_no_newer_version(desk: Path, course: Path) -> None:
    (desk / NAME).write_text(_notebook("mine"), encoding="utf-8")
    (course / NAME).write_text(_notebook("one").replace("the answer", "another"), encoding="utf-8")
    assert prepare(desk, course).kept == []


def test_a_changed_copy_is_kept_without_a_word_while_the_course_stands_still(desk: Path, course: Path) -> None:
    (desk / NAME).write_text(_notebook("mine"), encoding="utf-8")
    assert prepare(desk, course).kept == []
    assert _source(desk / NAME) == "mine"


def test_a_changed_copy_is_kept_and_named_once_the_course_has_a_newer_version(desk: Path, course: Path) -> None:
    (desk / NAME).write_text(_notebook("mine"), encoding="utf-8")
    _better(course)
    assert prepare(desk, course).kept == [NAME]
    assert prepare(desk, course).kept == [NAME]
    assert _source(desk / NAME) == "mine"


def test_a_file_of_the_learners_own_with_a_lessons_name_is_never_overwritten(tmp_path: Path, course: Path) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / NAME).write_text("mine, from before", encoding="utf-8")
    assert prepare(desk, course).kept == [NAME]
    assert (desk / NAME).read_text(encoding="utf-8") == "mine, from before"


def test_a_folder_that_cannot_be_written_says_how_to_choose_another(tmp_path: Path, course: Path) -> None:
    in_the_way = tmp_path / "desk"
    in_the_way.write_text("a file", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        prepare(in_the_way, course)
    assert "--folder" in caught.value.next_step


def test_ours_stands_at_the_top_and_every_other_course_in_a_folder_of_its_own(tmp_path: Path) -> None:
    ours, other = Course(tmp_path, "kubernetes", {}), Course(tmp_path, "acme", {})
    assert folder_for(ours, tmp_path) == tmp_path
    assert folder_for(other, tmp_path) == tmp_path / "acme"
    assert folder_for(ours, tmp_path, "zh") == tmp_path / "zh"
    assert folder_for(other, tmp_path, "zh") == tmp_path / "acme" / "zh"


def test_copies_in_another_language_stand_in_a_folder_that_says_which(tmp_path: Path) -> None:
    ours, other = Course(tmp_path, "kubernetes", {}), Course(tmp_path, "acme", {})
    assert folder_for(ours, tmp_path, "zh") == tmp_path / "zh"
    assert folder_for(other, tmp_path, "zh") == tmp_path / "acme" / "zh"


def test_a_course_that_was_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        originals(Course(tmp_path, "acme", {}))
    assert caught.value.next_step == f"k8s-tutor lesson build {tmp_path}"


def test_a_language_it_is_not_written_in_names_those_it_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        originals(Course(tmp_path, "acme", {}, ("en", "zh")), "fr")
    assert "en, zh" in caught.value.why
