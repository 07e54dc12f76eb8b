"""Marked places: a learner's function where it is written, the course's own while it is open, never a traceback."""

from __future__ import annotations

import pytest

from k8s_tutor.errors import TutorError, UsageError
from k8s_tutor.session.places import Places


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def places(said: list[str]) -> Places:
    return Places(said.append)


def test_an_open_place_answers_as_the_course_would_and_says_so_once(places: Places, said: list[str]) -> None:
    @places.mark("operators-2")
    def lost(members: dict[str, str], alive: list[str]) -> object:
        return ...

    assert lost({"a": "1", "b": "2"}, ["a"]) == ["b"]
    assert lost({"a": "1"}, ["a"]) == []
    assert said == ["`lost` is still open (operators-2): the course's own stands in for it."]


def test_a_written_one_is_called_itself(places: Places, said: list[str]) -> None:
    @places.mark("operators-2")
    def lost(members: dict[str, str], alive: list[str]) -> list[str]:
        return ["mine"]

    assert lost({}, []) == ["mine"]
    assert not said


def test_one_that_breaks_off_does_so_with_a_message(places: Places) -> None:
    @places.mark("operators-1")
    def is_alive(pod: dict[str, object]) -> bool:
        return pod["nothing"] == 1

    with pytest.raises(TutorError) as caught:
        is_alive({})
    assert caught.value.what == "Your function `is_alive` broke off."
    assert caught.value.why.startswith("KeyError: 'nothing'")
    assert 't.check("operators-1")' in caught.value.next_step


def test_what_the_cluster_refuses_inside_is_said_in_its_own_words(places: Places) -> None:
    @places.mark("operators-3")
    def join(*_: object) -> None:
        raise TutorError("etcd refused")

    with pytest.raises(TutorError, match="etcd refused"):
        join()


def test_checks_try_the_function_as_it_was_written(places: Places) -> None:
    def is_alive(pod: object) -> bool:
        return True

    places.mark("operators-1")(is_alive)
    assert places.functions == {"operators-1": is_alive}
    places.forget("operators-1")
    assert places.functions == {}


@pytest.mark.parametrize("name", ["operators-9", "pods-1"])
def test_only_exercises_that_ask_for_a_function_have_a_place(places: Places, name: str) -> None:
    with pytest.raises(UsageError):
        places.mark(name)
