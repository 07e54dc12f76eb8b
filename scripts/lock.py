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
    *("--group", "pyproject.toml:setup", "pyproject.toml"),
)


def main() -> None:
    """The lock for lessons first; the one with the test tools then agrees with it."""
    subprocess.run([*COMPILE, "-o", "requirements.lock"], cwd=ROOT, check=True)
    with_tests = ("--extra", "test", "--constraint", "requirements.lock", "-o", "requirements-test.lock")
    subprocess.run([*COMPILE, *with_tests], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
