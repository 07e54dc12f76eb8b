"""Catalogues: gettext's `.po` files, the library's and those that courses bring along.

A catalogue is read when the first message is rendered in its language: English costs nothing. Where a compiled `.mo`
lies beside the `.po` (as in a built site), it is taken; else Babel reads the `.po`, which JupyterLab brings anyway.
"""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

from k8s_tutor.language.choice import current_language

__all__ = ["LOCALES", "OWN", "add_catalogue", "find_translation"]

LOCALES = {"zh": "zh_CN"}
"""The locale of each language there is a catalogue for; folders and file names of catalogues carry it."""
OWN = Path(__file__).resolve().parent.parent / "locale"
"""Where the library's own catalogues are."""
_folders: list[Path] = []


def add_catalogue(folder: Path) -> None:
    """From now on the catalogues of a course's folder (`zh_CN.po` in it) are asked, too, after the library's."""
    if folder not in _folders:
        _folders.append(folder)


def find_translation(one: str, many: str, count: int, language: str = "", folder: Path | None = None) -> str | None:
    """The template in a language; None in English, and where there is none.

    Args:
        one: The English template.
        many: The English for other numbers; empty where number does not matter.
        count: The number.
        language: `zh`; empty for the reader's.
        folder: Whose catalogue alone is asked; None for all.
    """
    language = language or current_language()
    locale = LOCALES.get(language)
    if locale is None:
        return None
    every = (OWN / locale / "LC_MESSAGES" / "k8s_tutor.po", *(one / f"{locale}.po" for one in _folders))
    for path in every if folder is None else (folder / f"{locale}.po",):
        known = _read(path)
        found = known.get((one, many, known.plural(count)) if many else (one, "", 0))
        if found:
            return found
    return None


class _Catalogue(dict[tuple[str, str, int], str]):
    """Translations by singular, plural and plural form."""

    def __init__(self, forms: str = "") -> None:
        super().__init__()
        self._plural = gettext.c2py(forms) if forms else None

    def plural(self, count: int) -> int:
        """Which plural form a number takes."""
        return int(self._plural(count)) if self._plural else 0


@cache
def _read(path: Path) -> _Catalogue:
    if not path.exists():
        return _Catalogue()
    from babel.messages.pofile import read_po  # noqa: PLC0415  only for readers of other languages

    with path.open("rb") as file:
        messages = read_po(file)
    catalogue = _Catalogue(messages.plural_expr)
    for message in messages:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, (tuple, list)):
            one, many = message.id[:2]
            for form, text in enumerate(message.string or ()):
                catalogue[one, many, form] = str(text)
        else:
            catalogue[message.id, "", 0] = str(message.string)
    return catalogue
