"""Which language: said in a call, the notebook's own, `K8S_TUTOR_LANG`, a saved choice, the system's; else English."""

from __future__ import annotations

import locale
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

__all__ = [
    "LANGUAGES",
    "VARIABLE",
    "Source",
    "choose_language",
    "current_language",
    "find_source",
    "remember_by",
    "speaking",
    "use_language",
]

LANGUAGES = {"en": "English", "zh": "中文"}
"""The languages there are, each by its own name."""
VARIABLE = "K8S_TUTOR_LANG"
"""The language of all that is said, `en` or `zh`; without it, the saved choice, else the system's."""

_said = ""
_chosen = ""


class Source(Enum):
    """Who says which language it is."""

    CALL = "call"
    FOLDER = "folder"
    VARIABLE = "variable"
    SAVED = "saved"
    SYSTEM = "system"
    NONE = "none"


def current_language() -> str:
    """The language everything is said in now: `en` or `zh`."""
    global _chosen  # noqa: PLW0603  one reader a process; finding out takes a look at files
    if _said:
        return _said
    if not _chosen:
        _chosen = choose_language()
    return _chosen


def use_language(language: str) -> None:
    """From now on everything is said in a language; empty: whatever fits this place, found out anew.

    Args:
        language: One of `LANGUAGES`.
    """
    global _said, _chosen
    _said, _chosen = language, ""


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Inside, everything is said in a language; afterwards, as before.

    Args:
        language: One of `LANGUAGES`.
    """
    before = _said
    use_language(language)
    try:
        yield
    finally:
        use_language(before)


def choose_language(saved: Callable[[], str] | None = None) -> str:
    """The language that fits this place.

    Args:
        saved: Reads the saved choice; by default as `remember_by` was told.
    """
    return _find(saved or _saved)[0]


def find_source() -> Source:
    """Where the language that everything is said in now comes from."""
    return Source.CALL if _said else _find(_saved)[1]


def _find(saved: Callable[[], str]) -> tuple[str, Source]:
    looks: tuple[tuple[Callable[[], str], Source], ...] = (
        (_of_folder, Source.FOLDER),
        (lambda: os.environ.get(VARIABLE, ""), Source.VARIABLE),
        (saved, Source.SAVED),
        (_of_system, Source.SYSTEM),
    )
    for look, source in looks:
        if short := _short(look()):
            return short, source
    return "en", Source.NONE


_saved: Callable[[], str] = lambda: ""  # noqa: E731  set by `remember_by`


def remember_by(saved: Callable[[], str]) -> None:
    """Where the saved choice is read: our own folder is none of this room's business."""
    global _saved  # noqa: PLW0603  see above
    _saved = saved


def _of_folder() -> str:
    """A notebook in a folder `zh` is read by somebody who reads Chinese."""
    folder = Path.cwd()
    return folder.name if folder.name in LANGUAGES else ""


def _of_system() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if word := os.environ.get(name, ""):
            return word
    try:
        return locale.getlocale()[0] or ""  # Windows: "Chinese (Simplified)_China"
    except ValueError:
        return ""


def _short(word: str) -> str:
    """`zh` of `zh_CN.UTF-8`, `zh-Hans` or `Chinese (Simplified)_China`; empty for a language we do not speak."""
    low = word.strip().lower()
    if low.startswith("chinese"):
        return "zh"
    short = low.replace("-", "_").partition("_")[0].partition(".")[0]
    return short if short in LANGUAGES else ""
