"""Marked places: a learner's function where it is written, the course's own while it is open, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from k8s_tutor.course.catalog import find_lesson, list_exercises
from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.exercises.exercise import Mistake
from k8s_tutor.exercises.state import State
from k8s_tutor.session.answering import AnswerCells

FUNCTIONS = {"operators-1": "is_alive", "operators-2": "lost", "operators-3": "join", "operators-4": "has_majority"}


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def places(said: list[str]) -> AnswerCells:
    return AnswerCells(lambda chosen, functions: chosen.judge(State.of(functions=functions)), said.append)


def test_an_open_place_answers_as_the_course_would_and_says_so_once(places: AnswerCells, said: list[str]) -> None:
    @places.mark("operators-2")
    def lost(members: dict[str, str], alive: list[str]) -> object:
        return ...

    assert lost({"a": "1", "b": "2"}, ["a"]) == ["b"]
    assert lost({"a": "1"}, ["a"]) == []
    assert said == ["`lost` is still open (operators-2): the course's own stands in for it."]


def test_a_written_one_is_called_itself(places: AnswerCells, said: list[str]) -> None:
    @places.mark("operators-2")
    def lost(members: dict[str, str], alive: list[str]) -> tuple[str, ...]:
        return tuple(name for name in members if name not in alive)

    assert lost({"a": "1"}, []) == ("a",)
    assert not said


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        (item.id, mistake)
        for item in list_exercises(find_lesson("operators"))
        for mistake in item.mistakes
        if item.id in FUNCTIONS
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_faulty_one_is_not_let_loose_and_its_hint_is_given(places: AnswerCells, name: str, mistake: Mistake) -> None:
    cell = {"t": SimpleNamespace(place=places.mark)}
    exec(compile(mistake.cell, "cell", "exec"), cell)
    done: list[str] = []

    with pytest.raises(TutorError) as caught:
        cell[FUNCTIONS[name]]("db-3", "", done.append, done)

    assert caught.value.what.endswith("is not right yet.")
    assert mistake.says in f"{caught.value.why} {caught.value.next_step}"
    assert not done


def test_one_that_breaks_off_later_does_so_with_a_message(places: AnswerCells) -> None:
    @places.mark("operators-1")
    def is_alive(pod: dict[str, dict[str, str]]) -> bool:
        return pod["status"]["phase"] in ("Pending", "Running") and "deletionTimestamp" not in pod["metadata"]

    with pytest.raises(TutorError) as caught:
        is_alive({})
    assert caught.value.what == "Your function `is_alive` broke off."
    assert caught.value.why.startswith("KeyError: 'status'")


def test_what_the_cluster_refuses_inside_is_said_in_its_own_words(places: AnswerCells) -> None:
    @places.mark("operators-3")
    def join(member: str, address: str, etcd: Callable[[str], None], start: Callable[[], None]) -> None:
        etcd(f"member add {member} --peer-urls={address}")
        start()

    def refuse(_: str) -> None:
        raise TutorError("unhealthy cluster")

    with pytest.raises(TutorError, match="unhealthy cluster"):
        join("db-3", "http://db-3.db:2380", refuse, lambda: None)


def test_checks_try_the_function_as_it_was_written(places: AnswerCells) -> None:
    def is_alive(pod: object) -> bool:
        return True

    places.mark("operators-1")(is_alive)
    assert places.functions == {"operators-1": is_alive}
    places.forget("operators-1")
    assert places.functions == {}


@pytest.mark.parametrize("name", ["operators-9", "pods-1"])
def test_only_exercises_that_ask_for_a_function_have_a_place(places: AnswerCells, name: str) -> None:
    with pytest.raises(UsageError):
        places.mark(name)
