"""What goes wrong in an expression, in the words of cel-go, which the real API server uses (recorded from one)."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["CompileError", "EvaluationError", "compile_words", "evaluation_words"]

_NO_OVERLOAD = "'no such overload': call arguments did not match a supported operator, function or macro signature"
_EXHAUSTED = "operation cancelled: actual cost limit exceeded"


class CompileError(ValueError):
    """An expression that is none; the message is the compiler's, with line and column."""


class EvaluationError(ValueError):
    """An expression that came to no result; the message is the evaluator's.

    Attributes:
        overload: No function takes values of these types: Kubernetes words that differently.
        exhausted: It took too long; no more rules are to be asked.
    """

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.overload = words == _NO_OVERLOAD
        self.exhausted = words == _EXHAUSTED

    def about(self, rule: str) -> str:
        """The message as the API server gives it for a rule."""
        if self.exhausted:
            return f"'{self}': no further validation rules will be run due to call cost exceeds limit for rule: {rule}"
        return f"{self} for rule: {rule}" if self.overload else f"{self} evaluating rule: {rule}"


_NAMES = {
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
    "google.protobuf.Value": "dyn",
    "google.protobuf.ListValue": "list(dyn)",
    "null_type": "null",
}
_CODE = re.compile(r"^[A-Z_]+: ")
_BROKEN = re.compile(r"ERROR: <input>:\d+:\d+: expression of type '\*error\*' [^\n]*(\n \|[^\n]*)*\n?")
_BLOCK = re.compile(r"ERROR: <input>:\d+:-?\d+: [^\n]*(?:\n \|[^\n]*)*")
_QUALIFIED = re.compile(
    r"ERROR: <input>:(?P<line>\d+):(?P<column>\d+): undeclared reference to '(?P<root>\w+)\.[\w.]+'(?P<rest>[^\n]*)"
    r"\n \| (?P<source>[^\n]*)\n \| [^\n]*"
)

_EVALUATION: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r'^Key not found in map : "?(.*?)"?$', re.DOTALL), r"no such key: \1"),
    (re.compile(r"^Index error: index=(-?\d+) size=\d+$"), r"index out of bounds: \1"),
    (re.compile(r"^Index error: index\((-?\d+)\) is out of bounds.*$"), r"index out of bounds: \1"),
    (re.compile(r"^(?:divide|division) by zero$"), "division by zero"),
    (re.compile(r"^modul(?:o|us) by zero$"), "modulus by zero"),
    (re.compile(r"^.*integer overflow$"), "integer overflow"),
    (re.compile(r"^(?:No matching overloads found|no matching overload).*$", re.DOTALL), _NO_OVERLOAD),
    (re.compile(r"^Iteration budget exceeded$"), _EXHAUSTED),
)


def compile_words(raw: str, labels: Mapping[str, str]) -> str:
    """The compiler's complaint as cel-go words it.

    Args:
        raw: What the compiler said.
        labels: The names Kubernetes gives to the types we made.
    """
    words = _CODE.sub("", raw).strip()
    words = re.sub(r" \[[A-Z_]+\]$", "", words)
    words = re.sub(r"(undefined field '[^']*') not found in struct '[^']*'", r"\1", words)
    words = _QUALIFIED.sub(_root_only, words)
    words = "\n".join(sorted(_BLOCK.findall(_BROKEN.sub("", words)), key=_position)) or words
    for ours, theirs in (*_NAMES.items(), *sorted(labels.items(), key=lambda row: -len(row[0]))):
        words = words.replace(ours, theirs)
    return words


def _root_only(match: re.Match[str]) -> str:
    """Of an unknown qualified name, cel-go names the first part, where it stands."""
    line, column, root, rest, source = (
        match["line"],
        int(match["column"]),
        match["root"],
        match["rest"],
        match["source"],
    )
    start = source.rfind(root, 0, column)
    if start < 0:
        return match[0]
    return f"ERROR: <input>:{line}:{start + 1}: undeclared reference to '{root}'{rest}\n | {source}\n | {'.' * start}^"


def _position(block: str) -> tuple[int, int]:
    match = re.match(r"ERROR: <input>:(\d+):(\d+)", block)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def evaluation_words(raw: str) -> str:
    """The evaluator's complaint as cel-go words it."""
    words = re.sub(r" \[[A-Z_]+\]$", "", _CODE.sub("", raw).strip())
    for pattern, replacement in _EVALUATION:
        if pattern.match(words):
            return pattern.sub(lambda match, text=replacement: match.expand(text), words)  # type: ignore[misc]
    return words
