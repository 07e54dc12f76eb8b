"""Lesson sources: jupytext percent files, each prose cell in all languages side by side.

Code stands once; what it says to people (comments, docstrings, in a cell tagged `words` also strings) is translated by
the lesson's catalogue, as are the words of its exercises.
A prose cell holds English first. A line `<!-- zh 1a2b3c4d -->` begins its Chinese text; the eight digits are the
fingerprint of the English it translates, so that a translation whose original has changed is noticed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from k8s_tutor.course.record import location
from k8s_tutor.errors import TutorError
from k8s_tutor.language.code import find_words, translate_code

__all__ = [
    "Cell",
    "LessonError",
    "Notebook",
    "Source",
    "dumps",
    "emptied",
    "fingerprint",
    "learners_cells",
    "list_words",
    "notebook",
    "read_source",
    "with_solutions",
    "with_words",
]

_MARK = re.compile(r"^<!-- (?P<language>[a-z]{2})(?: (?P<of>[0-9a-f]{8}))? -->$", re.MULTILINE)
_LONGEST = 12  # lines of a code cell: short enough to type


class LessonError(TutorError):
    """A lesson's source or notebook is not as it should be; names file, line and cell."""


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson.

    Attributes:
        kind: `markdown` or `code`.
        texts: Prose by language; code under `en` alone, it is the same everywhere.
        tags: As in the source: `solution`, `raises-exception`, …
        translated_from: By language, the fingerprint of the English that was translated.
        number: Its place among the source's cells, from 1.
        line: Of the source, where its text begins.
        lines: By language, where a translation begins.
    """

    kind: str
    texts: dict[str, str]
    tags: tuple[str, ...] = ()
    translated_from: tuple[tuple[str, str], ...] = ()
    number: int = 0
    line: int = 0
    lines: tuple[tuple[str, int], ...] = ()

    def text(self, language: str) -> str:
        """What the cell says in a language; empty where it is not translated."""
        return self.texts.get("en" if self.kind == "code" else language, "")

    @property
    def title(self) -> str:
        """Its first line, to name it in messages."""
        return self.texts["en"].strip().partition("\n")[0][:70]

    def line_of(self, language: str) -> int:
        """The line of the source where its text in a language begins; the cell's own where it has none."""
        return dict(self.lines).get(language, self.line)


@dataclass(frozen=True)
class Source:
    """A lesson's source.

    Attributes:
        path: The file.
        name: `01_pods`: the name of its notebooks.
        cells: In order.
    """

    path: Path
    name: str
    cells: tuple[Cell, ...]

    def complaints(self, languages: tuple[str, ...] = ("en",)) -> list[str]:
        """What breaks the rules of lessons, each with file, line and cell."""
        return [
            f"{self.where(cell, line)}: {says}" for cell in self.cells for line, says in _complaints(cell, languages)
        ]

    def where(self, cell: Cell, line: int = 0) -> str:
        """What to call a cell in a message: `lessons/01_pods/lesson.py, line 52, cell 4 ('## A name')`."""
        return f"{location(self.path, line or cell.line)}, cell {cell.number} ({cell.title!r})"


def fingerprint(text: str) -> str:
    """Eight hexadecimal digits that change when the text changes, white space at line ends aside."""
    plain = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return hashlib.sha256(plain.encode()).hexdigest()[:8]


def read_source(path: Path, name: str) -> Source:
    """Reads a source.

    Args:
        path: The file.
        name: Of its notebooks.

    Raises:
        LessonError: it is no percent file.
    """
    import jupytext  # noqa: PLC0415  only those who build lessons have it

    try:
        text = path.read_text(encoding="utf-8")
        notebook = jupytext.reads(text, fmt="py:percent")
    except Exception as error:  # jupytext raises what its parsers raise
        raise LessonError(f"{location(path)} cannot be read as a lesson source.", why=str(error)) from error
    lines = _first_lines(text, [raw.source for raw in notebook.cells])
    cells = [
        _cell(raw.cell_type, raw.source, tuple(raw.metadata.get("tags", ())), number, line)
        for number, (raw, line) in enumerate(zip(notebook.cells, lines, strict=True), 1)
    ]
    return Source(path, name, tuple(cells))


def _first_lines(text: str, cells: list[str]) -> list[int]:
    """In which line of a percent file each cell's text begins; jupytext does not tell."""
    lines, at, found = text.splitlines(), 0, []
    for cell in cells:
        first = next((line for line in cell.splitlines() if line.strip()), "").strip("# \t")
        here = (number for number in range(at, len(lines)) if lines[number].strip("# \t") == first)
        at = next(here, at)
        found.append(at + 1)
        at += max(1, len(cell.splitlines()))
    return found


