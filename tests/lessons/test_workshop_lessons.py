"""What a workshop prepares for lessons is what their cells make."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any
from unittest.mock import MagicMock

import pytest
import yaml

from k8s_tutor.course.catalog import find_lesson, list_lessons
from k8s_tutor.objects.types import Obj
from k8s_tutor.workshop.classroom import read_definitions


def cells(lesson: str) -> list[str]:
    found = find_lesson(lesson)
    notebook = json.loads((found.folder.parent / "en" / f"{found.stem}.ipynb").read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def made_by_cells(lesson: str) -> dict[str, Obj]:
    """The definitions that a lesson's cells apply, from those cells that have to do with one."""
    made: dict[str, Obj] = {}

    def apply(source: Any) -> None:
        for obj in [source] if isinstance(source, dict) else yaml.safe_load_all(source):
            if obj["kind"] == "CustomResourceDefinition":
                made[obj["metadata"]["name"]] = obj

    variables: dict[str, Any] = {"t": MagicMock(apply=apply)}
    words = ("CustomResourceDefinition", "define(", "def version", "version =", "schema", "columns")
    schemas = re.compile(r'^\w+ = ("""|"[{-])', re.MULTILINE)
    for cell in cells(lesson):
        if (any(word in cell for word in words) or schemas.search(cell)) and "@t.place" not in cell:
            with suppress(NameError):  # a cell that only uses what another one, left out here, has made
                exec(compile(cell, "cell", "exec"), variables)
    return made


def test_every_definition_of_a_lesson_is_prepared() -> None:
    wanted = {name for lesson in list_lessons() for name in lesson.definitions}
    assert {one["metadata"]["name"] for one in read_definitions()} == wanted


@pytest.mark.parametrize("lesson", ["kinds", "operators"])
def test_definitions_are_those_of_the_cells(lesson: str) -> None:
    made = made_by_cells(lesson)
    prepared = {one["metadata"]["name"]: one for one in read_definitions()}
    assert set(made) == set(find_lesson(lesson).definitions)
    assert {name: prepared[name] for name in made} == made
