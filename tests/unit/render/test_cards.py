"""Laws of cards: text fits, nothing overlaps, states are told apart without colour."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.graph.build import build
from k8s_tutor.graph.layout import layout
from k8s_tutor.graph.model import LOOKS, Graph, Health, Node, Part, State
from k8s_tutor.language import msg
from k8s_tutor.observe.snapshot import Snapshot
from k8s_tutor.render.cards import MARKS
from k8s_tutor.render.svg import draw
from k8s_tutor.render.text import RULES, width

SVG = "{http://www.w3.org/2000/svg}"
SIZES = {"kind": 11, "word": 11.5, "name": 14, "inner-name": 13, "fact": 11.5}
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=80) | st.sampled_from(
    ["商店-前端-部署", "a-very-long-name-that-no-card-of-any-width-could-ever-show-in-full-7d9c5b8f6-x2x9z"]
)


def texts(group: ElementTree.Element) -> list[tuple[float, float, float]]:
    """(y, left, right) of each line of text directly in a group."""
    found = []
    for text in group.findall(f"{SVG}text"):
        css = text.get("class", "")
        size = SIZES[css]
        line = "".join(text.itertext())
        shown = line.removeprefix(text.findtext(f"{SVG}title") or "")
        wide = width(shown, size, bold=css.endswith("name") or css == "word")
        x = float(text.get("x", 0))
        left = x - wide if text.get("text-anchor") == "end" else x
        found.append((float(text.get("y", 0)), left, left + wide))
    return found


def check(group: ElementTree.Element) -> None:
    room = float(group.find(f"{SVG}rect[@class]").get("width", 0))  # type: ignore[union-attr]
    rows: dict[float, list[tuple[float, float]]] = {}
    for y, left, right in texts(group):
        assert left >= 12
        assert right <= room - 12
        rows.setdefault(y, []).append((left, right))
    for row in rows.values():
        assert all(one[1] <= other[0] for one, other in pairwise(sorted(row)))


def cards(svg: str) -> list[ElementTree.Element]:
    return [
        group
        for group in ElementTree.fromstring(svg).iter(f"{SVG}g")
        if {"node", "part"} & set(group.get("class", "").split())
    ]


@given(TEXT, TEXT, TEXT, st.sampled_from(list(State)), st.booleans())
def test_text_fits_into_its_card_whatever_it_says(name: str, word: str, fact: str, state: State, inside: bool) -> None:
    health = Health(state, word, fact)
    facts = (fact, msg("{value} restarts", value=3))
    parts = (Part("p", msg("Container"), name, health, facts),) if inside else ()
    graph = Graph((Node("n", "Pod", name, health, where=name, facts=facts, parts=parts),))
    for card in cards(draw(graph, layout(graph))):
        check(card)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("focus", ["", "pod/pair", "pod/typo", "service/shop"])
def test_text_fits_into_the_cards_of_real_objects(unready: Snapshot, focus: str, lang: str) -> None:
    graph = build(unready, focus)
    for card in cards(draw(graph, layout(graph), lang)):
        check(card)


def test_what_had_to_be_shortened_stands_in_a_title() -> None:
    name = "a-very-long-name-that-no-card-could-show-in-full-7d9c5b8f6-x2x9z"
    graph = Graph((Node("n", "Pod", name),))
    svg = draw(graph, layout(graph))
    assert f"<title>{name}</title>" in svg
    assert "…" in svg
    assert "x2x9z</text>" in svg


def test_every_state_has_a_mark_and_all_marks_differ() -> None:
    assert len({MARKS[look.shape] for look in LOOKS.values()}) == len(State)


def test_states_that_need_attention_are_drawn_with_borders_of_their_own_weight() -> None:
    for state in ("unready", "failing", "waiting", "leaving", "absent"):
        rule = RULES.partition(f".{state}>.card{{")[2].partition("}")[0]
        assert "stroke-width" in rule or "stroke-dasharray" in rule


def test_a_card_can_be_reached_by_keyboard_and_says_what_it_shows(unready: Snapshot) -> None:
    graph = build(unready, "service/shop")
    nodes = [card for card in cards(draw(graph, layout(graph))) if card.get("data-id")]
    assert all(node.get("tabindex") == "0" for node in nodes)
    assert "Pod shop-758964bfdc-2cnhd: Not ready: readiness probe 503, 10.244.2.35" in [
        node.get("aria-label") for node in nodes
    ]


def test_names_that_look_like_markup_stay_text() -> None:
    graph = Graph((Node("n", "Pod", '<script>"&'),))
    ElementTree.fromstring(draw(graph, layout(graph)))
