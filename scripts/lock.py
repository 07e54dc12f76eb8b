"""Writes the lock files: exact versions and hashes for every platform, and no name of any registry.

make lock                     newest versions that fit pyproject.toml
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# --universal: one lock for all systems; no index, so that whoever installs uses their own.
COMPILE = (
    *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-annotate", "--no-emit-package", "k8s-tutor", "--custom-compile-command", "make lock"),
)
PROJECT = ("--group", "pyproject.toml:setup", "pyproject.toml")


def main() -> None:
    """The lock for lessons first; those with the test tools and with others' suites then agree with it."""
    subprocess.run([*COMPILE, *PROJECT, "-o", "requirements.lock"], cwd=ROOT, check=True)
    tools = ("--extra", "test", "--group", "pyproject.toml:dev", "--constraint", "requirements.lock")
    subprocess.run([*COMPILE, *PROJECT, *tools, "-o", "requirements-test.lock"], cwd=ROOT, check=True)
    suites = ("--group", "pyproject.toml:suites", "--constraint", "requirements-test.lock")
    subprocess.run([*COMPILE, *suites, "-o", "requirements-suites.lock"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
