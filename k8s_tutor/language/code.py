"""The words in Python code that are for people: comments, docstrings, and strings where these are asked for.

Code that is no Python (a magic of IPython) has no words.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from k8s_tutor.language.message import find_translation

__all__ = ["Words", "find_words", "translate_code"]

_QUOTED = re.compile(r"f?(?P<quote>\"\"\"|\"|')(?P<words>(?s:.+?))(?P=quote)")
_SAID = re.compile(r"[^\W\d_].*[ :]|.* [^\W\d_]")  # one word alone is a name, or stands for something


@dataclass(frozen=True)
class Words:
    """Some words in a piece of code.

    Attributes:
        start: Where they begin, in characters from its first.
        text: As they stand there; of an f-string with its `{…}`.
    """

    start: int
    text: str


def find_words(code: str, *, strings: bool = False) -> list[Words]:
    """The words in a piece of code, in order.

    A comment that is nothing but a call or a kubectl line is code, to be run by whoever takes its `#` away.

    Args:
        code: Python.
        strings: Also its strings of more than one word, or that end with a colon.
    """
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return []
    found = [*_comments(code), *_docstrings(code, tree), *(_strings(code, tree) if strings else ())]
    return sorted(set(found), key=lambda words: words.start)


def translate_code(code: str, language: str = "", *, folder: Path | None = None, strings: bool = False) -> str:
    """The code with its words in another language, where the catalogues have them.

    Args:
        code: Python.
        language: `zh`; empty for the reader's.
        folder: Whose catalogue alone is asked; None for all.
        strings: As of `find_words`.
    """
    for words in reversed(find_words(code, strings=strings)):
        translated = find_translation(words.text, "", 1, language, folder) or words.text
        code = code[: words.start] + translated + code[words.start + len(words.text) :]
    return code


def _comments(code: str) -> Iterator[Words]:
    starts = _line_starts(code)
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        said = token.string.lstrip("# ").rstrip()
        if token.type == tokenize.COMMENT and said and not _is_code(said):
            yield Words(starts[token.start[0] - 1] + token.start[1] + token.string.index(said), said)


def _is_code(said: str) -> bool:
    with suppress(SyntaxError):
        body = ast.parse(said).body
        return len(body) == 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Call)
    return said.startswith("kubectl ")


def _docstrings(code: str, tree: ast.Module) -> Iterator[Words]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node):
            yield from _quoted(code, node.body[0])


def _strings(code: str, tree: ast.AST) -> Iterator[Words]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            yield from (words for words in _quoted(code, node) if _SAID.search(words.text))
        else:
            yield from _strings(code, node)


def _quoted(code: str, node: ast.stmt | ast.expr) -> Iterator[Words]:
    """What stands between the quotes of a string; of one that is put together from several, nothing."""
    line = code.splitlines()[node.lineno - 1]
    start = _line_starts(code)[node.lineno - 1] + len(line.encode()[: node.col_offset].decode())
    if match := _QUOTED.fullmatch(ast.get_source_segment(code, node) or ""):
        yield Words(start + match.start("words"), match["words"])


def _line_starts(code: str) -> list[int]:
    starts = [0]
    for line in code.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts
