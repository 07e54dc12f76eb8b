"""From a source to a learner's notebook, without outputs: deterministic down to the byte."""

from __future__ import annotations

import json
from typing import Any

from k8s_tutor.lessons.source import Cell, Source

__all__ = ["dumps", "notebook", "with_solutions"]

_KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}
_FOR_AUTHORS = ("solution", "author")  # tags of cells that a learner's notebook leaves out

Notebook = dict[str, Any]


def notebook(source: Source, language: str = "en") -> Notebook:
    """The notebook of a source in a language, with no outputs yet.

    Cell ids are numbered, not random: the same source gives the same file.
    """
    kept = [cell for cell in source.cells if not set(cell.tags) & set(_FOR_AUTHORS)]
    cells = [
        _cell(cell, language, f"{source.name.replace('_', '-')}-{number:02}") for number, cell in enumerate(kept, 1)
    ]
    return {"cells": cells, "metadata": dict(_KERNEL), "nbformat": 4, "nbformat_minor": 5}


def with_solutions(built: Notebook, solutions: dict[str, str]) -> Notebook:
    """The notebook with each exercise solved: a solution goes in before its check.

    Args:
        built: A learner's notebook.
        solutions: Cells by the id of the exercise.
    """
    cells: list[dict[str, Any]] = []
    for cell in built["cells"]:
        for name, solution in solutions.items():
            if cell["cell_type"] == "code" and cell["source"].strip() == f't.check("{name}")':
                cells.append({**cell, "id": f"{cell['id']}-solution", "source": solution, "outputs": []})
        cells.append(cell)
    return {**built, "cells": cells}


def dumps(built: Notebook) -> str:
    """The file's text: sorted keys, one space of indent, as Jupyter writes it; sources as lists of lines."""
    cells = [_split(cell) for cell in built["cells"]]
    return json.dumps({**built, "cells": cells}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _cell(cell: Cell, language: str, name: str) -> dict[str, Any]:
    text = cell.text(language) or cell.text("en")
    common = {"id": name, "metadata": {"tags": list(cell.tags)} if cell.tags else {}, "source": text}
    if cell.kind == "markdown":
        return {"cell_type": "markdown", **common}
    return {"cell_type": "code", **common, "execution_count": None, "outputs": []}


def _split(cell: dict[str, Any]) -> dict[str, Any]:
    split = {**cell, "source": cell["source"].splitlines(keepends=True)}
    if cell["cell_type"] == "code":
        split["outputs"] = [_split_output(output) for output in cell["outputs"]]
    return split


def _split_output(output: dict[str, Any]) -> dict[str, Any]:
    if "text" in output:
        return {**output, "text": output["text"].splitlines(keepends=True)}
    if "data" in output:
        data = {
            mime: value.splitlines(keepends=True) if isinstance(value, str) else value
            for mime, value in output["data"].items()
        }
        return {**output, "data": data}
    return output
