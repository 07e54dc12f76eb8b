"""The playground in a real browser, with a cluster behind it and no notebook around it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.language.choice import use_language
from k8s_tutor.session import Session
from tests.notebook.test_live_page import MODEL
from tests.notebook.test_stepper import HARNESS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytest.importorskip("anywidget")

pytestmark = pytest.mark.browser

SENT, TAKEN = ("room", "asked", "picked", "deed"), ("frame", "opened", "room", "asked", "said", "state", "picked")


class Played:
    """A playground on a page: what the page sends reaches it, and what it says reaches the page."""

    def __init__(self, page: Page, folder: Path, language: str = "en", theme: str = "light") -> None:
        use_language(language)
        self.page = page
        self.t = Session(EmbeddedCluster(PaceMode.REALTIME), say=lambda text: None)
        self.widget = self.t.playground()
        values = json.dumps({name: getattr(self.widget, name) for name in (*TAKEN, "words", "deed")})
        head, _, tail = HARNESS.partition("set: (name")
        harness = head + MODEL + tail.partition("},")[2]
        code, css = (json.dumps(text).replace("</", "<\\/") for text in (self.widget._esm, self.widget._css))
        dark = "body{background:#12161c}" if theme == "dark" else ""
        text = harness % (theme, json.loads(css) + dark, values.replace("</", "<\\/"), code)
        (folder / "playground.html").write_text(text.replace("data-theme", "theme"), encoding="utf-8")
        page.expose_function("send", self._hear)
        page.goto((folder / "playground.html").as_uri())
        page.locator(".pg-bar").wait_for()

    def _hear(self, sent: str) -> None:
        for name, value in json.loads(sent).items():
            if name in SENT and getattr(self.widget, name) != value:
                setattr(self.widget, name, value)

    def sync(self) -> None:
        self.page.evaluate("async () => { await window.sent; }")
        self.page.evaluate("news => model.take(news)", {name: getattr(self.widget, name) for name in TAKEN})

    def until(self, seen: Callable[[], Any]) -> None:
        """Shows what comes, until it is as wanted."""
        for _ in range(300):
            self.sync()
            if seen():
                return
            self.page.wait_for_timeout(100)
        pytest.fail(f"never seen; the log says {self.log()}")

    def press(self, name: str) -> None:
        self.page.locator(f"button[name='{name}']").click()
        self.sync()

    def put(self, name: str) -> None:
        self.page.locator("select[name='put']").select_option(name)
        self.sync()

    def slide(self, rate: int) -> None:
        self.page.locator("input[name='rate']").fill(str(rate))
        self.page.wait_for_timeout(400)  # the page waits until a slider rests
        self.sync()

    def log(self) -> str:
        return self.page.locator(".pg-log").inner_text()

    def cards(self, words: str) -> int:
        return self.page.locator(".node:not([data-leaving])", has_text=words).count()

    def close(self) -> None:
        self.t.close()
        use_language("")


@pytest.fixture
def played(page: Page, tmp_path: Path) -> Iterator[Played]:
    played = Played(page, tmp_path)
    yield played
    played.close()


def test_a_visitor_plays(played: Played) -> None:
    page = played.page
    played.put("web")
    played.until(lambda: played.cards("Ready") >= 3 + 3)  # nodes, and Pods
    played.press("more")
    played.until(lambda: page.locator(".pg-count").inner_text() == "4")
    assert "kubectl scale deployment/web --replicas=4" in played.log()
    played.slide(20)
    played.until(lambda: "answered" in page.locator(".pg-sums").inner_text())
    played.press("kill")
    played.until(lambda: "--wait=false" in played.log())
    played.press("pause")
    played.until(lambda: page.locator("button[name='pause']").inner_text() == "Go on")
    assert page.locator(".still").is_visible()
    sent = played.widget.state["traffic"]["bursts"]
    page.wait_for_timeout(1500)
    assert played.widget.state["traffic"]["bursts"] <= sent + 1  # nothing is sent while time stands still


def test_a_click_aims_and_the_next_one_asks(played: Played) -> None:
    page = played.page
    other = page.locator(".node", has_text="k8s-tutor-worker2")
    other.click()
    played.until(lambda: page.locator(".pg-node .pg-target").inner_text() == "k8s-tutor-worker2")
    assert other.get_attribute("aria-pressed") == "true"
    assert page.locator(".panel").is_hidden()
    played.press("cordon")
    played.until(lambda: page.locator("button[name='cordon']").inner_text() == "Uncordon")
    assert played.log().startswith("kubectl cordon k8s-tutor-worker2")
    other.focus()
    page.keyboard.press("Enter")
    played.until(page.locator(".panel").is_visible)


def test_what_cannot_be_done_is_off_and_says_why(played: Played) -> None:
    kill = played.page.locator("button[name='kill']")
    assert (kill.is_disabled(), kill.get_attribute("title")) == (True, "There is no Pod yet.")
    assert "There is no Service yet" in played.page.locator(".pg-flow").inner_text()


def test_every_control_has_a_name_and_takes_the_keyboard(played: Played) -> None:
    nameless = """[...document.querySelectorAll('.pg-bar button, .pg-bar select, .pg-flow input')].filter(
        one => !(one.getAttribute('aria-label') || one.textContent).trim() || one.tabIndex < 0).length"""
    assert played.page.evaluate(nameless) == 0


def test_no_dot_flies_for_who_wants_no_motion(played: Played) -> None:
    played.page.emulate_media(reduced_motion="reduce")
    played.put("web")
    played.until(lambda: played.cards("Ready") >= 3 + 3)
    played.slide(20)
    played.until(lambda: played.widget.state["traffic"]["bursts"] > 2)
    assert played.page.locator(".pg-layer .dot").count() == 0


@pytest.mark.parametrize("width", [560, 900, 1400])
def test_nothing_is_wider_than_the_page(played: Played, width: int) -> None:
    played.page.set_viewport_size({"width": width, "height": 900})
    wide = played.page.evaluate("document.querySelector('.pg-bar').scrollWidth > innerWidth")
    assert not wide
