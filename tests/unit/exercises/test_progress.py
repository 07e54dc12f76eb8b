from pathlib import Path

import pytest

from k8s_tutor.exercises.progress import Progress
from k8s_tutor.exercises.verdict import cannot_tell, failed, not_attempted, passed


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    return Progress(tmp_path / "new" / "progress.json")


def test_nothing_is_solved_at_first(progress: Progress) -> None:
    assert progress.solved() == []


def test_what_was_solved_once_stays_solved(progress: Progress, tmp_path: Path) -> None:
    progress.record(passed("x").named("pods-1"))
    progress.record(failed("x").named("pods-1"))
    assert Progress(tmp_path / "new" / "progress.json").solved() == ["pods-1"]


@pytest.mark.parametrize("verdict", [not_attempted("x"), cannot_tell("x")], ids=["not attempted", "cannot tell"])
def test_looking_is_no_attempt(progress: Progress, verdict: object) -> None:
    progress.record(verdict.named("pods-1"))  # type: ignore[attr-defined]
    assert progress.entry("pods-1") == {}


def test_hints_climb_and_the_last_one_stays(progress: Progress) -> None:
    assert [progress.next_hint("pods-1", of=3) for _ in range(5)] == [0, 1, 2, 2, 2]


def test_a_damaged_file_is_no_reason_to_stop(progress: Progress, tmp_path: Path) -> None:
    path = tmp_path / "new" / "progress.json"
    path.parent.mkdir()
    path.write_text("{ not json", encoding="utf-8")
    progress.record(passed("x").named("pods-1"))
    assert progress.solved() == ["pods-1"]


def test_no_temporary_file_is_left(progress: Progress, tmp_path: Path) -> None:
    progress.record(passed("x").named("pods-1"))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["progress.json"]
