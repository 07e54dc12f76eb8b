"""Wrong arguments get an answer in words, whatever they are."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.errors import Cancelled, UsageError
from k8s_tutor.exercises.catalog import exercise
from k8s_tutor.session.catalog import lesson
from k8s_tutor.session.containers import chosen_container, run_command
from k8s_tutor.session.shown import Text
from k8s_tutor.session.stopping import stoppable
from k8s_tutor.session.targets import target


@pytest.mark.parametrize("ref", [None, 5, ["pod/web"], {"kind": "Pod"}])
def test_a_reference_is_text(ref: Any) -> None:
    with pytest.raises(UsageError, match="no reference"):
        target(None, ref, "default")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [None, 1, "", "nope"])
def test_lessons_and_exercises_are_known_by_name(name: Any) -> None:
    with pytest.raises(UsageError, match="There is no lesson"):
        lesson(name)
    with pytest.raises(UsageError, match="There is no exercise"):
        exercise(name)


def test_only_pods_have_logs() -> None:
    with pytest.raises(UsageError, match="This is a Deployment"):
        chosen_container({"kind": "Deployment", "spec": {}}, "")


@pytest.mark.parametrize("command", ["sh -c 'echo", ""])
def test_a_command_that_is_none_is_not_sent(command: str) -> None:
    with pytest.raises(UsageError):
        run_command(None, None, command, "app", 1)  # type: ignore[arg-type]


@stoppable
class _Session:
    def stopped(self) -> None:
        """Is stopped."""
        raise KeyboardInterrupt

    def answers(self, value: int) -> int:
        return value


def test_ctrl_c_in_any_method_ends_with_a_message_and_no_traceback() -> None:
    with pytest.raises(Cancelled, match=r"Stopped t\.stopped") as caught:
        _Session().stopped()
    assert caught.value.__cause__ is None
    assert (_Session().answers(3), _Session.stopped.__doc__) == (3, "Is stopped.")


def test_text_shows_itself_at_a_plain_prompt_as_in_a_notebook() -> None:
    assert repr(Text("NAME\nweb\n")) == "NAME\nweb"
