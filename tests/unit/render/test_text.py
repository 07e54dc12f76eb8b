from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.render.text import clipped, width


@pytest.mark.parametrize(
    ("text", "em"), [("", 0), ("mm", 1.948), ("端点切片", 4), ("é", 0.615), ("…", 1), ("e\u0301", 0.615)]
)
def test_width_is_that_of_the_widest_usual_font(text: str, em: float) -> None:
    assert width(text, 10) == pytest.approx(em * 10)


@given(st.text(max_size=60), st.integers(20, 300), st.booleans(), st.booleans())
def test_clipped_text_fits(text: str, room: int, bold: bool, middle: bool) -> None:
    assert width(clipped(text, 12, room, bold=bold, middle=middle), 12, bold=bold) <= room


@given(st.text(max_size=60))
def test_text_that_fits_is_left_alone(text: str) -> None:
    assert clipped(text, 12, width(text, 12)) == text


def test_a_name_keeps_both_its_ends() -> None:
    assert clipped("shop-frontend-758964bfdc-2cnhd", 14, 120, middle=True) == "shop-fr…-2cnhd"
