"""Trying out a learner's function."""

from __future__ import annotations

from k8s_tutor.exercises.trial import Trial, is_open, trial


def test_gives_what_the_function_gives() -> None:
    assert trial(lambda a, b: a + b, 1, 2) == Trial(3)


def test_an_error_is_told_in_a_line() -> None:
    assert trial(lambda: {}["name"]).trouble.startswith("KeyError: 'name'")
    assert trial(lambda one: one).trouble.startswith("TypeError: ")


def test_the_line_of_a_cell_is_named() -> None:
    cell: dict[str, object] = {"__name__": "__main__"}
    exec(compile("def broken(pod):\n    # a comment\n    return pod.status", "cell", "exec"), cell)

    said = trial(cell["broken"], {}).trouble
    assert said == "AttributeError: 'dict' object has no attribute 'status' (line 3 of its cell)"


def test_what_is_given_is_not_spoilt() -> None:
    given = {"names": ["a"]}

    trial(lambda one: one["names"].clear(), given)

    assert given == {"names": ["a"]}


def test_three_dots_are_an_open_place() -> None:
    assert is_open(trial(lambda: ...).value)
    assert not is_open(trial(lambda: None).value)
