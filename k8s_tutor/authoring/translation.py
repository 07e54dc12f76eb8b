"""Whether a translated text says all that its English says: code, headings, links, words of the trade, punctuation.

Pure functions of two Markdown texts; a Complaint names its rule. That a text is missing, or translates an older
English one, `Source.complaints` says; here it is said what has changed since.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from k8s_tutor.authoring.source import Cell, Source, fingerprint

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = [
    "CODE",
    "EDGE",
    "Complaint",
    "Reading",
    "chinese_complaints",
    "compare",
    "complaints",
    "english_texts",
    "read",
    "what_changed",
]


# ---- What a Markdown text consists of, taken apart as Jupyter reads it

CODE = "\ufffc"  # stands for a span of code
EDGE = "\u2060"  # where bold or emphasised text begins or ends; takes no room

_TAG = re.compile(r"<[^>]+>")


@dataclass
class Reading:
    """What a Markdown text consists of.

    Attributes:
        code: Spans and blocks of code, as they stand.
        headings: The level of each: `h2`.
        links: Where they lead.
        rows: Of each table row, its number of cells.
        items: How many list items there are.
        bold: How many words or passages are bold.
        tags: HTML tags.
        prose: The text of each paragraph, heading, list item or table cell, with `CODE` for a span of code and `EDGE`
            where bold or emphasised text begins or ends.
    """

    code: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    items: int = 0
    bold: int = 0
    tags: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All prose, without marks."""
        return "\n\n".join(self.prose).replace(EDGE, "")


def read(markdown: str) -> Reading:
    """Takes a text apart, as Jupyter would read it."""
    reading = Reading()
    for token in _parser().parse(markdown):
        _take(token, reading)
    return reading


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415  only those who build lessons have it

    return MarkdownIt("commonmark").enable("table")


def _take(token: Token, reading: Reading) -> None:
    match token.type:
        case "fence" | "code_block":
            reading.code.append(f"{token.info}\n{token.content}")
        case "heading_open":
            reading.headings.append(token.tag)
        case "list_item_open":
            reading.items += 1
        case "tr_open":
            reading.rows.append(0)
        case "th_open" | "td_open":
            reading.rows[-1] += 1
        case "html_block":
            reading.tags += _TAG.findall(token.content)
            reading.prose.append(_TAG.sub("", token.content).strip())
        case "inline":
            reading.prose.append("".join(_inline(token, reading)))


def _inline(token: Token, reading: Reading) -> Iterator[str]:
    for child in token.children or []:
        match child.type:
            case "text":
                yield child.content
            case "code_inline":
                reading.code.append(child.content)
                yield CODE
            case "softbreak" | "hardbreak":
                yield "\n"
            case "html_inline":
                reading.tags.append(child.content)
            case "link_open":
                reading.links.append(str(child.attrs["href"]))
            case "strong_open" | "strong_close" | "em_open" | "em_close":
                reading.bold += child.type == "strong_open"
                yield EDGE


# ---- What a check of a text says: the rule that was broken, and how


@dataclass(frozen=True)
class Complaint:
    """One finding.

    Attributes:
        rule: Its name: `code`, `links`, `space`, …
        says: What is wrong, with the words it is about.
    """

    rule: str
    says: str

    def __str__(self) -> str:
        return f"{self.says} ({self.rule})"


# ---- Rules of Chinese texts: punctuation, spaces, and the words that Kubernetes' documentation uses

_HAN = r"[\u3400-\u9fff\uf900-\ufaff]"
_FULL = "，。；：？！（）“”、《》"
_LATIN = rf"[A-Za-z0-9{CODE}]"  # to its neighbours, code is a Latin word
_HALF = r"[,.;:?!()\"]"

_RULES = {
    "punctuation": (re.compile(rf"{_HAN} ?{_HALF}|{_HALF} ?{_HAN}"), "has half-width punctuation beside Chinese"),
    "space": (re.compile(rf"{_HAN}{_LATIN}|{_LATIN}{_HAN}"), "lacks a space between Chinese and Latin"),
    "spaced punctuation": (re.compile(rf" [{_FULL}]|[{_FULL}] "), "has a space beside full-width punctuation"),
    "line break": (
        re.compile(rf"[\u3400-\u9fff{_FULL}]\n[\u3400-\u9fff{_FULL}]"),
        "breaks a line inside Chinese text, which shows as a space",
    ),
}


@dataclass(frozen=True)
class _Term:
    """A word of the trade.

    Attributes:
        english: As in running text.
        chinese: What may stand for it.
        pattern: Finds it in English.
    """

    english: str
    chinese: tuple[str, ...]
    pattern: re.Pattern[str]


def chinese_complaints(english: str, prose: list[str]) -> Iterator[Complaint]:
    """What in a Chinese text is not as it should be.

    Args:
        english: The text it translates, code taken out.
        prose: Its paragraphs, with `CODE` for each span of code and `EDGE` at the edges of bold text.
    """
    for paragraph in prose:
        for rule, (pattern, says) in _RULES.items():
            # text that ends bold may be followed by a space, or Markdown would not see its end
            text = paragraph if rule == "spaced punctuation" else paragraph.replace(EDGE, "")
            for match in pattern.finditer(text):
                yield Complaint(rule, f"{says}: {_near(text, match)}")
    text = "\n\n".join(prose).replace(EDGE, "")
    terms, instead = _words()
    for term in terms:
        if term.pattern.search(english) and not any(word in text for word in term.chinese):
            yield Complaint("terms", f"does not say {' or '.join(term.chinese)}, and the English says {term.english!r}")
    for wrong, right in instead.items():
        if wrong in text:
            yield Complaint("words", f"says {wrong}; we say {right}")


