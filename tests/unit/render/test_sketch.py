"""Sketches: what a lesson draws to explain something."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from k8s_tutor.course.drawings import list_drawings
from k8s_tutor.course.finding import find_own_course
from k8s_tutor.course.record import read_course
from k8s_tutor.render.sketch import Sheet, Sketch

WORDS = {"en": "A way", "zh": "一条路"}
SKETCHES = [
    one for lesson in read_course(find_own_course()).lessons for one in list_drawings(lesson) if isinstance(one, Sketch)
]


def sketch(draw: object) -> Sketch:
    return Sketch("way", 200, 80, draw, WORDS, WORDS)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("one", SKETCHES, ids=lambda one: one.key)
def test_each_sketch_of_the_course_is_sound_in_both_languages(one: Sketch, language: str) -> None:
    drawn = ElementTree.fromstring(one.draw(language))
    assert one.draw(language) == one.draw(language)
    for word in drawn.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 <= float(word.get("x", "-1")) <= one.width
        assert 0 <= float(word.get("y", "-1")) <= one.height
    assert one.tell(language).startswith(one.title[language])


def test_words_wider_than_their_room_are_a_mistake_of_the_drawing() -> None:
    with pytest.raises(ValueError, match="way: 'much too long for it' is"):
        sketch(lambda sheet: sheet.box((0, 0, 60, 40), "much too long for it")).draw("en")


def test_what_moves_is_hidden_from_those_who_want_no_motion() -> None:
    def drawn(sheet: Sheet) -> None:
        sheet.arrow((0, 0), (90, 0), moving=True)

    text = sketch(drawn).draw("en")
    hidden, shown = text.index(" .moving{display:none}"), text.index("prefers-reduced-motion:no-preference")
    assert hidden < shown < text.index("<animateMotion")


def test_words_are_in_the_language_asked_for() -> None:
    one = sketch(lambda sheet: sheet.words((9, 9), sheet.say("left < right", "左 < 右")))
    assert "left &lt; right" in one.draw("en")
    assert "左 &lt; 右" in one.draw("zh")
