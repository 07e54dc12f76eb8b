"""Guesses: what counts as an answer, and when the cluster has told."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.course.catalog import find_guess, list_guesses, list_lessons
from k8s_tutor.errors import UsageError
from k8s_tutor.exercises import Guess, State, Truth

CHOICES = Guess("demo-a", "Which?", lambda before, now: None, {"old": "its old one", "new": "another"})
NUMBER = Guess("demo-b", "How many?", lambda before, now: None)


@pytest.mark.parametrize(
    ("guess", "bet", "answer"),
    [
        (CHOICES, "old", "old"),
        (CHOICES, "another", "new"),
        (CHOICES, "maybe", None),
        (NUMBER, 3, 3),
        (NUMBER, " 3 ", 3),
        (NUMBER, "-1", -1),
        (NUMBER, "three", None),
        (NUMBER, "3.5", None),
    ],
)
def test_a_bet_is_a_key_or_the_words_of_a_choice_or_a_whole_number(guess: Guess, bet: object, answer: object) -> None:
    assert guess.read(bet) == answer


def test_the_line_of_text_holds_the_question_and_its_answers() -> None:
    assert str(CHOICES) == "? demo-a: Which? (its old one / another)"
    assert str(NUMBER) == "? demo-b: How many? (a number)"


def _pod(name: str, uid: str, ip: str) -> dict[str, Any]:
    return {"kind": "Pod", "metadata": {"name": name, "uid": uid}, "status": {"podIP": ip, "hostIP": "172.18.0.2"}}


def test_an_address_is_settled_by_another_pod_of_the_name_and_not_by_the_same() -> None:
    guess = find_guess("services-a")
    before = State.of([_pod("web-1", "a", "10.0.0.1")])
    assert guess.truth(before, before) is None
    assert guess.truth(before, State.of()) is None
    told = guess.truth(before, State.of([_pod("web-1", "b", "10.0.0.2")]))
    assert isinstance(told, Truth)
    assert told.answer == "another"
    assert str(told.seen) == "pod/web-1 was at 10.0.0.1, and is at 10.0.0.2"


def test_every_guess_of_the_course_says_nothing_about_an_empty_namespace() -> None:
    for lesson in list_lessons():
        for guess in list_guesses(lesson):
            assert guess.truth(State.of(), State.of()) is None, guess.id


def test_a_guess_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        find_guess("services-x")
    assert "services-a" in caught.value.why
