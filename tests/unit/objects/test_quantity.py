"""quantities.json: what a real API server (1.37) wrote back as a container's memory request."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.objects.quantity import Quantity, QuantityError, canonical, parse

ANSWERS = json.loads(Path(__file__).with_name("quantities.json").read_text(encoding="utf-8"))

quantities = st.builds(Quantity, st.integers(-(10**20), 10**20), st.sampled_from(["decimal", "binary", "exponent"]))


@pytest.mark.parametrize("text", ANSWERS)
def test_quantities_are_written_back_as_the_server_does(text):
    try:
        written = canonical(json.loads(text), milli=True)
    except QuantityError as error:
        written = f"error: {error}"
    assert written == ANSWERS[text]


@given(quantities)
def test_the_canonical_form_means_the_same(quantity):
    assert parse(str(quantity)) == quantity


@given(quantities)
def test_the_canonical_form_is_stable(quantity):
    """From the first reading on: 5000 in powers of two is written 5000, which read again is decimal, 5k."""
    read = canonical(str(quantity))
    assert canonical(read) == read


@given(quantities, quantities)
def test_adding_and_taking_away_is_nothing(one, other):
    assert one + other - other == one
    assert one + other == other + one


@given(quantities, quantities)
def test_order_follows_the_difference(one, other):
    assert (one < other) == ((one - other).nanos < 0)


def test_millicores_and_bytes_are_rounded_up():
    assert parse("0.0001").millis == 1
    assert parse("1.5Ki").value == 1536
    assert parse("100m").value == 1
