from __future__ import annotations

from pathlib import Path

import pytest

from k8s_tutor.errors import UsageError
from k8s_tutor.lessons.workspace import prepare


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "01_pods.ipynb").write_text("one", encoding="utf-8")
    return folder


@pytest.fixture
def desk(tmp_path: Path, course: Path) -> Path:
    return prepare(tmp_path / "desk", course).folder


def test_a_new_folder_gets_a_copy_of_every_lesson(desk: Path) -> None:
    assert (desk / "01_pods.ipynb").read_text(encoding="utf-8") == "one"


def test_a_copy_that_nobody_changed_follows_the_course(desk: Path, course: Path) -> None:
    (course / "01_pods.ipynb").write_text("one, better", encoding="utf-8")
    assert prepare(desk, course).kept == []
    assert (desk / "01_pods.ipynb").read_text(encoding="utf-8") == "one, better"


def test_a_changed_copy_is_kept_without_a_word_while_the_course_stands_still(desk: Path, course: Path) -> None:
    (desk / "01_pods.ipynb").write_text("mine", encoding="utf-8")
    assert prepare(desk, course).kept == []
    assert (desk / "01_pods.ipynb").read_text(encoding="utf-8") == "mine"


def test_a_changed_copy_is_kept_and_named_once_the_course_has_a_newer_version(desk: Path, course: Path) -> None:
    (desk / "01_pods.ipynb").write_text("mine", encoding="utf-8")
    (course / "01_pods.ipynb").write_text("one, better", encoding="utf-8")
    assert prepare(desk, course).kept == ["01_pods.ipynb"]
    assert (desk / "01_pods.ipynb").read_text(encoding="utf-8") == "mine"


def test_a_file_of_the_learners_own_with_a_lessons_name_is_never_overwritten(tmp_path: Path, course: Path) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "01_pods.ipynb").write_text("mine, from before", encoding="utf-8")
    assert prepare(desk, course).kept == ["01_pods.ipynb"]
    assert (desk / "01_pods.ipynb").read_text(encoding="utf-8") == "mine, from before"


def test_a_folder_that_cannot_be_written_says_how_to_choose_another(tmp_path: Path, course: Path) -> None:
    in_the_way = tmp_path / "desk"
    in_the_way.write_text("a file", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        prepare(in_the_way, course)
    assert "--folder" in caught.value.next_step
