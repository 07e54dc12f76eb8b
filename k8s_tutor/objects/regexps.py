r"""Regular expressions as Go reads them: RE2, which never takes longer than its text is long.

Go's `regexp` and RE2 are of one author and one syntax (`^(?i)(on|off)$`, `^\pL+$`; `$` is the very end), Python's is
another, and a pattern like `^(a+)+$` keeps it busy for years. RE2 comes with the compiler of CEL; on a computer for
which there is none (Windows on ARM) Python's stands in for it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cel_expr_python import cel

__all__ = ["TooLong", "find_all", "find_first", "find_problem", "matches", "replace"]

LONGEST = 8_192
"""Characters of a text in which all matches are looked for: that may take the square of its length, on any server."""

_CACHED = 1_000  # characters: the answers for texts up to here are remembered

# What RE2 says, and what Go says; None: of the whole pattern, whatever RE2 points at.
_WORDS: dict[str, tuple[str, str | None]] = {
    "missing )": ("missing closing )", None),
    "unexpected )": ("unexpected )", None),
    "missing ]": ("missing closing ]", ""),
    "bad repetition operator": ("invalid nested repetition operator", ""),
    "no argument for repetition operator": ("missing argument to repetition operator", ""),
    "invalid repetition size": ("invalid repeat count", ""),
    "invalid perl operator": ("invalid or unsupported Perl syntax", ""),
    "invalid named capture group": ("invalid named capture", ""),
    "trailing \\": ("trailing backslash at end of expression", ""),
}
_ONE_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\C")  # RE2 has it, Go has not
_REFUSED = "invalid regular expression: "


class TooLong(ValueError):
    """The text is longer than all matches are looked for in."""


def matches(pattern: str, text: str) -> bool:
    r"""Whether a pattern is found in a text; one that is none is found nowhere.

    >>> matches(r"^(?i)(on|off)$", "OFF"), matches(r"^\pL+$", "grün"), matches("^(a+)+$", "a" * 50 + "!")
    (True, True, False)
    """
    return _remembered(pattern, text) if len(text) <= _CACHED else _found(pattern, text)


@lru_cache(maxsize=4_096)
def _remembered(pattern: str, text: str) -> bool:
    return _found(pattern, text)


def _found(pattern: str, text: str) -> bool:
    program = _program("t.matches(p)")
    if program is None:
        return _in_python(pattern).search(text) is not None
    return program.eval(data={"t": text, "p": pattern}).value() is True


@lru_cache(maxsize=1_024)
def find_problem(pattern: str) -> str:
    """What Go says against a pattern, `""` where it takes it.

    >>> find_problem("a(b"), find_problem("(?=a)")
    ('missing closing ): `a(b`', 'invalid or unsupported Perl syntax: `(?=`')
    """
    program = _program("t.matches(p)")
    if program is None:
        return _python_problem(pattern)
    answer = str(program.eval(data={"t": "", "p": pattern}).value())
    if _REFUSED in answer:
        return _go_words(answer.partition(_REFUSED)[2], pattern)
    return r"invalid escape sequence: `\C`" if _ONE_BYTE.search(pattern) else ""


def _go_words(problem: str, pattern: str) -> str:
    kind, colon, part = problem.partition(": ")
    if kind == "invalid perl operator" and part.startswith("(?<"):
        rest = pattern[pattern.index(part) :]
        return f"invalid named capture: `{rest[: rest.find('>') + 1] or rest}`"
    words, whole = _WORDS.get(kind if colon else problem, (kind, ""))
    return f"{words}: `{pattern if whole is None else part}`"


def find_first(pattern: str, text: str) -> str:
    """The first match, `""` where there is none.

    Raises:
        ValueError: The pattern is none; the message is Go's.
    """
    program = _checked(pattern, "regex.extract(t, p).orValue('')")
    if program is None:
        match = _in_python(pattern).search(text)
        return match[0] if match else ""
    return str(program.eval(data={"t": text, "p": _without_groups(pattern)}).plain_value())


def find_all(pattern: str, text: str, limit: int = -1) -> list[str]:
    """All matches, or the first ones.

    Raises:
        ValueError: The pattern is none; the message is Go's.
        TooLong: It would take too long.
    """
    if len(text) > LONGEST:
        raise TooLong(f"findAll of a text of more than {LONGEST} characters takes too long on the embedded cluster")
    program = _checked(pattern, "regex.extractAll(t, p)")
    if program is None:
        found = [match[0] for match in _in_python(pattern).finditer(text)]
    else:
        found = program.eval(data={"t": text, "p": _without_groups(pattern)}).plain_value()
    return found if limit < 0 else found[:limit]


def replace(pattern: str, text: str, put: str, count: int = -1) -> str:
    r"""The text with matches replaced; `\1` in `put` is what the first group matched, `\0` all of it.

    >>> replace("(l)o", "hello", r"\1\1")
    'helll'

    Raises:
        ValueError: The pattern is none, or the replacement names a group that is not there.
    """
    program = _checked(pattern, "regex.replace(t, p, r, n)")
    if program is None:
        return _in_python(pattern).sub(put.replace("\\0", "\\g<0>"), text, count=max(count, 0))
    found = program.eval(data={"t": text, "p": pattern, "r": put, "n": count})
    if found.type().name() == "ERROR":
        raise ValueError(str(found.value()).partition(": ")[2])
    return str(found.plain_value())


def _checked(pattern: str, source: str) -> cel.Expression | None:
    if problem := find_problem(pattern):
        raise ValueError(f"error parsing regexp: {problem}")
    return _program(source)


def _without_groups(pattern: str) -> str:
    """The same pattern, none of its groups a capturing one: RE2's extraction gives a group where there is one."""
    found, at = [], 0
    while at < len(pattern):
        end = _piece_end(pattern, at)
        piece = pattern[at:end]
        named = re.match(r"\(\?P?<[^=!>][^>]*>", pattern[at:])
        if piece == "(" and named:
            piece, end = "(?:", at + named.end()
        elif piece == "(" and pattern[at : at + 2] != "(?":
            piece = "(?:"
        found.append(piece)
        at = end
    return "".join(found)


def _piece_end(pattern: str, at: int) -> int:
    """Where an escape, a class or a plain sign ends."""
    if pattern.startswith("\\Q", at):
        end = pattern.find("\\E", at)
        return len(pattern) if end < 0 else end + 2
    if pattern[at] == "\\":
        return at + 2
    if pattern[at] == "[":
        inside = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]", re.DOTALL).match(pattern, at)
        return inside.end() if inside else at + 1
    return at + 1


@cache
def _program(source: str) -> cel.Expression | None:
    try:
        from cel_expr_python import cel  # noqa: PLC0415 — with the first pattern
    except ImportError:
        return None
    config = cel.NewEnvConfigFromYaml("name: regexps\nextensions:\n- {name: optional}\n- {name: regex}\n")
    variables = {**dict.fromkeys("tpr", cel.Type.STRING), "n": cel.Type.INT}
    return cel.NewEnv(config=config, variables=variables).compile(source)


# ---- Where there is no RE2


@lru_cache(maxsize=256)
def _in_python(pattern: str) -> re.Pattern[str]:
    # `$` is the very end in Go's expressions, and `\z` is what Python calls `\Z`.
    return re.compile(re.sub(r"(?<!\\)\$", r"\\Z", pattern).replace("\\z", "\\Z"))


def _python_problem(pattern: str) -> str:
    try:
        _in_python(pattern)
    except re.error as error:
        return f"{error.msg}: `{pattern}`"
    return ""
