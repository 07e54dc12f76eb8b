"""The lesson as a learner meets it: JupyterLab in a browser, a live picture that moves when something changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.notebook.conftest import Lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser")]

LESSON = "01_pods.ipynb"
RUNNING = ".jp-Notebook .jp-InputPrompt >> text=[*]"
ERROR = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']"


def _open(page: Page, lab: Lab, name: str) -> None:
    page.goto(lab.page(name))
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").first.wait_for()
    page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for()


def _menu(page: Page, *path: str) -> None:
    """Chooses an entry of JupyterLab's menus."""
    page.locator(".lm-MenuBar-itemLabel", has_text=path[0]).first.click()
    for entry in path[1:]:
        page.locator(".lm-Menu-itemLabel", has_text=entry).first.click()


def _run_all(page: Page) -> None:
    _menu(page, "Run", "Run All Cells")
    page.locator(RUNNING).first.wait_for()
    _until_idle(page)


def _until_idle(page: Page) -> None:
    page.wait_for_function("!document.querySelector('.jp-Notebook')?.innerText.includes('[*]')", timeout=200_000)


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
    _open(page, lab, LESSON)
    _run_all(page)
    assert page.locator(ERROR).all_inner_texts() == []
    _live(page).scroll_into_view_if_needed()
    _card(page, "duo").wait_for()
    page.screenshot(path=pictures / "lesson-light.png")
    _live(page).screenshot(path=pictures / "live-light.png")

    _type_and_run(page, 't.delete("pod/duo", now=True)')
    _card(page, "duo").wait_for(state="detached")
    assert "duo" in _live(page).locator(".news").inner_text()
    _live(page).screenshot(path=pictures / "live-after-delete.png")

    _menu(page, "Settings", "Theme", "JupyterLab Dark")
    page.locator("body[data-jp-theme-light='false']").wait_for()
    _live(page).scroll_into_view_if_needed()
    page.screenshot(path=pictures / "lesson-dark.png")
    _live(page).screenshot(path=pictures / "live-dark.png")
