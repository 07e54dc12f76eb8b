"""One look: checks in their order, what they saw as evidence, hints from where the learner stands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.exercises import Exercise, Outcome, State, failed, msg, see
from k8s_tutor.observe.snapshot import Snapshot


def _exercise(*checks: Any, **fields: Any) -> Exercise:
    whole = {"hints": (), "solution": "", "alternative": "", "mistakes": (), **fields}
    return Exercise("demo-1", "A title", "A task", checks, "solved", **whole)


@given(st.lists(st.lists(st.text(min_size=1), max_size=3), max_size=5))
def test_the_evidence_is_what_the_checks_saw_in_their_order_and_nothing_else(facts: list[list[str]]) -> None:
    checks = [lambda _, seen=tuple(seen): see(*seen) for seen in facts]
    verdict = _exercise(*checks).judge(State.of())
    assert verdict.passed
    assert list(verdict.evidence) == [fact for seen in facts for fact in seen]


def test_the_first_check_that_is_not_content_says_the_verdict_and_ends_it() -> None:
    looked: list[int] = []

    def look(number: int) -> Any:
        return lambda _: looked.append(number) or (failed("wrong", "this") if number == 1 else see("that"))

    verdict = _exercise(look(0), look(1), look(2)).judge(State.of())
    assert (verdict.outcome, verdict.evidence, looked) == (Outcome.FAILED, ("this",), [0, 1])


def test_where_a_kind_may_not_be_read_nothing_can_be_told() -> None:
    verdict = _exercise(lambda _: see()).judge(State(Snapshot(missing=["services"])))
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert str(verdict.summary) == "this cluster does not show services."


def test_events_that_may_not_be_read_are_no_reason_to_stop() -> None:
    assert _exercise(lambda _: see()).judge(State(Snapshot(missing=["events"]))).passed


def test_hints_may_look_at_the_state_and_the_last_one_names_the_solution() -> None:
    chosen = _exercise(hints=("one", lambda state: f"pods: {len(state.names('pods'))}"))
    state = State.of([{"kind": "Pod", "metadata": {"name": "a"}}])
    assert [str(chosen.hint(index, state)) for index in range(4)] == [
        "one",
        "pods: 1",
        '`t.solution("demo-1")` shows one way to do it.',
        '`t.solution("demo-1")` shows one way to do it.',
    ]
    assert chosen.hint_count == 3


def test_each_kind_is_listed_once() -> None:
    chosen = _exercise(objects=("pod/a", "service/a", "pod/b"), pods="app=a", looks_at=("po", "events", "svc"))
    assert chosen.kinds == ("pods", "services", "events")


@pytest.mark.parametrize("template", ["{there}", "{there} and {missing}", "{}"])
def test_a_sentence_without_its_values_is_refused_where_it_is_written(template: str) -> None:
    if template == "{there}":
        assert str(msg(template, there=1)) == "1"
    else:
        with pytest.raises(ValueError, match="no value for"):
            msg(template, there=1)
