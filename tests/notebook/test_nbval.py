"""Every lesson, run from a fresh kernel and compared with its committed outputs by nbval: strictly, and twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "lessons" / "en").glob("[0-9]*.ipynb"))  # the front page has nothing to run

pytestmark = pytest.mark.lesson


@pytest.mark.timeout(300)
@pytest.mark.parametrize("run", ["first run", "second run"])
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_outputs_are_those_committed(notebook: Path, run: str, tmp_path: Path) -> None:
    settings = tmp_path / "pytest.ini"
    settings.write_text("[pytest]\n", encoding="utf-8")  # ours is for tests in Python, not for cells
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        str(settings),
        "-p",
        "no:cacheprovider",
        "-q",
        "--nbval",
        str(notebook),
    ]
    environment = {
        **os.environ,
        "K8S_TUTOR_HOME": str(tmp_path / "home"),
        "K8S_TUTOR_CLUSTER": "embedded",
        "K8S_TUTOR_PACE": "awaited",
        "K8S_TUTOR_KUBECTL": "builtin",
    }
    result = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, f"{run} of {notebook.name}:\n{result.stdout[-6000:]}{result.stderr[-2000:]}"


def test_there_are_lessons() -> None:
    assert NOTEBOOKS
