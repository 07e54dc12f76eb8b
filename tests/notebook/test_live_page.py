"""The live picture in a real browser, without a notebook around it: opening, asking, settling, little room, silence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytest.importorskip("anywidget")
from k8s_tutor.render.live import LiveGraph, live
from tests.notebook.test_stepper import HARNESS
from tests.unit.graph.test_fold import crashing, running, shop, unschedulable
from tests.unit.render.test_live import Source

pytestmark = pytest.mark.browser

SENT, TAKEN = ("opened", "room", "asked"), ("frame", "opened", "room", "asked", "said")
# The page's model sends what it has set, and takes what Python has to say.
MODEL = """set: (name, value) => { values[name] = value; },
  save_changes: () => { window.sent = window.send(JSON.stringify(values)); },
  take: (news) => { Object.assign(values, news); listeners.forEach((f) => f()); },"""
SMALLEST = (
    "Math.min(...[...document.querySelectorAll('.stage text')].map(t => parseFloat(getComputedStyle(t).fontSize)))"
)


# However slow the page is: an animation that has ended is not there any more to be asked for.
GLIDES = """window.glides = [];
const animate = Element.prototype.animate;
Element.prototype.animate = function (...how) { window.glides.push(this.dataset.id); return animate.apply(this, how); };
"""


class Shown:
    """A widget on a page: what the page sends reaches it, and what it says reaches the page."""

    def __init__(self, page: Page, widget: LiveGraph, source: Source, folder: Path) -> None:
        self.page, self.widget, self.source = page, widget, source
        values = json.dumps({name: getattr(widget, name) for name in (*TAKEN, "words")})
        head, _, tail = HARNESS.partition("set: (name")
        harness = head + MODEL + tail.partition("},")[2]
        code, css = (json.dumps(text).replace("</", "<\\/") for text in (str(widget._esm), str(widget._css)))
        text = harness % ("light", json.loads(css), values.replace("</", "<\\/"), code)
        (folder / "live.html").write_text(text, encoding="utf-8")
        page.expose_function("send", self._hear)
        page.add_init_script(GLIDES)
        page.goto((folder / "live.html").as_uri())
        self.card("deploy").wait_for()

    def _hear(self, sent: str) -> None:
        for name, value in json.loads(sent).items():
            if name in SENT:
                setattr(self.widget, name, value)

    def sync(self) -> None:
        self.page.evaluate("async () => { await window.sent; }")  # what the page has said is heard before the answer
        self.page.evaluate("news => model.take(news)", {name: getattr(self.widget, name) for name in TAKEN})

    def card(self, key: str) -> Any:
        return self.page.locator(f".node[data-id='{key}']:not([data-leaving])")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.sync()


@pytest.fixture
def shown(page: Page, tmp_path: Path) -> Iterator[Shown]:
    source = Source(shop([running()] * 200 + [unschedulable()] * 283 + [crashing(1)] * 17))
    widget = live(source, answer=lambda kind, name, _: f"<p>{kind} {name} answers</p>")  # type: ignore[arg-type]
    yield Shown(page, widget, source, tmp_path)
    widget.close()


def test_a_folded_card_opens_by_enter_and_folds_by_escape(shown: Shown) -> None:
    shown.card("stack:rs").focus()
    shown.press("Enter")
    shown.card("pod-4").wait_for()
    assert shown.page.locator("button.fold").is_visible()
    shown.press("Escape")
    shown.card("pod-4").wait_for(state="detached")
    assert shown.card("stack:rs").get_attribute("aria-expanded") == "false"


def test_a_card_answers_a_click_and_the_keyboard_comes_back_to_it(shown: Shown) -> None:
    shown.card("deploy").click()
    shown.sync()
    assert "Deployment web answers" in shown.page.locator(".panel").inner_text()
    shown.press("Escape")
    assert not shown.page.locator(".panel").is_visible()
    assert shown.page.evaluate("document.activeElement.getAttribute('data-id')") == "deploy"


def test_cards_glide_home_when_nothing_changes_any_more(shown: Shown) -> None:
    shown.source.tell(shop([running()] * 55))
    shown.sync()
    assert shown.card("deploy").get_attribute("transform") != "translate(-584,0)"
    shown.page.evaluate("glides.length = 0")
    shown.source.rest()
    shown.sync()
    assert shown.card("deploy").get_attribute("transform") == "translate(-584,0)"
    assert shown.page.evaluate("glides.filter(card => card === 'deploy').length") == 1


def test_half_a_laptop_shows_all_columns_and_no_smaller_text(shown: Shown, pictures: Path) -> None:
    shown.page.set_viewport_size({"width": 600, "height": 900})
    shown.page.wait_for_function("() => 0 < model.get('room') && model.get('room') < 600")  # 0: not measured yet
    shown.sync()
    stage = shown.page.locator(".stage")
    assert stage.evaluate("stage => stage.scrollWidth - stage.clientWidth") == 0
    assert stage.evaluate("stage => stage.querySelector('svg').getScreenCTM().a") == 1  # nothing is scaled
    assert shown.page.evaluate(SMALLEST) >= 11
    shown.page.screenshot(path=pictures / "live-600.png")


def test_a_silent_server_is_seen_and_its_return_too(shown: Shown) -> None:
    shown.source.lose(1_800_000_000.0)
    shown.sync()
    assert shown.page.locator(".k8s-tutor-live.lost .state").inner_text().startswith("last seen ")
    shown.source.lose(None)
    shown.sync()
    assert shown.page.locator(".state").inner_text() == "live"
