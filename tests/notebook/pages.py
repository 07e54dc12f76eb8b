"""What a person does in JupyterLab: opens a notebook, chooses from its menus, runs all cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.notebook.conftest import Lab

_RUNNING = ".jp-Notebook .jp-InputPrompt:has-text('[*]')"


def open_notebook(page: Page, lab: Lab, name: str) -> None:
    """Opens one, and waits until its kernel has started."""
    page.goto(lab.page(name))
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").first.wait_for()
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()


def choose_from_menu(page: Page, *path: str) -> None:
    """Chooses an entry of JupyterLab's menus."""
    page.locator(".lm-MenuBar-itemLabel", has_text=path[0]).first.click()
    for entry in path[1:]:
        page.locator(".lm-Menu-itemLabel", has_text=entry).first.click()


def run_all(page: Page, timeout: float = 200) -> None:
    """Runs all cells, and waits until the last has ended.

    Args:
        page: The window.
        timeout: How long that may take, in seconds.
    """
    choose_from_menu(page, "Run", "Run All Cells")
    page.locator(_RUNNING).first.wait_for()
    wait_until_idle(page, timeout)


def wait_until_idle(page: Page, timeout: float = 200) -> None:
    """Waits until no cell runs.

    Args:
        page: The window.
        timeout: How long that may take, in seconds.
    """
    page.wait_for_function("!document.querySelector('.jp-Notebook')?.innerText.includes('[*]')", timeout=1000 * timeout)
