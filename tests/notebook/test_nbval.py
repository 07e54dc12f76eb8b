"""Every lesson in every language, from a fresh kernel, compared with its committed outputs by nbval: strictly, twice.

One nbval plays all lessons of a language: to start it takes as long as two lessons, most of it for plugins of pytest
that cells have no use for.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from k8s_tutor.course.finding import find_own_course
from k8s_tutor.course.record import read_course

COURSE = read_course(find_own_course())

pytestmark = pytest.mark.lesson


@pytest.mark.timeout(600)
@pytest.mark.parametrize("run", ["first run", "second run"])
@pytest.mark.parametrize("language", COURSE.languages)
def test_the_outputs_are_those_committed(language: str, run: str, tmp_path: Path) -> None:
    settings = tmp_path / "pytest.ini"
    settings.write_text("[pytest]\n", encoding="utf-8")  # ours is for tests in Python, not for cells
    plugins = ["-p", "no:cacheprovider", "-p", "nbval.plugin", "--nbval"]
    notebooks = [str(path) for path in sorted(COURSE.notebooks(language).glob("*.ipynb"))]
    assert len(notebooks) == len(COURSE.lessons) + 1  # and the front page
    environment = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "K8S_TUTOR_HOME": str(tmp_path / "home"),
        "K8S_TUTOR_CLUSTER": "embedded",
        "K8S_TUTOR_PACE": "awaited",
        "K8S_TUTOR_KUBECTL": "builtin",
    }
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", str(settings), "-q", *plugins, *notebooks],
        env=environment, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert result.returncode == 0, f"{run} in {language}:\n{result.stdout[-6000:]}{result.stderr[-2000:]}"
