"""What a YAML parser's complaint means, for a person who has never seen one."""

from __future__ import annotations

import re

import yaml

from k8s_tutor.errors import ManifestError
from k8s_tutor.objects.manifests.source import Position, Source

__all__ = ["explain", "lookalike"]

# Signs that come with text copied from a page or typed with an input method, and the plain ones they stand for.
_LOOKALIKES = {
    "\u00a0": ("a non-breaking space", "space"),
    "\u3000": ("a full-width space", "space"),
    "\uff1a": ("a full-width colon", "colon and a space"),
    "\uff0c": ("a full-width comma", "comma"),
    "\uff0d": ("a full-width dash", "dash"),
}
_INDENTS = "YAML groups by indentation: fields of one group stand exactly below each other"


def explain(error: yaml.YAMLError, source: Source) -> ManifestError:
    """The complaint as a message that says where, why and what to change."""
    if isinstance(error, yaml.reader.ReaderError):
        return _unprintable(error, source)
    problem = str(getattr(error, "problem", None) or error)
    at = _position(getattr(error, "problem_mark", None), source)
    opened = _position(getattr(error, "context_mark", None), source)
    for explained in (_tab, _quote, _bracket, _sign, _colons, _indentation):
        found = explained(problem, at, opened, source)
        if found is not None:
            return lookalike(source, Position(found.line, 1)) or found
    return source.error(at, "this is not YAML", why=problem, next_step=_INDENTS)


def lookalike(source: Source, at: Position, width: int | None = None) -> ManifestError | None:
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
            name, plain = _LOOKALIKES[sign]
            return source.error(
                Position(at.line, column),
                f"there is {name} here",
                why="it looks like a plain one, but means nothing in YAML; copied text often holds such signs",
                next_step=f"type a plain {plain} in its place",
            )
    return None


def _unprintable(error: yaml.reader.ReaderError, source: Source) -> ManifestError:
    before = source.text[: error.position]
    number = len(f"{before}x".splitlines())
    code = error.character if isinstance(error.character, int) else ord(error.character)  # the stubs say str
    at = Position(number, len(before) - len("".join(before.splitlines(keepends=True)[: number - 1])) + 1)
    return source.error(
        at,
        f"there is a sign here that cannot be printed (U+{code:04X})",
        next_step="remove it; text copied from a terminal sometimes holds such signs",
    )


def _position(mark: yaml.Mark | None, source: Source) -> Position:
    if mark is None:
        return Position(1, 1)
    last = len(source.text.splitlines())
    if mark.line >= last:  # the end of the text: show the last line
        return Position(max(last, 1), max(len(source.line(last)), 1))
    return Position(mark.line + 1, mark.column + 1)


def _tab(problem: str, at: Position, _: Position, source: Source) -> ManifestError | None:
    for number in range(at.line, max(0, at.line - 2), -1):
        lead = re.match(r"[ \t]*", source.line(number))
        if lead and "\t" in lead[0]:
            place = Position(number, lead[0].index("\t") + 1)
            return source.error(
                place,
                "this line is indented with a tab",
                why="YAML takes only spaces for indentation",
                next_step="replace the tab (→) with spaces, two for each level",
            )
    if "'\\t'" in problem:
        return source.error(at, "there is a tab here", why="YAML takes only spaces", next_step="use spaces")
    return None


def _quote(problem: str, at: Position, opened: Position, source: Source) -> ManifestError | None:
    mark = source.line(opened.line)[opened.column - 1 : opened.column]
    if mark in ("'", '"') and ("unexpected end of stream" in problem or "document separator" in problem):
        return source.error(
            opened,
            f"the quote {mark} that opens here is never closed",
            next_step=f"close it with another {mark} at the end of the text",
        )
    if "unknown escape character" in problem:
        return source.error(
            at,
            "a backslash in double quotes begins an escape, and this is none YAML knows",
            next_step="use single quotes, or write the backslash twice",
        )
    line = source.line(at.line)
    for quote in "'\"":
        if line.count(quote) % 2 and "expected <block end>" in problem:
            place = Position(at.line, line.index(quote) + 1)
            return source.error(place, f"the quotes {quote} in this line do not pair up", next_step="close the quote")
    return None


def _bracket(problem: str, at: Position, opened: Position, source: Source) -> ManifestError | None:
    for closing, opening in (("]", "["), ("}", "{")):
        if f"expected ',' or '{closing}'" in problem:
            return source.error(
                opened,
                f"the {opening} that opens here is not closed where it should be",
                why=f"the trouble begins in line {at.line}, column {at.column}",
                next_step=f"put commas between the items and a {closing} at the end",
            )
    return None


def _sign(problem: str, at: Position, _: Position, source: Source) -> ManifestError | None:
    if "cannot start any token" in problem or "undefined alias" in problem or "expected alphabetic" in problem:
        sign = source.line(at.line)[at.column - 1 : at.column]
        return source.error(
            at,
            f"a text cannot begin with {sign} here",
            why=f"{sign} has a meaning of its own in YAML",
            next_step="put the whole text in quotes",
        )
    return None


def _colons(problem: str, at: Position, opened: Position, source: Source) -> ManifestError | None:
    if "mapping values are not allowed" in problem:
        above = next((number for number in range(at.line - 1, 0, -1) if source.line(number).strip()), 0)
        if above and re.match(r"\s*-[^\s-]|[^:]*(:\S[^:]*)*$", _without_quoted(source.line(above))):
            return _no_field(above, source)
        if len(re.findall(r":(?:\s|$)", _without_quoted(source.line(at.line)))) > 1:
            return source.error(
                at,
                "there is a second colon in this line",
                why="a colon and a space mean: here a value begins",
                next_step="put the value in quotes",
            )
        return _whole_line(
            source,
            at.line,
            "this line is indented deeper than the one above, which has a value already",
            _INDENTS,
            "give it the indentation of the fields it belongs to",
        )
    if "could not find expected ':'" in problem:
        return _no_field(opened.line if opened.line < at.line or not source.line(at.line).strip() else at.line, source)
    return None


def _no_field(number: int, source: Source) -> ManifestError:
    text = source.line(number).strip()
    key, colon, value = text.removeprefix("- ").partition(":")
    if text.startswith("-") and not text.startswith("- "):
        step = f"put a space after the dash: - {text[1:]}"
    elif colon and value:
        step = f"put a space after the colon: {key}: {value}"
    else:
        step = "write it as name: value"
    return _whole_line(source, number, "this line is no field", "", step)


def _whole_line(source: Source, number: int, what: str, why: str, next_step: str) -> ManifestError:
    line = source.line(number)
    start = Position(number, len(line) - len(line.lstrip()) + 1)
    return source.error(start, what, why, next_step, width=len(line.strip()))


def _without_quoted(line: str) -> str:
    """The line with its quoted texts blanked out: colons in them mean nothing."""
    return re.sub(r"\"[^\"]*\"|'[^']*'", lambda match: "_" * len(match[0]), line)


def _indentation(problem: str, at: Position, opened: Position, source: Source) -> ManifestError | None:
    if "expected <block end>" not in problem and "expected the node content" not in problem:
        if "expected <document start>" not in problem:
            return None
        opened = at
    return _whole_line(
        source,
        at.line,
        "this line does not fit the indentation above it",
        _INDENTS + (f" (this group begins in line {opened.line})" if opened.line < at.line else ""),
        f"try {opened.column - 1} spaces" if opened.line < at.line else "check the spaces before it",
    )
