"""Removes what the commands of this repository made here, and nothing else.

Each entry is a folder that one of our commands writes. The learner's own copies of the lessons (`k8s-tutor-lessons`)
and everything git does not know from us stay. The kind cluster is not a file: `k8s-tutor down` removes it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = (
    *(".venv", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis"),
    *("build", "dist", "tests/output", "benchmarks/output"),
)
SOURCES = ("k8s_tutor", "tests", "benchmarks", "scripts", "lessons")


def main() -> None:
    """Removes each, and says which."""
    for path in ours():
        print(f"removing {path.relative_to(ROOT)}")
        shutil.rmtree(path)
    print(
        "Kept: k8s-tutor-lessons (yours), and a kind cluster if there is one: first `k8s-tutor down`, if it is to go."
    )


def ours() -> Iterator[Path]:
    """What is there of ours. A link is left alone: it leads out of this folder."""
    candidates = [ROOT / name for name in OURS]
    for source in SOURCES:
        candidates += sorted((ROOT / source).rglob("__pycache__"))
    return (path for path in candidates if path.is_dir() and not path.is_symlink() and not somebody_elses(path))


def somebody_elses(path: Path) -> bool:
    """A `.venv` without our stamp was made by other means."""
    return path.name == ".venv" and not (path / "k8s-tutor-stamp.json").exists()


if __name__ == "__main__":
    main()
