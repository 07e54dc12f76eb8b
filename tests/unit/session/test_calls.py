"""What `t` is told to do: everything that it can is in one table; what cannot be is answered in words."""

from __future__ import annotations

import inspect
import re

import pytest

from k8s_tutor.errors import UsageError
from k8s_tutor.session import Session
from k8s_tutor.session.calls import ABILITIES, UnknownName, answer_politely, check_call

NAMES = [name for _, group in ABILITIES for name in group]
OF_EACH = ("cluster", "client", "namespace", "learner")  # written on each session, so that the class has none


def test_the_table_has_everything_that_a_session_can_and_nothing_else() -> None:
    public = [name for name in dir(Session) if not name.startswith("_")]

    assert sorted(NAMES) == sorted([*public, *OF_EACH])


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OF_EACH])
def test_the_example_of_each_is_a_right_call(name: str) -> None:
    example = next(group[name] for _, group in ABILITIES if name in group)
    written = re.search(rf"t\.{name}\((.*)\)", example)
    assert written is not None, example
    args, given = eval(f"(lambda *args, **given: (args, given))({written[1]})")  # the table's own text

    check_call(f"t.{name}", inspect.signature(getattr(Session, name)), (None, *args), given)


@answer_politely
class Lamp:
    """Something to call."""

    def switch(self, *, on: bool, colour: str = "white", steps: int = 1) -> str:
        return f"{on} {colour} {steps}"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        pytest.param(lambda lamp: lamp.switch(), "needs on=True or on=False", id="nothing"),
        pytest.param(lambda lamp: lamp.switch(True), "needs on=True", id="without its name"),
        pytest.param(lambda lamp: lamp.switch(on=True, color="red"), "Did you mean colour=", id="misspelt"),
        pytest.param(lambda lamp: lamp.switch(on="yes"), "on is True or False, not 'yes'", id="another type"),
        pytest.param(
            lambda lamp: lamp.switch(on=True, steps=True), "steps is a whole number", id="a truth for a number"
        ),
    ],
)
def test_a_wrong_call_is_answered_in_words(call, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        call(Lamp())


def test_a_right_call_goes_through() -> None:
    assert Lamp().switch(on=True, colour="red") == "True red 1"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("chek", r't\.check\("pods-1"\)'),
        ("pods", r't\.objects\("pods"\)'),
        ("describe", r't\.kubectl\("describe …"\)'),
        ("qqqqq", "press Tab"),
    ],
)
def test_a_name_that_is_not_there_is_told_what_was_meant(name: str, says: str) -> None:
    with pytest.raises(UnknownName, match=says):
        getattr(Lamp(), name)


def test_programs_that_ask_for_a_name_are_told_no() -> None:
    assert not hasattr(Lamp(), "colour_of_the_sky")
    assert not hasattr(Lamp(), "_repr_html_")
