"""Lesson sources: jupytext percent files, each prose cell in all languages side by side.

A prose cell holds English first. A line `<!-- zh 1a2b3c4d -->` begins its Chinese text; the eight digits are the
fingerprint of the English it translates, so that a translation whose original has changed is noticed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from k8s_tutor.errors import TutorError

__all__ = ["Cell", "LessonError", "Source", "fingerprint", "read_source"]

_MARK = re.compile(r"^<!-- (?P<language>[a-z]{2})(?: (?P<of>[0-9a-f]{8}))? -->$", re.MULTILINE)
_LONGEST = 12  # lines of a code cell: short enough to type


class LessonError(TutorError):
    """A lesson's source or notebook is not as it should be; names the cell."""


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson.

    Attributes:
        kind: `markdown` or `code`.
        texts: Prose by language; code under `en` alone, it is the same everywhere.
        tags: As in the source: `solution`, `raises-exception`, …
        translated_from: By language, the fingerprint of the English that was translated.
    """

    kind: str
    texts: dict[str, str]
    tags: tuple[str, ...] = ()
    translated_from: tuple[tuple[str, str], ...] = ()

    def text(self, language: str) -> str:
        """What the cell says in a language; empty where it is not translated."""
        return self.texts.get("en" if self.kind == "code" else language, "")

    @property
    def title(self) -> str:
        """Its first line, to name it in messages."""
        return self.texts["en"].strip().partition("\n")[0][:70]


@dataclass(frozen=True)
class Source:
    """A lesson's source.

    Attributes:
        path: The file.
        cells: In order.
    """

    path: Path
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        """`01_pods`."""
        return self.path.stem

    def complaints(self, languages: tuple[str, ...] = ("en",)) -> list[str]:
        """What breaks the rules of lessons, each with its cell."""
        found = []
        for number, cell in enumerate(self.cells, start=1):
            where = f"{self.path.name}, cell {number} ({cell.title!r})"
            found += [f"{where}: {complaint}" for complaint in _complaints(cell, languages)]
        return found


def fingerprint(text: str) -> str:
    """Eight hexadecimal digits that change when the text changes, white space at line ends aside."""
    plain = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return hashlib.sha256(plain.encode()).hexdigest()[:8]


def read_source(path: Path) -> Source:
    """Reads a source.

    Raises:
        LessonError: it is no percent file.
    """
    import jupytext  # noqa: PLC0415  only those who build lessons have it

    try:
        notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    except Exception as error:  # jupytext raises what its parsers raise
        raise LessonError(f"{path.name} cannot be read as a lesson source.", why=str(error)) from error
    return Source(
        path, tuple(_cell(raw.cell_type, raw.source, tuple(raw.metadata.get("tags", ()))) for raw in notebook.cells)
    )


def _cell(kind: str, text: str, tags: tuple[str, ...]) -> Cell:
    if kind != "markdown":
        return Cell(kind, {"en": text}, tags)
    english, *rest = _MARK.split(text)
    texts, origins = {"en": english.strip()}, []
    for language, of, translated in zip(rest[0::3], rest[1::3], rest[2::3], strict=True):
        texts[language] = translated.strip()
        origins.append((language, of or ""))
    return Cell(kind, texts, tags, tuple(origins))


def _complaints(cell: Cell, languages: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    if cell.kind == "code":
        lines = len(cell.texts["en"].splitlines())
        if lines > _LONGEST:
            found.append(f"{lines} lines of code; a cell has at most {_LONGEST}")
        if re.search(r"^\s*(def|class) ", cell.texts["en"], re.MULTILINE) and "keep" not in cell.tags:
            found.append("defines something; a lesson has no helpers of its own")
        return found
    found += [f"is not translated into {language}" for language in languages if not cell.text(language)]
    for language, origin in cell.translated_from:
        if origin != fingerprint(cell.texts["en"]):
            found.append(f"its {language} text translates an older English text (now {fingerprint(cell.texts['en'])})")
    return found
