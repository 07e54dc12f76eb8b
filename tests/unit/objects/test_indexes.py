"""Completion indexes, written in as few words as possible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.objects import cron

sets = st.sets(st.integers(0, 60))


@given(sets)
def test_what_was_written_is_read_again(some: set[int]) -> None:
    text = cron.compact(some)
    assert cron.expand(text, 100) == list(cron.checked(text, 100)) == sorted(some)


@given(sets, st.integers(0, 60))
def test_indexes_beyond_the_last_are_left_out(some: set[int], limit: int) -> None:
    assert cron.expand(cron.compact(some), limit) == sorted(index for index in some if index < limit)


@pytest.mark.parametrize(
    ("some", "text"), [((), ""), ((3,), "3"), ((0, 1), "0,1"), ((0, 1, 2), "0-2"), ((5, 1, 2, 3, 7, 8), "1-3,5,7,8")]
)
def test_two_in_a_row_are_no_range(some: tuple[int, ...], text: str) -> None:
    assert cron.compact(some) == text
