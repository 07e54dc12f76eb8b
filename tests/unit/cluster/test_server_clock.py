"""The clock of a server elsewhere, learnt from the `Date` of its answers."""

from __future__ import annotations

from email.utils import formatdate
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.clock import RealClock, ServerClock


def hear(clock: ServerClock, ahead: float, at: float, way: float = 0.05) -> None:
    """An answer of a server that is so many seconds ahead of us, asked for at a moment of ours."""
    clock.hear(formatdate(floor(at + way / 2 + ahead), usegmt=True), at, at + way)


def ahead_of_us(clock: ServerClock) -> float:
    return clock.now() - RealClock().now()


def test_a_server_that_may_have_our_time_has_it() -> None:
    clock = ServerClock()
    for moment in (1_800_000_000.2, 1_800_000_000.9, 1_800_000_031.5):
        hear(clock, 0.0, moment)
    assert abs(ahead_of_us(clock)) < 0.01


@given(st.floats(-1e7, 1e7), st.lists(st.floats(0.0, 3600.0), min_size=1, max_size=20))
def test_its_time_is_known_to_a_second_after_one_answer(ahead: float, moments: list[float]) -> None:
    clock = ServerClock()
    for moment in sorted(moments):
        hear(clock, ahead, 1_800_000_000 + moment)
    assert abs(ahead_of_us(clock) - ahead) < 1.1


def test_a_server_whose_clock_jumps_is_followed() -> None:
    clock = ServerClock()
    hear(clock, -300.0, 1_800_000_000.0)
    hear(clock, 0.0, 1_800_000_010.0)
    assert abs(ahead_of_us(clock)) < 1.1


def test_an_answer_without_a_date_teaches_nothing() -> None:
    clock = ServerClock()
    hear(clock, 500.0, 1_800_000_000.0)
    clock.hear("", 1.0, 2.0)
    clock.hear("yesterday", 1.0, 2.0)
    assert abs(ahead_of_us(clock) - 500) < 1.1
