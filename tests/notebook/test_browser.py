"""The lesson as a learner meets it: JupyterLab in a browser, a live picture that moves when something changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.notebook.pages import choose_from_menu, open_notebook, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.notebook.conftest import Lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser")]

LESSON = "01_pods.ipynb"
# Behind the lesson's last cell, which empties its namespace: two pods to look at, of which one will go.
START_OVER = """
t.lesson("pods")
for name, image in ("shop", "no.such/shop:1"), ("moving", "nginx:1.22"):
    spec = {"containers": [{"name": "web", "image": image}]}
    t.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})
"""
# Words in the text twin of a lesson's main picture.
MAIN_PICTURES = {
    "06_loadbalancers": "none (Not ready: readiness probe 503)",
    "10_operators": "remove db-1 (db-1 is on the list and has no Pod)",
}
ERROR = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']"


def _type_and_run(page: Page, code: str) -> None:
    """Adds a cell below the last one and runs it."""
    page.locator(".jp-Notebook .jp-Cell").last.click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")


def _live(page: Page) -> Locator:
    return page.locator(".k8s-tutor-live")


def _card(page: Page, name: str) -> Locator:
    """The card of an object in the live picture."""
    return _live(page).locator(f".nodes > [data-name$='/{name}']:not([data-leaving])")


def test_the_front_page_opens_and_leads_to_the_lesson(page: Page, lab: Lab, pictures: Path) -> None:
    page.goto(lab.address)
    link = page.locator(".jp-RenderedMarkdown a", has_text="Pods").first
    link.wait_for()
    page.screenshot(path=pictures / "front-page.png")
    link.click()
    page.locator(".lm-TabBar-tabLabel", has_text=LESSON).wait_for()


def test_the_lesson_runs_and_its_live_picture_follows_a_deletion(page: Page, lab: Lab, pictures: Path) -> None:
    open_notebook(page, lab, LESSON)
    run_all(page)
    assert page.locator(ERROR).all_inner_texts() == []

    _type_and_run(page, START_OVER)
    _card(page, "shop").wait_for()
    _card(page, "moving").locator("text", has_text="Running").first.wait_for()
    _look(page, pictures, "light")

    _type_and_run(page, 't.delete("pod/moving", now=True)')
    _card(page, "moving").wait_for(state="detached")
    assert "moving" in (_live(page).locator(".changes").get_attribute("title") or "")  # the last few changes
    _look(page, pictures, "after-delete")

    choose_from_menu(page, "Settings", "Theme", "JupyterLab Dark")
    page.locator("body[data-jp-theme-light='false']").wait_for(state="attached")
    _look(page, pictures, "dark")


@pytest.mark.parametrize(("lesson", "words"), MAIN_PICTURES.items(), ids=MAIN_PICTURES)
def test_every_cell_of_a_lesson_runs_and_its_main_picture_shows(
    page: Page, lab: Lab, pictures: Path, lesson: str, words: str
) -> None:
    open_notebook(page, lab, f"{lesson}.ipynb")
    run_all(page)
    assert page.locator(ERROR).all_inner_texts() == []
    picture = page.locator(f".jp-OutputArea img[alt*='{words}']").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    page.screenshot(path=pictures / f"{lesson}.png")


def _look(page: Page, pictures: Path, name: str) -> None:
    """Keeps screenshots: the page around the live picture, the picture alone, and a still picture in its page."""
    page.locator(".jp-OutputArea img[alt]").first.scroll_into_view_if_needed()
    page.screenshot(path=pictures / f"still-{name}.png")
    _live(page).scroll_into_view_if_needed()
    page.screenshot(path=pictures / f"lesson-{name}.png")
    _live(page).screenshot(path=pictures / f"live-{name}.png")
