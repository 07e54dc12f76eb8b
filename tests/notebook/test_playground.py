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
