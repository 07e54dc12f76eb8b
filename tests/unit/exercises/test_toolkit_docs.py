"""The toolkit's documentation: every public name has an example, and every example runs."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

from k8s_tutor import exercises

PAGE = Path(__file__).resolve().parents[3] / "docs" / "toolkit.md"
ROOMS = ["exercise", "calling", "clinic", "functions", "objectchecks", "podchecks", "servicechecks", "state"]


def test_every_example_on_the_page_runs() -> None:
    # A page of Markdown closes its blocks with a fence, which doctest would take for output: so each ends with a blank.
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted > 40
    assert not result.failed


@pytest.mark.parametrize("name", exercises.__all__)
def test_every_public_name_is_used_in_an_example(name: str) -> None:
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith((">>>", "..."))]
    used = [line for line in lines if re.search(rf"\b{name}\b", line) and " import " not in line]
    assert used, f"docs/toolkit.md has no example of {name}"


@pytest.mark.parametrize("room", ROOMS)
def test_the_examples_in_docstrings_run(room: str) -> None:
    module = import_module(f"k8s_tutor.exercises.{room}")
    names = {name: getattr(exercises, name) for name in exercises.__all__}
    result = doctest.testmod(module, extraglobs=names)
    assert not result.failed


def test_the_language_examples_run() -> None:
    assert not doctest.testmod(import_module("k8s_tutor.language.message")).failed
