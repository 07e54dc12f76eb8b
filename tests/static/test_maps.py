"""Rooms stay small, and few; one with many files has a map, its package's docstring, that names each of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "k8s_tutor"
MANY = 10
LONGEST = 400
"""Lines of a file: what holds more holds two things."""
MOST = 450
"""Files of the package: a newcomer reads the tree first."""


def modules(package: Path) -> list[str]:
    """Files and folders of a package, as a map names them."""
    files = [path.name for path in package.glob("*.py") if path.name != "__init__.py"]
    folders = [f"{path.name}/" for path in package.iterdir() if path.is_dir() and path.name != "__pycache__"]
    return sorted([*files, *folders])


def mapped(package: Path) -> list[str]:
    """The files and folders at the beginning of a docstring's indented lines."""
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    first = [line.split()[0] for line in text.splitlines() if line.startswith("    ")]
    return sorted(name for name in first if name.endswith((".py", "/")))


PACKAGES = sorted({path.parent for path in ROOT.glob("*/**/__init__.py")})
MAPPED = [package.relative_to(ROOT) for package in PACKAGES if len(modules(package)) > MANY or mapped(package)]


@pytest.mark.parametrize("package", MAPPED, ids=str)
def test_every_module_is_on_the_map_of_its_room(package: Path) -> None:
    assert mapped(ROOT / package) == modules(ROOT / package)


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in ROOT.rglob("*.py")}
    found = [f"{path.relative_to(ROOT)}: {lines} lines" for path, lines in lengths.items() if lines > LONGEST]
    assert not found, "\n".join(found)


def test_there_are_not_too_many_files() -> None:
    assert len(list(ROOT.rglob("*.py"))) <= MOST