def _cell(kind: str, text: str, tags: tuple[str, ...], number: int, line: int) -> Cell:
    if kind != "markdown":
        return Cell(kind, {"en": text}, tags, number=number, line=line)
    english, *rest = _MARK.split(text)
    texts, origins = {"en": english.strip()}, []
    for language, of, translated in zip(rest[0::3], rest[1::3], rest[2::3], strict=True):
        texts[language] = translated.strip()
        origins.append((language, of or ""))
    leading = len(text[: len(text) - len(text.lstrip())].splitlines())
    marks = [(mark["language"], line - leading + text[: mark.start()].count("\n")) for mark in _MARK.finditer(text)]
    return Cell(kind, texts, tags, tuple(origins), number, line, tuple(marks))


def _complaints(cell: Cell, languages: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    english = cell.texts["en"]
    if cell.kind == "code":
        lines = english.splitlines()
        if len(lines) > _LONGEST:
            yield cell.line, f"{len(lines)} lines of code; a cell has at most {_LONGEST}"
        defined = (number for number, line in enumerate(lines) if re.match(r"\s*(def|class) ", line))
        if "keep" not in cell.tags and (offset := next(defined, None)) is not None:
            yield cell.line + offset, "defines something; a lesson has no helpers of its own"
        return
    for language in languages:
        if not cell.text(language):
            yield cell.line, f"is not translated into {language}"
    for language, origin in cell.translated_from:
        if origin != fingerprint(english):
            now = fingerprint(english)
            yield cell.line_of(language), f"its {language} text translates an older English text (now {now})"


# ---- From a source to a learner's notebook, without outputs: deterministic down to the byte

_KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}
_WORDS = "words"  # the tag of a code cell whose strings are for people, too
_FOR_AUTHORS = ("solution", "author")  # tags of cells that a learner's notebook leaves out

Notebook = dict[str, Any]


def notebook(source: Source, language: str = "en", fill: Mapping[str, str] | None = None) -> Notebook:
    """The notebook of a source in a language, with no outputs yet.

    Args:
        source: A lesson's source.
        language: `en`, `zh`.
        fill: What stands in for a line `<!-- NAME -->`, by name.

    Cell ids are numbered, not random: the same source gives the same file.
    """
    cells = [_make_cell(cell, language, name) for name, cell in learners_cells(source).items()]
    for cell in cells:
        for name, text in (fill or {}).items():
            cell["source"] = cell["source"].replace(f"<!-- {name} -->", text)
    return {"cells": cells, "metadata": dict(_KERNEL), "nbformat": 4, "nbformat_minor": 5}


def learners_cells(source: Source) -> dict[str, Cell]:
    """The cells a learner's notebook has, in order, by their ids in it."""
    kept = [cell for cell in source.cells if not set(cell.tags) & set(_FOR_AUTHORS)]
    return {f"{source.name.replace('_', '-')}-{number:02}": cell for number, cell in enumerate(kept, 1)}


def list_words(source: Source) -> list[str]:
    """What the code of a learner's notebook says to people, in order: see `language.code`."""
    code = [cell for cell in learners_cells(source).values() if cell.kind == "code"]
    return [one.text for cell in code for one in find_words(cell.text("en"), strings=_WORDS in cell.tags)]


def with_words(built: Notebook, language: str, folder: Path) -> Notebook:
    """A learner's notebook with the words of its code in another language, by the catalogue in its lesson's folder."""
    cells = []
    for cell in built["cells"]:
        strings = _WORDS in cell["metadata"].get("tags", ())
        code = cell["cell_type"] == "code"
        text = translate_code(cell["source"], language, folder=folder, strings=strings) if code else cell["source"]
        cells.append({**cell, "source": text})
    return {**built, "cells": cells}


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


def emptied(built: Notebook) -> Notebook:
    """The notebook as a learner opens it: no outputs yet."""
    fresh = [
        {**cell, "outputs": [], "execution_count": None} if cell["cell_type"] == "code" else cell
        for cell in built["cells"]
    ]
    return {**built, "cells": fresh}


def dumps(built: Notebook) -> str:
    """The file's text: sorted keys, one space of indent, as Jupyter writes it; sources as lists of lines."""
    cells = [_split(cell) for cell in built["cells"]]
    return json.dumps({**built, "cells": cells}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _make_cell(cell: Cell, language: str, name: str) -> dict[str, Any]:
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
        return {**output, "text": _lines(output["text"])}
    if "data" in output:
        return {**output, "data": {mime: _lines(value) for mime, value in output["data"].items()}}
    return output


def _lines(value: Any) -> Any:
    """A text as a list of lines; what was read from a file is one already."""
    return value.splitlines(keepends=True) if isinstance(value, str) else value
