"""The learner's own copies of the lessons: a folder to work in, which a new version of the course never overwrites.

Lessons are opened as copies, so that answers typed into one survive an update, and the originals stay as their tests
compare them. A copy comes without outputs: no answer stands under its question. A copy whose cells nobody has changed
follows its original, also when it was run: what it showed comes again with the next run. A changed one is kept, and
said to be older.

All courses share one folder. Ours stands at its top, every other in a folder of its own name below: two packs may have
a `01_start.ipynb` each, the learner finds all of them in JupyterLab's list of files, and one `--folder` moves all.
Copies in another language than English are in a folder `zh` within that.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from k8s_tutor.course.finding import OWN, find_own_course
from k8s_tutor.course.record import Course
from k8s_tutor.errors import UsageError
from k8s_tutor.language import msg

__all__ = ["FOLDER", "Prepared", "default_folder", "folder_for", "originals", "prepare", "without_outputs"]

FOLDER = "k8s-tutor-lessons"
RECORD = ".k8s-tutor.json"


@dataclass(frozen=True)
class Prepared:
    """A folder that is ready to work in.

    Attributes:
        folder: Where the copies are.
        kept: Lessons the learner has changed and of which the course has a newer version.
    """

    folder: Path
    kept: list[str] = field(default_factory=list)


def originals(course: Course, language: str = "en") -> Path:
    """The folder with a course's notebooks.

    Raises:
        UsageError: the course is not there in that language, or its notebooks were not built.
    """
    folder = course.notebooks(language)
    if any(folder.glob("*.ipynb")):
        return folder
    if language in course.languages:
        raise UsageError(
            msg("The course {name} has no notebooks.", name=course.name),
            why=msg("They are made from its sources, and would be in {folder}.", folder=folder),
            next_step=f"k8s-tutor lesson build {course.folder}",
        )
    raise UsageError(
        msg("The course {name} is not written in the language {language!r}.", name=course.name, language=language),
        why=msg("It is written in {languages}.", languages=", ".join(course.languages)),
        next_step=msg("Choose one of these."),
    )


def default_folder() -> Path:
    """Where the copies are: in a checkout of this library beside its lessons, else in the current folder."""
    checkout = find_own_course().parent
    return (checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()) / FOLDER


def folder_for(course: Course, folder: Path, language: str = "en") -> Path:
    """Where the copies of a course are in the learner's folder; those in another language in a folder of its name.

    That folder also tells a notebook's kernel in which language its reader reads.
    """
    copies = folder if course.name == OWN else folder / course.name
    return copies if language == "en" else copies / language


def prepare(folder: Path, source: Path) -> Prepared:
    """Copies what is missing or was left as it came; keeps what the learner changed.

    Args:
        folder: Where to work; made if it is not there.
        source: The originals.

    Raises:
        UsageError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handed_out = _read_record(folder)
        prepared = Prepared(folder)
        for original in sorted(path for path in source.rglob("*") if _belongs_to_course(path, source)):
            name = original.relative_to(source).as_posix()
            if not _hand_out(without_outputs(original.read_bytes()), folder / name, name, handed_out):
                prepared.kept.append(name)
        (folder / RECORD).write_text(json.dumps(handed_out, indent=1), encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(
            msg("The folder {folder} cannot be written", folder=folder),
            why=str(error),
            next_step=msg("choose another: k8s-tutor lab --folder DIR"),
        ) from error
    return prepared


def _hand_out(given: bytes, copy: Path, name: str, handed_out: dict[str, str]) -> bool:
    """Writes a copy, unless it is the learner's work; False where that is older than what the course gives now."""
    newest, before = _fingerprint(given), handed_out.get(name)
    there = _fingerprint(copy.read_bytes()) if copy.exists() else None
    if there is None or there == before != newest:
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(given)
    elif there != newest:
        return before == newest
    handed_out[name] = newest
    return True


def without_outputs(content: bytes) -> bytes:
    """A notebook as a learner gets it, every cell as if never run; any other file as it is."""
    cells, notebook = _cells(content)
    if not cells:
        return content
    fresh = [{**cell, "outputs": [], "execution_count": None} if "outputs" in cell else cell for cell in cells]
    text = json.dumps({**notebook, "cells": fresh}, indent=1, sort_keys=True, ensure_ascii=False)
    return f"{text}\n".encode()


def _fingerprint(content: bytes) -> str:
    """Of a notebook what its cells say, in order: that they were run, or by which Python, is no change of the text."""
    cells, _ = _cells(content)
    if cells:
        said = [[cell.get("cell_type"), "".join(cell.get("source", ""))] for cell in cells]
        content = json.dumps(said).encode()
    return hashlib.sha256(content).hexdigest()


def _cells(content: bytes) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The cells of a notebook, and the notebook; none of a file that is no notebook."""
    try:
        notebook = json.loads(content)
    except ValueError:
        return [], {}
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    return (cells, notebook) if isinstance(cells, list) and all(isinstance(one, dict) for one in cells) else ([], {})


def _belongs_to_course(path: Path, source: Path) -> bool:
    return path.is_file() and not any(part.startswith(".") for part in path.relative_to(source).parts)


def _read_record(folder: Path) -> dict[str, str]:
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
