"""The lesson as a learner meets it: JupyterLab in a browser, a live picture that moves when something changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.course.finding import find_own_course
from k8s_tutor.course.record import read_course
from tests import sample
from tests.notebook.pages import choose_from_menu, open_notebook, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from k8s_tutor.course.record import Lesson
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
COURSE = read_course(find_own_course())
# Words in the text twin of a lesson's main picture.
MAIN_PICTURES = {
    "loadbalancers": "none (Not ready: readiness probe 503)",
    "operators": "remove db-1 (db-1 is on the list and has no Pod)",
}
RUN = [one for one in COURSE.lessons if one.name in MAIN_PICTURES or sample.is_whole()]
STEP = 700  # pixels: less than what the window shows
# JupyterLab draws the cells in sight: scrolls, and answers how far one can.
DRAW = """
async (step) => {
  const pane = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer");
  pane.scrollTop = step;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return pane.scrollHeight - pane.clientHeight;
}
"""
# The pictures in sight: their words, and whether they are drawn.
PICTURES = """
() => Promise.all([...document.querySelectorAll(".jp-OutputArea img[alt], .jp-OutputArea svg[role=img]")].map(
  (one) => one.tagName === "IMG"
    ? one.decode().then(() => [one.alt, one.naturalWidth > 0], () => [one.alt, false])
    : [one.getAttribute("aria-label") || one.querySelector("title")?.textContent || "", one.clientWidth > 0]))
"""
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


@pytest.mark.parametrize("lesson", RUN, ids=lambda one: one.name)
def test_every_cell_of_a_lesson_runs_and_every_picture_shows(
    page: Page, lab: Lab, pictures: Path, lesson: Lesson
) -> None:
    open_notebook(page, lab, f"{lesson.stem}.ipynb")
    run_all(page)
    seen: dict[str, bool] = {}
    place, end = 0, 0
    while place <= end + STEP:
        end = page.evaluate(DRAW, place)
        assert page.locator(ERROR).all_inner_texts() == []
        seen |= dict(page.evaluate(PICTURES))
        place += STEP
    assert len(seen) > 1
    assert [words for words, drawn in seen.items() if not (words and drawn)] == []
    if words := MAIN_PICTURES.get(lesson.name):
        picture = page.locator(f".jp-OutputArea img[alt*='{words}']").first
        picture.scroll_into_view_if_needed()
        page.screenshot(path=pictures / f"{lesson.stem}.png")


def _look(page: Page, pictures: Path, name: str) -> None:
    """Keeps screenshots: the page around the live picture, the picture alone, and a still picture in its page."""
    page.locator(".jp-OutputArea img[alt]").first.scroll_into_view_if_needed()
    page.screenshot(path=pictures / f"still-{name}.png")
    _live(page).scroll_into_view_if_needed()
    page.screenshot(path=pictures / f"lesson-{name}.png")
    _live(page).screenshot(path=pictures / f"live-{name}.png")
