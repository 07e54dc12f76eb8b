"""What a Python program may send, and what a text may stand for."""

from __future__ import annotations

import datetime
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.errors import ManifestError
from k8s_tutor.objects import manifests
from k8s_tutor.objects.nesting import DEEPEST, NotJson, bracket_too_deep, is_too_deep, json_of, sound_text

HEAD = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n"
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + step)}: &{chr(98 + step)} [{','.join([f'*{chr(97 + step)}'] * 9)}]\n" for step in range(8)
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


def cyclic() -> Any:
    value: dict[str, Any] = {}
    value["self"] = value
    return value


@given(JSON)
def test_json_is_itself(value: Any) -> None:
    assert json_of(value) == value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({1, 2}, "type set"),
        (b"x", "type bytes"),
        (Decimal("1.5"), "type Decimal"),
        (datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), "type datetime"),
        (Path("/x"), "Path"),
        (object(), "type object"),
        (float("nan"), "the number nan"),
        (float("inf"), "the number inf"),
        (10**400, "more than 300 digits"),
        ({1: "x"}, "whose name is no text"),
        ({None: "x"}, "whose name is no text"),
        (cyclic(), "contains itself"),
        (nested(30_000), "nests deeper"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_has_no_word_for_is_told_with_its_place(value: Any, words: str) -> None:
    with pytest.raises(NotJson, match=words) as caught:
        json_of({"spec": {"list": [0, value]}})
    assert caught.value.place.startswith("spec.list[1]")


def test_the_deepest_value_passes_and_the_next_does_not() -> None:
    assert not is_too_deep(json_of(nested(DEEPEST)))
    assert is_too_deep(nested(DEEPEST + 1))


@pytest.mark.parametrize(
    ("text", "bracket"),
    [
        pytest.param("[" * 201, "[", id="lists"),
        pytest.param("[" * 200, "", id="just"),
        pytest.param('"' + "[" * 999 + '"', "", id="text"),
        pytest.param('{"a":' * 201, "{", id="groups"),
    ],
)
def test_depth_is_seen_in_json_without_reading_it(text: str, bracket: str) -> None:
    assert bracket_too_deep(text) == bracket


def test_many_shallow_lists_are_not_deep() -> None:
    assert bracket_too_deep("[" + ",".join(["[]"] * 5000) + "]") == ""


@given(st.text(st.characters()) | st.text(st.characters(categories=["Cs"])))
def test_sound_text_can_be_sent_and_stays_as_it_was_where_it_could(text: str) -> None:
    assert sound_text(text).encode() is not None
    assert sound_text(sound_text(text)) == sound_text(text)


def mistake(text: str) -> ManifestError:
    with pytest.raises(ManifestError) as caught:
        manifests.load(text)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("data: " + "[" * 30_000, id="lists"),
        pytest.param("data:\n" + "- " * 30_000, id="dashes"),
        pytest.param("data: " + "{a: " * 30_000, id="groups"),
        pytest.param("\n".join(" " * step + "a:" for step in range(500)), id="indented"),
    ],
)
def test_deep_text_is_a_mistake_and_says_where(text: str) -> None:
    found = mistake(HEAD + text)
    assert "nested too deeply" in found.what
    assert found.line >= 3


def test_aliases_that_multiply_are_a_mistake_and_cost_nothing() -> None:
    tracemalloc.start()
    assert "aliases" in mistake(HEAD + LAUGHS).what
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_an_alias_inside_what_it_stands_for_is_a_mistake() -> None:
    assert "contains itself" in mistake(HEAD + "data: &a\n  b: *a\n").what


def test_aliases_within_reason_are_read() -> None:
    (found,) = manifests.load(
        HEAD + "data: &a {b: c}\nbinaryData: {}\n",
    )
    assert found["data"] == {"b": "c"}


@pytest.mark.parametrize("number", [".nan", ".inf", "-.INF"])
def test_numbers_that_are_none_are_a_mistake(number: str) -> None:
    assert "the API knows no number" in mistake(HEAD + f"data: {{a: {number}}}").what
