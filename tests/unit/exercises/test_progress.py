"""Progress by learner and cluster: every writer's entries count, whoever writes at the same time."""

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_tutor.course.progress import Progress
from k8s_tutor.exercises.verdict import cannot_tell, failed, not_attempted, passed

WRITERS, EACH = 4, 20


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    return Progress(tmp_path / "new", "anna", "kind-k8s-tutor")


def _again(tmp_path: Path, learner: str = "anna", cluster: str = "kind-k8s-tutor") -> Progress:
    return Progress(tmp_path / "new", learner, cluster)


def test_nothing_is_solved_at_first(progress: Progress) -> None:
    assert progress.solved() == []


def test_what_was_solved_once_stays_solved(progress: Progress, tmp_path: Path) -> None:
    progress.record(passed("x").named("pods-1"))
    progress.record(failed("x").named("pods-1"))
    assert _again(tmp_path).solved() == ["pods-1"]
    assert _again(tmp_path).entry("pods-1") == {"attempts": 2, "solved": True}


@pytest.mark.parametrize("verdict", [not_attempted("x"), cannot_tell("x")], ids=["not attempted", "cannot tell"])
def test_looking_is_no_attempt(progress: Progress, verdict: object) -> None:
    progress.record(verdict.named("pods-1"))  # type: ignore[attr-defined]
    assert progress.entry("pods-1") == {}


def test_hints_climb_and_the_last_one_stays(progress: Progress) -> None:
    assert [progress.next_hint("pods-1", of=3) for _ in range(5)] == [0, 1, 2, 2, 2]


def test_another_learner_and_another_cluster_have_their_own(progress: Progress, tmp_path: Path) -> None:
    progress.record(passed("x").named("pods-1"))
    assert _again(tmp_path, "ben").solved() == []
    assert _again(tmp_path, "anna", "embedded").solved() == []
    assert _again(tmp_path, "").solved() == []


def test_without_a_cluster_all_of_them_are_read(progress: Progress, tmp_path: Path) -> None:
    progress.record(passed("x").named("pods-1"))
    _again(tmp_path, "anna", "embedded").record(passed("x").named("pods-2"))
    assert _again(tmp_path, "anna", "").solved() == ["pods-1", "pods-2"]


def test_two_notebooks_of_one_learner_go_on_from_each_other(progress: Progress, tmp_path: Path) -> None:
    other = _again(tmp_path)
    assert (progress.next_hint("pods-1", of=5), other.next_hint("pods-1", of=5)) == (0, 1)
    other.record(failed("x").named("pods-1"))
    progress.record(failed("x").named("pods-1"))
    assert progress.entry("pods-1") == other.entry("pods-1") == {"attempts": 2, "hints": 2}


def test_a_damaged_file_costs_nothing_but_what_was_in_it(progress: Progress, tmp_path: Path) -> None:
    progress.record(passed("x").named("pods-1"))
    for number, text in enumerate(('{"pods-9": {"sol', "[1]", '{"pods-2": 3, "pods-3": {"attempts": "many"}}', "\0")):
        (tmp_path / "new" / "anna" / "kind-k8s-tutor" / f"broken-{number}.json").write_text(text, encoding="utf-8")
    again = _again(tmp_path)
    assert again.solved() == ["pods-1"]
    again.record(passed("x").named("pods-3"))
    assert progress.solved() == ["pods-1", "pods-3"]


def test_a_folder_that_cannot_be_written_loses_progress_and_not_the_lesson(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("a file where the folder should be", encoding="utf-8")
    progress = _again(tmp_path)
    progress.record(passed("x").named("pods-1"))
    assert progress.solved() == ["pods-1"]  # as long as the notebook is open


def test_one_file_a_writer_is_left_and_no_temporary_one(progress: Progress, tmp_path: Path) -> None:
    for _ in range(3):
        progress.record(passed("x").named("pods-1"))
    assert [path.suffix for path in (tmp_path / "new" / "anna" / "kind-k8s-tutor").iterdir()] == [".json"]


def _write(folder: Path, writer: int) -> None:
    progress = Progress(folder, "anna", "kind")
    for number in range(EACH):
        progress.record(failed("x").named("shared"))
        progress.record(passed("x").named(f"own-{writer}-{number}"))


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write, args=(tmp_path, writer)) for writer in range(WRITERS)]
    for process in writers:
        process.start()
    for process in writers:
        process.join(60)
    progress = Progress(tmp_path, "anna", "kind")
    assert progress.entry("shared") == {"attempts": WRITERS * EACH}
    assert len(progress.solved()) == WRITERS * EACH


@given(st.lists(st.text(min_size=1, max_size=30), min_size=2, max_size=2, unique_by=str.casefold))
@settings(max_examples=200)
def test_clusters_never_share_a_folder(names: list[str]) -> None:
    from k8s_tutor.course.progress import _file_name  # noqa: PLC0415

    first, second = (_file_name(name) for name in names)
    assert first.casefold() != second.casefold()
    assert not set(first) & set('/\\:*?"<>|')
