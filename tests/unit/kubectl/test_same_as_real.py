"""The built-in kubectl prints what the real one prints: chapters of lines, side by side on twin clusters."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import pytest

from tests.unit.kubectl.twins import HERE, Twins, lines_of, twins

pytestmark = [pytest.mark.kubectl, pytest.mark.timeout(600)]

ASKING = ("get", "describe", "containers", "asking")
CHANGING = ("labels", "change", "create", "nodes", "delete", "files")
DIFFERENCES = {
    line
    for line in (HERE / "differences.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
}


def differences(both: Twins, chapter: str) -> str:
    """The lines of a chapter that differ though no list names them, each with its difference."""
    found = []
    for line in lines_of(chapter):
        builtin, real = both.outputs(line)
        if "--all-containers" in line:  # the real one asks for their logs in the order of a Go map: another each time
            builtin, real = _sorted(builtin), _sorted(real)
        if builtin != real and line not in DIFFERENCES:
            lines = unified_diff(real.splitlines(), builtin.splitlines(), "real", "built-in", lineterm="", n=1)
            found.append("\n".join([f"kubectl {line}", *list(lines)[2:40]]))
    return "\n\n".join(found)


def _sorted(text: str) -> str:
    return "\n".join(sorted(text.splitlines()))


@pytest.fixture(scope="module")
def shop(kubectl: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    with twins(kubectl, tmp_path_factory.mktemp("cache")) as both:
        yield both


@pytest.mark.parametrize("chapter", ASKING)
def test_asking(shop: Twins, chapter: str) -> None:
    assert differences(shop, chapter) == ""


@pytest.mark.parametrize("chapter", CHANGING)
def test_changing(kubectl: str, tmp_path: Path, chapter: str) -> None:
    with twins(kubectl, tmp_path) as both:
        assert differences(both, chapter) == ""


def test_columns_stand_where_the_real_one_puts_them(shop: Twins) -> None:
    from tests.unit.kubectl.twins import said  # noqa: PLC0415

    line = "get nodes -o wide"
    assert said(shop.builtin, line).split("AGE")[0] == said(shop.real, line).split("AGE")[0]


def test_there_are_many_lines_and_every_difference_is_one_of_them() -> None:
    lines = [line for chapter in (*ASKING, *CHANGING) for line in lines_of(chapter)]
    assert len(set(lines)) >= 150
    assert set(lines) >= DIFFERENCES
    assert len(DIFFERENCES) < len(set(lines)) / 15
    assert {path.stem for path in (HERE / "chapters").glob("*.txt")} == {*ASKING, *CHANGING}
