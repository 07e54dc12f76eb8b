"""The time line and the map of lesson 11: what a page can do with them alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.notebook.conftest import Lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser")]


def _run(page: Page, code: str) -> None:
    page.locator(".jp-CodeCell", has_text=code).first.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_function("!document.querySelector('.jp-Notebook')?.innerText.includes('[*]')", timeout=120_000)


def test_the_keys_walk_through_time_and_the_map_leads_to_lessons(page: Page, lab: Lab, pictures: Path) -> None:
    page.goto(lab.page("11_map.ipynb"))
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=120_000)
    for code in ('t.lesson("map")', 't.picture("timeline")', 't.picture("territory")'):
        _run(page, code)
    line = page.locator(".k8s-timeline")
    line.locator("input:checked").focus()
    for title in ("Shown at DockerCon", "Version 1.0, and a foundation"):
        page.keyboard.press("ArrowRight")
        line.locator(".cards section:visible .what", has_text=title).wait_for()
    assert line.locator(".cards section:visible").count() == 1
    line.screenshot(path=pictures / "map-timeline.png")

    chart = page.locator(".k8s-map")
    chart.scroll_into_view_if_needed()
    chart.screenshot(path=pictures / "map-territory.png")
    chart.get_by_role("link", name="lesson 5: Services").click()
    page.locator(".lm-TabBar-tabLabel", has_text="05_services.ipynb").wait_for()
