"""What a YAML parser's complaint means, for a person who has never seen one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

import yaml

from k8s_tutor.errors import ManifestError
from k8s_tutor.language import Message, Wording, msg
from k8s_tutor.objects.nesting import DEEPEST, sound_text

__all__ = ["ManifestText", "Position", "explain", "lookalike"]


# ---- The text of a manifest, and how a place in it is shown

_LONGEST = 110
_MOST = 400  # letters
# Signs that nobody sees, or that would do something to the page, and what stands for them in an excerpt.
_SEEN = {**dict.fromkeys(range(32), "�"), ord("\t"): "→", 0x7F: "�", 0xA0: "·", 0xFEFF: "·"}


def _fit(words: Wording) -> Wording:
    """Words that can be printed and read: a field's name may be a page long, or hold half a character."""
    if isinstance(words, Message):
        kept = {
            name: _fit(value) if isinstance(value, str | Message) else value for name, value in words.values.items()
        }
        return replace(words, values=kept)
    return sound_text(words if len(words) <= _MOST else f"{words[:_MOST]}…")


class Position(NamedTuple):
    """A place in the text; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ManifestText:
    """The text a person wrote."""

    text: str

    def line(self, number: int) -> str:
        """One line, counted from 1; empty beyond the end."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def excerpt(self, at: Position, width: int = 1) -> str:
        """The line, or the part of a long one around the place, with carets under `width` characters."""
        shown = self.line(at.line).translate(_SEEN)
        before = min(at.column - 1, len(shown))
        if len(shown) > _LONGEST:
            first = max(0, min(before - _LONGEST // 3, len(shown) - _LONGEST))
            shown, before = shown[first : first + _LONGEST], before - first
        margin = f"{at.line:>4} | "
        carets = "^" * max(1, min(width, len(shown) - before))
        return f"{margin}{shown}\n{' ' * (len(margin) - 2)}| {' ' * before}{carets}"

    def error(
        self, at: Position, what: Wording, why: Wording = "", next_step: Wording = "", *, width: int = 1
    ) -> ManifestError:
        """The mistake at this place, with its line shown."""
        shown = msg(
            "line {line}, column {column}: {what}\n{excerpt}",
            line=at.line, column=at.column, what=_fit(what), excerpt=sound_text(self.excerpt(at, width)),
        )  # fmt: skip
        return ManifestError(shown, _fit(why), _fit(next_step), line=at.line, column=at.column)


# ---- What a YAML parser's complaint means, for a person who has never seen one

# Signs that come with text copied from a page or typed with an input method, and the plain ones they stand for.
_LOOKALIKES = {
    "\u00a0": (msg("there is a non-breaking space here"), msg("type a plain space in its place")),
    "\u3000": (msg("there is a full-width space here"), msg("type a plain space in its place")),
    "\uff1a": (msg("there is a full-width colon here"), msg("type a plain colon and a space in its place")),
    "\uff0c": (msg("there is a full-width comma here"), msg("type a plain comma in its place")),
    "\uff0d": (msg("there is a full-width dash here"), msg("type a plain dash in its place")),
}
_INDENTS = msg("YAML groups by indentation: fields of one group stand exactly below each other")


def explain(error: yaml.YAMLError, source: ManifestText) -> ManifestError:
    """The complaint as a message that says where, why and what to change."""
    if isinstance(error, yaml.reader.ReaderError):
        return _unprintable(error, source)
    problem = str(getattr(error, "problem", None) or error)
    at = _position(getattr(error, "problem_mark", None), source)
    opened = _position(getattr(error, "context_mark", None), source)
    for explained in (_too_much, _tab, _quote, _bracket, _sign, _colons, _indentation):
        found = explained(problem, at, opened, source)
        if found is not None:
            return lookalike(source, Position(found.line, 1)) or found
    return source.error(at, msg("this is not YAML"), why=problem, next_step=_INDENTS)


def lookalike(source: ManifestText, at: Position, width: int | None = None) -> ManifestError | None:
    """The first sign in a line that only looks like one of YAML's, as a mistake; None where there is none.

    Args:
        source: The text.
        at: Where to look from.
        width: How far; None: to the end of the line.
    """
    line = re.split(r"(?:^|\s)#", _without_quoted(source.line(at.line)))[0]
    end = len(line) if width is None else at.column - 1 + width
    for column, sign in enumerate(line[:end], start=1):
        if column >= at.column and sign in _LOOKALIKES:
            what, step = _LOOKALIKES[sign]
            return source.error(
                Position(at.line, column),
                what,
                why=msg("it looks like a plain one, but means nothing in YAML; copied text often holds such signs"),
                next_step=step,
            )
    return None


def _unprintable(error: yaml.reader.ReaderError, source: ManifestText) -> ManifestError:
    before = source.text[: error.position]
    number = len(f"{before}x".splitlines())
    code = error.character if isinstance(error.character, int) else ord(error.character)  # the stubs say str
    at = Position(number, len(before) - len("".join(before.splitlines(keepends=True)[: number - 1])) + 1)
    return source.error(
        at,
        msg("there is a sign here that cannot be printed (U+{code:04X})", code=code),
        next_step=msg("remove it; text copied from a terminal sometimes holds such signs"),
    )


def _position(mark: yaml.Mark | None, source: ManifestText) -> Position:
    if mark is None:
        return Position(1, 1)
    last = len(source.text.splitlines())
    if mark.line >= last:  # the end of the text: show the last line
        return Position(max(last, 1), max(len(source.line(last)), 1))
    return Position(mark.line + 1, mark.column + 1)


def _too_much(problem: str, at: Position, _: Position, source: ManifestText) -> ManifestError | None:
    """What could not be held in memory, were it read."""
    if "exceeded max depth" in problem:
        return source.error(
            at,
            msg("the parts of this text are nested too deeply"),
            why=msg("this is level {level}; no Kubernetes object comes near it", level=DEEPEST + 1),
            next_step=msg("look for brackets or dashes too many"),
        )
    if "contains itself" in problem:
        return source.error(
            at, msg("this part contains itself"), next_step=msg("write out what is meant instead of the alias *")
        )
    if "excessive aliasing" in problem:
        return source.error(
            Position(1, 1),
            msg("this text means far more than it says: its aliases (*) stand for too much"),
            why=msg("a few lines whose aliases name each other can stand for more than any memory holds"),
            next_step=msg("write out what is meant, without & and *"),
        )
    return None


def _tab(problem: str, at: Position, _: Position, source: ManifestText) -> ManifestError | None:
    for number in range(at.line, max(0, at.line - 2), -1):
        lead = re.match(r"[ \t]*", source.line(number))
        if lead and "\t" in lead[0]:
            place = Position(number, lead[0].index("\t") + 1)
            return source.error(
                place,
                msg("this line is indented with a tab"),
                why=msg("YAML takes only spaces for indentation"),
                next_step=msg("replace the tab (→) with spaces, two for each level"),
            )
    if "'\\t'" in problem:
        return source.error(
            at, msg("there is a tab here"), why=msg("YAML takes only spaces"), next_step=msg("use spaces")
        )
    return None


def _quote(problem: str, at: Position, opened: Position, source: ManifestText) -> ManifestError | None:
    mark = source.line(opened.line)[opened.column - 1 : opened.column]
    if mark in ("'", '"') and ("unexpected end of stream" in problem or "document separator" in problem):
        return source.error(
            opened,
            msg("the quote {mark} that opens here is never closed", mark=mark),
            next_step=msg("close it with another {mark} at the end of the text", mark=mark),
        )
    if "unknown escape character" in problem:
        return source.error(
            at,
            msg("a backslash in double quotes begins an escape, and this is none YAML knows"),
            next_step=msg("use single quotes, or write the backslash twice"),
        )
    line = source.line(at.line)
    for quote in "'\"":
        if line.count(quote) % 2 and "expected <block end>" in problem:
            place = Position(at.line, line.index(quote) + 1)
            return source.error(
                place,
                msg("the quotes {quote} in this line do not pair up", quote=quote),
                next_step=msg("close the quote"),
            )
    return None


def _bracket(problem: str, at: Position, opened: Position, source: ManifestText) -> ManifestError | None:
    for closing, opening in (("]", "["), ("}", "{")):
        if f"expected ',' or '{closing}'" in problem:
            return source.error(
                opened,
                msg("the {opening} that opens here is not closed where it should be", opening=opening),
                why=msg("the trouble begins in line {line}, column {column}", line=at.line, column=at.column),
                next_step=msg("put commas between the items and a {closing} at the end", closing=closing),
            )
    return None


def _sign(problem: str, at: Position, _: Position, source: ManifestText) -> ManifestError | None:
    if "cannot start any token" in problem or "unknown anchor" in problem or "expected alphabetic" in problem:
        sign = source.line(at.line)[at.column - 1 : at.column]
        return source.error(
            at,
            msg("a text cannot begin with {sign} here", sign=sign),
            why=msg("{sign} has a meaning of its own in YAML", sign=sign),
            next_step=msg("put the whole text in quotes"),
        )
    return None


def _colons(problem: str, at: Position, opened: Position, source: ManifestText) -> ManifestError | None:
    if "mapping values are not allowed" in problem:
        above = next((number for number in range(at.line - 1, 0, -1) if source.line(number).strip()), 0)
        if above and re.match(r"\s*-[^\s-]|[^:]*(:\S[^:]*)*$", _without_quoted(source.line(above))):
            return _no_field(above, source)
        if len(re.findall(r":(?:\s|$)", _without_quoted(source.line(at.line)))) > 1:
            return source.error(
                at,
                msg("there is a second colon in this line"),
                why=msg("a colon and a space mean: here a value begins"),
                next_step=msg("put the value in quotes"),
            )
        return _whole_line(
            source,
            at.line,
            msg("this line is indented deeper than the one above, which has a value already"),
            _INDENTS,
            msg("give it the indentation of the fields it belongs to"),
        )
    if "could not find expected ':'" in problem:
        return _no_field(opened.line if opened.line < at.line or not source.line(at.line).strip() else at.line, source)
    return None


def _no_field(number: int, source: ManifestText) -> ManifestError:
    text = source.line(number).strip()
    key, colon, value = text.removeprefix("- ").partition(":")
    if text.startswith("-") and not text.startswith("- "):
        step = msg("put a space after the dash: - {text}", text=text[1:])
    elif colon and value:
        step = msg("put a space after the colon: {key}: {value}", key=key, value=value)
    else:
        step = msg("write it as name: value")
    return _whole_line(source, number, msg("this line is no field"), "", step)


def _whole_line(source: ManifestText, number: int, what: Wording, why: Wording, next_step: Wording) -> ManifestError:
    line = source.line(number)
    start = Position(number, len(line) - len(line.lstrip()) + 1)
    return source.error(start, what, why, next_step, width=len(line.strip()))


def _without_quoted(line: str) -> str:
    """The line with its quoted texts blanked out: colons in them mean nothing."""
    return re.sub(r"\"[^\"]*\"|'[^']*'", lambda match: "_" * len(match[0]), line)


def _indentation(problem: str, at: Position, opened: Position, source: ManifestText) -> ManifestError | None:
    if "expected <block end>" not in problem and "expected the node content" not in problem:
        if "expected <document start>" not in problem:
            return None
        opened = at
    return _whole_line(
        source,
        at.line,
        msg("this line does not fit the indentation above it"),
        msg("{indents} (this group begins in line {line})", indents=_INDENTS, line=opened.line)
        if opened.line < at.line
        else _INDENTS,
        msg("try {count} spaces", count=opened.column - 1)
        if opened.line < at.line
        else msg("check the spaces before it"),
    )
