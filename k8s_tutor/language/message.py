"""Sentences as data: an English template and its values, put into words, from catalogues, when somebody reads it."""

from __future__ import annotations

import gettext
import re
import string
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, reduce
from pathlib import Path
from typing import Any, TypeAlias

from k8s_tutor.language.choice import current_language

__all__ = [
    "LOCALES",
    "OWN",
    "Message",
    "Wording",
    "add_catalogue",
    "find_translation",
    "is_one_of",
    "join_clauses",
    "join_sentences",
    "join_words",
    "msg",
    "msg_n",
    "msg_template",
    "plain",
    "say",
]


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence that can be read in any language there is a catalogue for.

    Attributes:
        template: In English, with its values as `{name}`; what catalogues call the msgid.
        values: By name; a value may be a message itself.
        many: The English for a number other than 1; empty where number does not matter.
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    many: str = ""

    def render(self, language: str = "") -> str:
        """The sentence in a language; none means the reader's (see `language.choice`)."""
        count = self.values.get("n", 1)
        template = find_translation(self.template, self.many, count, language)
        if template is None:
            template = self.many if self.many and count != 1 else self.template
        return _fill(template, self.values, language)

    def fill(self, **values: Any) -> Message:
        """The sentence of a table, with its values.

        Raises:
            ValueError: a name in the template has no value.
        """
        return Message(_checked(self.template, values), values, self.many)

    def __str__(self) -> str:
        return self.render()

    def __hash__(self) -> int:
        return hash((self.template, self.many))


Wording: TypeAlias = str | Message
"""Words for a person: a message, or Kubernetes' own words as they are."""


def msg(template: str, /, **values: Any) -> Message:
    """A sentence as data.

        msg("no pod has {label}", label="app=web")

    Args:
        template: English, whole sentences where it can be: languages differ in the order of words. Braces of
            the text itself are doubled: `{{app: web}}`.
        **values: What stands in its braces, by name; format specifications (`{seconds:.1f}`) work.

    Raises:
        ValueError: a name in the template has no value.
    """
    return Message(_checked(template, values), values)


def msg_template(template: str, /) -> Message:
    """A sentence of a table, which gets its values later: `TABLE[code].fill(name="web")`."""
    return Message(template)


def msg_n(one: str, many: str, /, n: int, **values: Any) -> Message:
    """A sentence that depends on a number: `msg_n("{n} object", "{n} objects", n=3)`.

    Args:
        one: The English for 1.
        many: The English for any other number.
        n: The number.
        **values: The other values.
    """
    values = {"n": n, **values}
    return Message(_checked(one, values), values, _checked(many, values))


def join_sentences(*sentences: Wording) -> Wording:
    """Sentences one after the other, as the reader's language sets them; empty ones are left out."""
    wanted = [one for one in sentences if one != ""]
    return reduce(lambda one, two: msg("{one} {two}", one=one, two=two), wanted) if wanted else ""


def join_words(words: Iterable[Wording]) -> Wording:
    """Several things in a row, `web, api, db`, as the reader's language writes them; empty for none."""
    rows = list(words)
    return reduce(lambda before, word: msg("{before}, {word}", before=before, word=word), rows) if rows else ""


def join_clauses(clauses: Iterable[Wording]) -> Wording:
    """Several clauses in a row, `CPU: 1 of 4; 3 Pods`, as the reader's language sets them; empty for none."""
    rows = list(clauses)
    return reduce(lambda before, part: msg("{before}; {part}", before=before, part=part), rows) if rows else ""


def say(wording: Wording, language: str = "") -> str:
    """Words for a person in a language; none means the reader's. What is no message is Kubernetes' own."""
    return wording.render(language) if isinstance(wording, Message) else wording


_SEQUENCES = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]")  # ANSI
_LOST = "\ufffd"  # for half a character


def plain(text: str) -> str:
    """Somebody else's text in one line: nothing that colours a terminal, turns the direction of writing, or ends XML.

    What a cluster says was written by programs: a log may hold ANSI sequences, a message half a character.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _instead(char) for char in _SEQUENCES.sub("", text))


def _instead(char: str) -> str:
    kind = unicodedata.category(char)
    return "" if kind == "Cf" else _LOST if kind == "Cs" else " "


def is_one_of(wording: Wording | None, *sentences: Message) -> bool:
    """Whether words are one of these sentences, whatever their values."""
    return isinstance(wording, Message) and any(wording.template == sentence.template for sentence in sentences)


def _checked(template: str, values: Mapping[str, Any]) -> str:
    """The template, seen to have a value for each of its names where it is written, not where it is read."""
    missing = _names(template) - values.keys()
    if missing:
        raise ValueError(f"no value for {', '.join(sorted(missing)) or 'an empty pair of braces'} in {template!r}")
    return template


@cache
def _names(template: str) -> frozenset[str]:
    """The names of a template; there are no more templates than there are in the code."""
    return frozenset(name for _, name, _, _ in _FORMATTER.parse(template) if name is not None)


def _fill(template: str, values: Mapping[str, Any], language: str) -> str:
    """The template with its values, those that are messages in the language of the whole."""
    text = ""
    for literal, name, form, conversion in _FORMATTER.parse(template):
        text = _join(text, literal)
        if name is not None:
            value = values[name]
            value = value.render(language) if isinstance(value, Message) else value
            text = _join(text, format(_FORMATTER.convert_field(value, conversion), form or ""))
    return text


_HAN = r"[\u3400-\u9fff]"
_LATIN = r"[A-Za-z0-9`\"]"
_FULL = r"[\u3400-\u9fff，。；：？！（）“”、《》]"
_TIGHT = re.compile(rf"{_FULL} {_FULL}")
_LOOSE = re.compile(rf"{_HAN}{_LATIN}|{_LATIN}{_HAN}")


def _join(one: str, two: str) -> str:
    """Two pieces as Chinese sets them: a space where it meets Latin words, none within. Others stay as they are."""
    if one.endswith(" ") and _TIGHT.fullmatch(one[-2:] + two[:1]):
        return one[:-1] + two
    if two.startswith(" ") and _TIGHT.fullmatch(one[-1:] + two[:2]):
        return one + two[1:]
    return f"{one} {two}" if _LOOSE.fullmatch(one[-1:] + two[:1]) else one + two


_FORMATTER = string.Formatter()


# ---- Catalogues: gettext's `.po` files, the library's and those that courses bring along


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
