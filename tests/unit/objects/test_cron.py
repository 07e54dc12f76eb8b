"""Schedules: what they mean, and what is wrong with those that mean nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.clock import EPOCH, from_rfc3339, rfc3339
from k8s_tutor.objects import cron

BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
moments = st.integers(int(EPOCH), int(EPOCH) + 10**8)


def one(least: int, most: int) -> st.SearchStrategy[str]:
    numbers = st.integers(least, most)
    ranges = st.tuples(numbers, numbers).map(lambda pair: f"{min(pair)}-{max(pair)}")
    steps = st.tuples(st.one_of(st.just("*"), ranges), st.integers(1, 20)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    return st.one_of(st.just("*"), numbers.map(str), ranges, steps)


texts = st.tuples(*(st.lists(one(*bounds), min_size=1, max_size=3).map(",".join) for bounds in BOUNDS)).map(" ".join)


def matches(text: str, when: datetime) -> bool:
    """By the letter of the rules, field by field."""
    here = (when.minute, when.hour, when.day, when.month, when.isoweekday() % 7)
    fits = [
        any(value in _values(part, *bounds) for part in field.split(","))
        for field, value, bounds in zip(text.split(), here, BOUNDS, strict=True)
    ]
    starred = any(part in ("*", "*/1") for index in (2, 4) for part in text.split()[index].split(","))
    day = (fits[2] and fits[4]) if starred else (fits[2] or fits[4])
    return fits[0] and fits[1] and fits[3] and day


def _values(part: str, least: int, most: int) -> range:
    bounds, _, step = part.partition("/")
    first, _, last = bounds.partition("-") if bounds != "*" else (str(least), "-", str(most))
    return range(int(first), int(last or first) + 1, int(step or 1))


@given(texts, moments)
def test_the_next_time_is_later_and_fits(text: str, after: int) -> None:
    found = cron.parse(text).next(after)
    if found is not None:
        assert found > after
        assert matches(text, datetime.fromtimestamp(found, UTC))


@given(texts, moments)
def test_no_earlier_minute_fits(text: str, after: int) -> None:
    found = cron.parse(text).next(after) or float("inf")
    first = after // 60 * 60 + 60
    minutes = (datetime.fromtimestamp(first + 60 * number, UTC) for number in range(600))
    earliest = next((when for when in minutes if matches(text, when)), None)
    assert earliest is None or earliest.timestamp() == found


@given(texts, moments, moments)
def test_later_questions_have_no_earlier_answers(text: str, one_moment: int, other: int) -> None:
    first, second = (cron.parse(text).next(moment) for moment in sorted((one_moment, other)))
    assert second is None or (first is not None and first <= second)


@pytest.mark.parametrize(
    ("text", "times"),
    {
        "@hourly": ["2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z"],
        "@weekly": ["2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z"],
        "@every 90m": ["2026-01-01T01:30:00Z", "2026-01-01T03:00:00Z"],
        "0 9 * * mon-fri": ["2026-01-01T09:00:00Z", "2026-01-02T09:00:00Z"],
        "0 0 13 * FRI": ["2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z"],
        "0 0 29 feb ?": ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"],
        "58/1 * * * *": ["2026-01-01T00:58:00Z", "2026-01-01T00:59:00Z"],
    }.items(),
)
def test_times(text: str, times: list[str]) -> None:
    first = cron.parse(text).next(EPOCH)
    assert first is not None
    second = cron.parse(text).next(first)
    assert second is not None
    assert [rfc3339(first), rfc3339(second)] == times


def test_what_is_never_due_has_no_next_time() -> None:
    assert cron.parse("0 0 31 2 *").next(EPOCH) is None


def test_when_clocks_go_back_an_hour_comes_twice_and_when_they_go_forward_one_is_left_out() -> None:
    new_york = ZoneInfo("America/New_York")
    nightly, seen = cron.parse("0 1 * * *", new_york), from_rfc3339("2012-11-04T00:00:00-04:00")
    times = []
    for _ in range(3):
        seen = nightly.next(seen) or 0
        times.append(rfc3339(seen))
    assert times == ["2012-11-04T05:00:00Z", "2012-11-04T06:00:00Z", "2012-11-05T06:00:00Z"]
    skipped = cron.parse("30 2 * * *", new_york).next(from_rfc3339("2012-03-10T12:00:00-05:00")) or 0
    assert rfc3339(skipped) == "2012-03-12T06:30:00Z"
