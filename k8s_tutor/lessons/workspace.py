"""The learner's own copies of the lessons: a folder to work in, which a new version of the course never overwrites.

Lessons are opened as copies, so that answers typed into one survive an update, and the originals stay as their tests
compare them. A copy nobody has changed follows its original; a changed one is kept, and said to be older.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from k8s_tutor.errors import UsageError

__all__ = ["FOLDER", "Prepared", "default_folder", "originals", "prepare"]

FOLDER = "k8s-tutor-lessons"
RECORD = ".k8s-tutor.json"
_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent


@dataclass(frozen=True)
class Prepared:
    """A folder that is ready to work in.

    Attributes:
        folder: Where the copies are.
        kept: Lessons the learner has changed and of which the course has a newer version.
    """

    folder: Path
    kept: list[str] = field(default_factory=list)


def originals(language: str = "en") -> Path:
    """The folder with the course's notebooks: in a checkout `lessons/en`, else inside the installed package.

    Raises:
        UsageError: the course is not there in that language.
    """
    for folder in (_PACKAGE / "notebooks" / language, _CHECKOUT / "lessons" / language):
        if any(folder.glob("*.ipynb")):
            return folder
    raise UsageError(
        f"There are no lessons in the language {language!r}",
        next_step="reinstall k8s-tutor, or choose another language",
    )


def default_folder() -> Path:
    """Beside the originals in a checkout, else in the current folder."""
    is_checkout = (_CHECKOUT / "lessons" / "source").is_dir()
    return (_CHECKOUT if is_checkout else Path.cwd()) / FOLDER


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
        for original in sorted(path for path in source.rglob("*") if _belongs_to_course(path)):
            name = original.relative_to(source).as_posix()
            newest = _fingerprint(original)
            if _may_replace(folder / name, handed_out.get(name), newest):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(original, folder / name)
                handed_out[name] = newest
            elif handed_out.get(name) != newest:
                prepared.kept.append(name)
        (folder / RECORD).write_text(json.dumps(handed_out, indent=1), encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(
            f"The folder {folder} cannot be written",
            why=str(error),
            next_step="choose another: k8s-tutor lab --folder DIR",
        ) from error
    return prepared


def _may_replace(copy: Path, handed_out: str | None, newest: str) -> bool:
    """Whether the copy is missing or just as the course gave it; anything else is the learner's work."""
    return not copy.exists() or _fingerprint(copy) in (handed_out, newest)


def _belongs_to_course(path: Path) -> bool:
    return path.is_file() and not any(part.startswith(".") for part in path.parts[-2:])


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read_record(folder: Path) -> dict[str, str]:
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
