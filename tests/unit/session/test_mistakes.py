"""Wrong arguments get an answer in words, whatever they are."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from k8s_tutor.course.catalog import find_exercise, find_lesson
from k8s_tutor.errors import Cancelled, UsageError
from k8s_tutor.kubectl.arguments import KubectlError
from k8s_tutor.kubectl.builtin import find_kubectl
from k8s_tutor.session.calls import answer_politely
from k8s_tutor.session.display import Text
from k8s_tutor.session.targets import choose_container, find_target, run_command
from k8s_tutor.session.wait_conditions import choose_condition, require_seconds


@pytest.mark.parametrize("ref", [None, 5, ["pod/web"], {"kind": "Pod"}])
def test_a_reference_is_text(ref: Any) -> None:
    with pytest.raises(UsageError, match="no reference"):
        find_target(None, ref, "default")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [None, 1, "", "nope"])
def test_lessons_and_exercises_are_known_by_name(name: Any) -> None:
    with pytest.raises(UsageError, match="There is no lesson"):
        find_lesson(name)
    with pytest.raises(UsageError, match="There is no exercise"):
        find_exercise(name)


def test_only_pods_have_logs() -> None:
    with pytest.raises(UsageError, match="This is a Deployment"):
        choose_container({"kind": "Deployment", "spec": {}}, "")


@pytest.mark.parametrize("command", ["sh -c 'echo", ""])
def test_a_command_that_is_none_is_not_sent(command: str) -> None:
    with pytest.raises(UsageError):
        run_command(None, None, command, "app", 1)  # type: ignore[arg-type]


@answer_politely
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


def test_without_a_goal_a_wait_is_for_what_one_usually_waits_for() -> None:
    assert [choose_condition(kind) for kind in ("Pod", "Deployment", "Job")] == ["Ready", "Available", "Complete"]
    with pytest.raises(UsageError, match="A ConfigMap is not simply ready or not"):
        choose_condition("ConfigMap")


@pytest.mark.parametrize("timeout", ["5", "5s", None, True])
def test_a_timeout_is_a_number_of_seconds(timeout: Any) -> None:
    with pytest.raises(UsageError, match="a number of seconds"):
        require_seconds(timeout)


def test_a_kubectl_that_was_chosen_and_is_not_there_is_not_silently_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K8S_TUTOR_KUBECTL", "/no/such/kubectl")
    with pytest.raises(KubectlError, match="There is no kubectl at '/no/such/kubectl'"):
        find_kubectl()


def test_a_script_of_somebodys_ends_with_the_message_alone_and_its_own_errors_with_theirs() -> None:
    script = "from k8s_tutor import connect\nprint('on')\n{}"
    ours = _python(script.format("connect('nowhere')"))
    theirs = _python(script.format("1 / 0"))

    assert (ours.returncode, "Traceback" in ours.stderr, ours.stderr[:1]) == (1, False, "✗")
    assert "ZeroDivisionError" in theirs.stderr
    assert "Traceback" in theirs.stderr


def _python(script: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", env=environment, check=False
    )
