"""A room with many files has a map: its package's docstring names each of them. One that has a map keeps it true."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "k8s_tutor"
MANY = 10


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
