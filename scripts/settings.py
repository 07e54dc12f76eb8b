"""Writes the one table of our environment variables: `python -m scripts.settings` makes `docs/settings.md`.

A variable stands in the code as a constant, with what it says below it; the table is made of that. A test holds it
against the code, and sees that no other is read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

__all__ = ["PAGE", "ROOT", "Setting", "find_names", "find_settings", "list_settings", "main"]

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "settings.md"
_NAME = re.compile(r"K8S_TUTOR_[A-Z_]*[A-Z]")
_INTRODUCTION = """\
# Settings

Environment variables, all of them. Made by `python -m scripts.settings` from the code, where each is described.
What is said in a call (`connect("kind", language="zh", learner="anna")`) goes before them. `k8s-tutor use` saves a
choice of cluster or language for good.

kind's own `KIND_EXPERIMENTAL_PROVIDER` (`docker`, `podman`, `nerdctl`) chooses the container engine; `k8s-tutor doctor`
says so where it names one that is not there.
"""


@dataclass(frozen=True)
class Setting:
    """An environment variable of ours.

    Attributes:
        name: `K8S_TUTOR_…`.
        says: What its values mean, and what holds without it.
        place: The file that reads it.
    """

    name: str
    says: str
    place: str


def find_settings(*folders: str) -> list[Setting]:
    """The variables that files of these folders describe, by name."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return sorted((one for path in paths for one in _read(path)), key=lambda one: one.name)


def _read(path: Path) -> Iterator[Setting]:
    """Constants of a module that name a variable, each with the text below it."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for here, below in pairwise(body):
        match here, below:
            case ast.Assign(value=ast.Constant(value=str(name))), ast.Expr(value=ast.Constant(value=str(text))):
                if _NAME.fullmatch(name):
                    yield Setting(name, " ".join(text.split()), path.relative_to(ROOT).as_posix())


def find_names(*places: str) -> set[str]:
    """The variables that are named anywhere in these files and folders."""
    paths = [ROOT / place for place in places]
    files = [file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path])]
    return {name for path in files for name in _NAME.findall(path.read_text(encoding="utf-8"))}


def list_settings() -> str:
    """The page as Markdown."""
    ours = find_settings("k8s_tutor")
    tests = [one for one in find_settings("tests") if one.name not in {each.name for each in ours}]
    return "\n".join([_INTRODUCTION, *_table(ours), "", "For who works on k8s_tutor:", "", *_table(tests), ""])


def _table(rows: list[Setting]) -> Iterator[str]:
    yield from ("| variable | what it says | read in |", "|---|---|---|")
    yield from (f"| `{row.name}` | {row.says} | `{row.place}` |" for row in rows)


def main() -> None:
    """Writes the page."""
    PAGE.write_text(list_settings(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
