"""Calling a learner's function: whatever it does, there is an answer in a few seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

import pytest

from k8s_tutor.exercises import call_function, failed, see, show_value, try_function
from k8s_tutor.exercises.state import State


def _defined(source: str) -> Callable[..., object]:
    """A function as a notebook's cell defines it."""
    cell: dict[str, object] = {"__name__": "__main__"}
    exec(compile(source, "cell", "exec"), cell)
    found = cell["f"]
    assert callable(found)
    return found


def test_gives_what_the_function_gives() -> None:
    called = call_function(lambda a, b: a + b, 1, 2)
    assert (called.value, called.shown, called.trouble) == (3, "3", None)


def test_an_error_is_told_in_a_line() -> None:
    assert str(call_function(lambda: {}["name"]).trouble).startswith("KeyError: 'name'")
    assert str(call_function(lambda one: one).trouble).startswith("TypeError: ")


def test_the_line_of_a_cell_is_named() -> None:
    broken = _defined("def f(pod):\n    # a comment\n    return pod.status")
    said = str(call_function(broken, {}).trouble)
    assert said == "AttributeError: 'dict' object has no attribute 'status' (line 3 of its cell)"


def test_what_is_given_is_not_spoilt() -> None:
    given = {"names": ["a"]}
    call_function(lambda one: one["names"].clear(), given)
    assert given == {"names": ["a"]}


def test_three_dots_are_a_function_still_to_be_written() -> None:
    assert call_function(lambda: ...).is_open
    assert not call_function(lambda: None).is_open


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "while True:\n        pass",
        "[None for _ in iter(int, 1)]",
        "return [f(n + 1) for _ in range(9)] if n < 90 else 0",
        "while True:\n        try:\n            n += 1\n        except Exception:\n            pass",
    ],
    ids=["one line", "two lines", "a comprehension", "recursion", "a patient loop"],
)
def test_what_does_not_end_is_stopped_and_leaves_no_thread(body: str) -> None:
    called = call_function(_defined(f"def f(n=0):\n    {body}"), seconds=0.3)
    assert called.trouble is not None
    assert called.trouble.kind == "endless"
    assert not [thread for thread in threading.enumerate() if thread.name == "learner-function"]


def test_what_cannot_be_stopped_does_not_hold_up_the_answer() -> None:
    began = time.monotonic()
    called = call_function(lambda: time.sleep(4), seconds=0.2)
    assert called.trouble is not None
    assert called.trouble.kind == "endless"
    assert time.monotonic() - began < 2


def test_a_million_lines_are_kept_up_to_a_limit_and_none_reaches_the_notebook(
    capsys: pytest.CaptureFixture[str],
) -> None:
    called = call_function(_defined("def f():\n    for n in range(10 ** 6):\n        print(n)"))
    assert called.trouble is not None
    assert called.trouble.kind == "output"
    assert len(called.printed) == 20_000
    assert capsys.readouterr().out == ""


def test_a_few_lines_are_no_trouble() -> None:
    called = call_function(_defined("def f():\n    print('hm')\n    return 1"))
    assert (called.value, called.printed) == (1, "hm\n")


def test_others_print_where_they_did(capsys: pytest.CaptureFixture[str]) -> None:
    def prints_elsewhere() -> None:
        other = threading.Thread(target=print, args=("from elsewhere",))
        other.start()
        other.join()

    assert call_function(prints_elsewhere).printed == ""
    assert capsys.readouterr().out == "from elsewhere\n"


@pytest.mark.parametrize("body", ["raise SystemExit(3)", "exit()", "raise KeyboardInterrupt"])
def test_what_would_end_the_kernel_is_an_error_like_others(body: str) -> None:
    called = call_function(_defined(f"import sys\ndef f():\n    from sys import exit\n    {body}"))
    assert called.trouble is not None
    assert called.trouble.kind in ("SystemExit", "KeyboardInterrupt")


def test_standard_output_and_tracing_are_as_before() -> None:
    before = sys.stdout, sys.gettrace()
    call_function(_defined("def f():\n    while True: pass"), seconds=0.1)
    assert (sys.stdout, sys.gettrace()) == before


def test_values_are_shown_cut_short_and_those_that_cannot_be_shown_by_name() -> None:
    class Rude:
        def __repr__(self) -> str:
            raise ValueError("no")

    assert len(show_value("x" * 1000)) == 78
    assert show_value(Rude()) == "a Rude whose repr() raises ValueError"


class TestAJudgedFunction:
    @staticmethod
    def _verdict(source: str) -> object:
        def look(call):  # type: ignore[no-untyped-def]
            called = call(4)
            return see("right") if called.value == 8 else failed("wrong", called.shown)

        return try_function("demo-1", look, 3)(State.of(functions={"demo-1": _defined(source)}))

    def test_that_does_not_end_gets_a_verdict_within_five_seconds(self) -> None:
        began = time.monotonic()
        verdict = self._verdict("def f(n):\n    while n: pass")
        assert "✗  not yet: the function does not end." in str(verdict).replace("✗ ", "✗  ")
        assert time.monotonic() - began < 5

    def test_that_is_slow_each_time_is_stopped_over_all_its_calls(self) -> None:
        began = time.monotonic()
        slow = "    for _ in range(20): time.sleep(0.1)\n"
        verdict = self._verdict(f"def f(n):\n    import time\n{slow}    return 2 * n")
        assert "does not end" in str(verdict)
        assert time.monotonic() - began < 5

    def test_that_prints_without_end_is_told_so(self) -> None:
        assert "prints without end" in str(self._verdict("def f(n):\n    while True: print(n)"))

    def test_that_is_wrong_shows_what_it_printed(self) -> None:
        assert "it printed: here 4" in str(self._verdict("def f(n):\n    print('here', n)"))

    def test_that_is_right_is_seen(self) -> None:
        assert self._verdict("def f(n):\n    return 2 * n") == see("right")

    def test_with_other_arguments_is_told_so(self) -> None:
        assert "takes other arguments" in str(self._verdict("def f():\n    return 1"))


def test_a_function_that_was_not_written_is_not_attempted() -> None:
    check = try_function("demo-1", lambda call: see(), 1)
    for functions in ({}, {"demo-1": lambda _: ...}):
        assert "not attempted" in str(check(State.of(functions=functions)))
