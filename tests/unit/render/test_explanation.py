from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.explain import Evidence, Explanation
from k8s_tutor.graph.model import State
from k8s_tutor.language import msg
from k8s_tutor.render.explanation import ExplanationCards, cards


def explanation(text: str = "web", state: State = State.FAILING) -> Explanation:
    step = Evidence(f"Pod {text}", f"metadata.labels[{text}]", text, msg("It says {text}.", text=text))
    return Explanation(f"Pod {text}", (step,), msg("so it is"), f"kubectl get pod {text}", state)


def test_a_notebook_shows_cards_and_the_same_in_words() -> None:
    shown = ExplanationCards(explanation())
    bundle = shown._repr_mimebundle_()
    assert (
        bundle["text/plain"]
        == str(shown)
        == (
            "✖ Pod web does not work: so it is.\n"
            "  1. It says web.\n"
            "     Pod web: metadata.labels[web] = web\n"
            "  Next: kubectl get pod web"
        )
    )
    for words in ("It says web.", "metadata.labels[web]", "kubectl get pod web", "does not work"):
        assert words in bundle["text/html"]


def test_state_is_said_by_mark_and_word_not_by_colour_alone() -> None:
    good, bad = cards(explanation(state=State.GOOD)), cards(explanation(state=State.FAILING))
    assert "is well" in good
    assert "does not work" in bad
    assert good.count("<circle") != bad.count("<circle")


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)


def elements(html: str) -> list[str]:
    parser = Elements()
    parser.feed(html)
    return parser.seen


@given(st.text(max_size=30))
def test_nothing_that_an_object_says_becomes_an_element_or_moves_the_cursor(text: str) -> None:
    hostile = explanation(f"<script>{text}</script>\x1b[31m\x00\u202e")
    assert elements(cards(hostile)) == elements(cards(explanation()))
    assert all(char.isprintable() or char == "\n" for char in str(hostile))