def _near(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 6) : match.end() + 6].replace(CODE, "`…`").replace("\n", "⏎")


@cache
def _words() -> tuple[tuple[_Term, ...], dict[str, str]]:
    table = tomllib.loads((Path(__file__).parent / "terms" / "zh.toml").read_text(encoding="utf-8"))
    return tuple(_term(key, tuple(words)) for key, words in table["terms"].items()), table["instead"]


def _term(key: str, words: tuple[str, ...]) -> _Term:
    english = key.removesuffix("!")
    pattern = re.compile(rf"\b{re.escape(english)}s?\b", 0 if key.endswith("!") else re.IGNORECASE)
    return _Term(english, words, pattern)


# ---- Whether a translated text says all that its English says: code, headings, links, words of the trade, punctuation

_PLACEHOLDER = re.compile(r"\{\w*\}")
_OFFICIAL = "https://kubernetes.io/docs/"
_SITES = {"zh": "https://kubernetes.io/zh-cn/docs/"}  # by language, where the official pages are translated
_MARKERS = re.compile(r"\*+|`+|\]\(")  # in a text that was read, these are markup that did not become any


def compare(english: str, translated: str, language: str) -> list[Complaint]:
    """What a translation lost, added, or says in other words than it should.

    Args:
        english: Markdown.
        translated: The same in another language.
        language: `zh`; of a language without rules of its own only the shape is compared.
    """
    one, other = read(english), read(translated)
    if one.text == other.text and len(re.findall(r"[A-Za-z]{2,}", one.text)) > 2:
        return [Complaint("untranslated", "is still English")]
    found = [*_shape(one, other), *_same_places(one, other, language)]
    if language == "zh":
        found += chinese_complaints(one.text, other.prose)
    return found


def complaints(source: Source, languages: tuple[str, ...], older: Mapping[str, str] | None = None) -> list[str]:
    """What breaks the rules of lessons and of translations, each with file, line and cell.

    Args:
        source: A lesson.
        languages: Those it should be in; `en` is the original.
        older: Earlier English texts by fingerprint, to say what changed since a translation was made.
    """
    found = source.complaints(languages)
    for cell in source.cells:
        for language in languages:
            if cell.kind != "markdown" or language == "en" or not cell.text(language):
                continue
            said = what_changed(cell, language, older or {})
            said += compare(cell.text("en"), cell.text(language), language)
            where = source.where(cell, cell.line_of(language))
            found += [f"{where}, {language}: {complaint}" for complaint in said]
    return found


def english_texts(source: Source) -> dict[str, str]:
    """The English of all prose cells by fingerprint: of an earlier version of a source, what `complaints` wants."""
    return {fingerprint(cell.text("en")): cell.text("en") for cell in source.cells if cell.kind == "markdown"}


def what_changed(cell: Cell, language: str, older: Mapping[str, str]) -> list[Complaint]:
    """The lines of English that changed since the cell was translated, where the earlier text is known."""
    english, origin = cell.text("en"), dict(cell.translated_from).get(language, "")
    if origin == fingerprint(english) or origin not in older:
        return []
    lines = difflib.unified_diff(older[origin].splitlines(), english.splitlines(), lineterm="", n=0)
    changed = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return [Complaint("stale", "since it was translated the English changed:\n" + "\n".join(changed))]


def _shape(one: Reading, other: Reading) -> Iterator[Complaint]:
    if one.headings != other.headings:
        yield Complaint("headings", f"has the headings {_list(other.headings)}, the English {_list(one.headings)}")
    if one.rows != other.rows:
        yield Complaint("tables", f"has table rows of {_list(other.rows)} cells, the English of {_list(one.rows)}")
    if one.items != other.items:
        yield Complaint("lists", f"has {other.items} list items, the English {one.items}")
    if one.tags != other.tags:
        yield Complaint("html", f"has the tags {_list(other.tags)}, the English {_list(one.tags)}")
    if len(_MARKERS.findall(other.text)) > len(_MARKERS.findall(one.text)):
        markers = [other.text[max(0, mark.start() - 8) : mark.end() + 8] for mark in _MARKERS.finditer(other.text)]
        yield Complaint("markup", f"shows its markup to readers: {_list(markers)}")
    elif one.bold != other.bold:
        yield Complaint("bold", f"has {other.bold} bold words, the English {one.bold}")


def _same_places(one: Reading, other: Reading, language: str) -> Iterator[Complaint]:
    wanted = [_in_language(link, language) for link in one.links]
    yield from _differences("code", one.code, other.code)
    yield from _differences("links", wanted, other.links)
    yield from _differences("placeholders", _PLACEHOLDER.findall(one.text), _PLACEHOLDER.findall(other.text))


def _in_language(link: str, language: str) -> str:
    site = _SITES.get(language)
    return site + link.removeprefix(_OFFICIAL) if site and link.startswith(_OFFICIAL) else link


def _differences(rule: str, wanted: list[str], there: list[str]) -> Iterator[Complaint]:
    missing, added = Counter(wanted) - Counter(there), Counter(there) - Counter(wanted)
    if missing:
        yield Complaint(rule, f"lacks {_list(list(missing.elements()))}")
    if added:
        yield Complaint(rule, f"has {_list(list(added.elements()))}, which the English does not have")


def _list(values: list[str] | list[int]) -> str:
    return ", ".join(str(value) for value in values) or "none"
