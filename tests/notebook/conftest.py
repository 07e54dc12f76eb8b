"""A real JupyterLab, opened by our own command, and a real browser to look at it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Nothing that needs root, a graphics card, or the network.
CHROMIUM_FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
OUTPUT = Path(__file__).resolve().parents[1] / "output"


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab.

    Attributes:
        address: The front page, token included.
        folder: The learner's copies.
        said: What stood in the terminal before it, and the line with the address.
    """

    address: str
    folder: Path
    said: str = ""

    def page(self, name: str) -> str:
        """The address of one notebook, with no tab beside it."""
        head, _, token = self.address.partition("?")
        return f"{head.partition('/lab/')[0]}/lab/tree/{name}?reset&{token}"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """`k8s-tutor lab` with an interactive embedded cluster and settings of its own."""
    with opened_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@contextmanager
def opened_lab(home: Path, **variables: str) -> Iterator[Lab]:
    """`k8s-tutor lab` of a learner who begins, with everything of theirs in a folder.

    Args:
        home: The folder.
        variables: Of its environment, beside those.
    """
    _settings(home / "settings")
    environment = {key: value for key, value in os.environ.items() if key != "K8S_TUTOR_PACE"}
    environment |= {
        "K8S_TUTOR_CLUSTER": "embedded",
        "K8S_TUTOR_HOME": str(home / "home"),  # a learner who begins: other tests of this run solve exercises
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "IPYTHONDIR": str(home / "ipython"),
        **variables,
    }
    command = [sys.executable, "-m", "k8s_tutor", "lab", "--no-browser", "--folder", str(home / "lessons")]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        assert process.stdout is not None
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"http://\S+", line):
                break
        else:
            pytest.fail(f"k8s-tutor lab ended with {process.wait(10)} before it said where it is")
        yield Lab(found.group(), home / "lessons", "".join(said))
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def _settings(folder: Path) -> None:
    """Every cell stays in the page, also those scrolled out of sight, so that the test sees all outputs."""
    path = folder / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"windowingMode": "none"}), encoding="utf-8")


@pytest.fixture
def page(chromium: str, tmp_path: Path, request: pytest.FixtureRequest, pictures: Path) -> Iterator[Page]:
    """An empty browser window, in a profile of its own; what it shows at the end is kept as `last-TEST.png`."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  starts a driver; not for who has no Chromium

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=chromium,
            args=CHROMIUM_FLAGS,
            viewport={"width": 1400, "height": 1000},
        )
        page = context.new_page()
        page.set_default_timeout(60_000)
        yield page
        page.screenshot(path=pictures / f"last-{request.node.name}.png")
        context.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots go, to be looked at."""
    OUTPUT.mkdir(exist_ok=True)
    return OUTPUT
