"""Pod addresses: each once, in order, round and round."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.embedded.names import AddressPool


def test_addresses_begin_after_the_gateway():
    pool = AddressPool("10.244.1.0/24")

    assert [pool.take(), pool.take()] == ["10.244.1.2", "10.244.1.3"]


def test_an_address_given_back_is_not_the_next_one():
    pool = AddressPool("10.244.1.0/24")
    pool.give_back(pool.take())

    assert pool.take() == "10.244.1.3"


def test_a_full_range_says_so():
    pool = AddressPool("10.0.0.0/29")
    for _ in range(5):
        pool.take()

    with pytest.raises(RuntimeError, match="no IP addresses available"):
        pool.take()


@given(st.lists(st.booleans(), max_size=200))
def test_no_two_hold_the_same_address(moves):
    pool, held = AddressPool("10.0.0.0/27"), []
    for take in moves:
        if take and len(held) < 29:
            held.append(pool.take())
        elif held:
            pool.give_back(held.pop(0))
        assert len(set(held)) == len(held)
