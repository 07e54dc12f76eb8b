"""The tools' verdicts on the whole tree, each counted as a test: `make check` runs these, `make test` all tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKS = {
    "style": ["-m", "ruff", "check", "."],
    "format": ["-m", "ruff", "format", "--check", "."],
    "types": ["-m", "mypy"],
    "lessons": ["-m", "k8s_tutor.authoring", "check", "--no-proofs"],
    "layers": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
}


@pytest.mark.timeout(300)  # types from a cold cache on a slow machine
@pytest.mark.parametrize("name", CHECKS)
def test_the_tree_passes(name: str) -> None:
    command = [sys.executable, *CHECKS[name]]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}{result.stderr}"
