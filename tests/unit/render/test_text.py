from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.render.text import clipped, width, wrapped


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


def test_chinese_breaks_between_characters_and_never_before_its_punctuation() -> None:
    lines = wrapped("要等有新的 Pod 可用，才能再增加新的 Pod 或去掉旧的", 10, 90)
    assert lines == ["要等有新的 Pod 可", "用，才能再增加新的", "Pod 或去掉旧的"]


@given(st.text("中文，。（）a b\n", max_size=80), st.integers(60, 300))
def test_wrapped_text_fits_and_says_all(text: str, room: int) -> None:
    lines = wrapped(text, 12, room)
    assert all(width(line, 12) <= room for line in lines)
    if not any("…" in line for line in lines):
        assert "".join("".join(lines).split()) == "".join(text.split())
