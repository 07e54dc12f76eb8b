"""Turns words into the arguments they mean: parameters, substitutions, arithmetic, splitting, file names."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Callable, Generator, Sequence
from typing import Any, Protocol

from k8s_tutor.embedded.images.files import Files
from k8s_tutor.embedded.images.program import Effect
from k8s_tutor.embedded.images.shell.syntax import Arithmetic, Literal, Parameter, Part, Script, Substitution, Word

__all__ = ["ArithmeticFault", "Expander", "ParameterFault", "Variables", "matches"]

_BLANK = " \t\n"
_CELL = 64  # bytes that a text takes beside its letters
_LARGE = 64 << 10  # bytes: what is smaller is not worth counting before it is kept


class ParameterFault(Exception):
    """`${name:?words}` where name is not set, or an unset name under `set -u`."""


class ArithmeticFault(Exception):
    """The expression cannot be computed."""


class Variables(Protocol):
    """What the shell knows when it expands a word."""

    arguments: Sequence[str]
    status: int

    def get(self, name: str) -> str | None:
        """A variable or special parameter; None where it is not set."""
        ...

    def put(self, name: str, value: str) -> None:
        """Sets a variable."""
        ...

    def afford(self, size: int) -> None:
        """Ends the shell where it could not keep so many bytes more."""
        ...


Capture = Callable[[Script], Generator[Effect, Any, str]]


class _Fields:
    """The fields of one word while they are gathered."""

    def __init__(self) -> None:
        self.found: list[list[tuple[str, bool]]] = []
        self._open = False

    def add(self, text: str, *, quoted: bool) -> None:
        """Adds to the open field, or opens one."""
        if not self._open:
            self.found.append([])
            self._open = True
        self.found[-1].append((text, quoted))

    def cut(self) -> None:
        """What comes next begins a new field."""
        self._open = False

    def add_split(self, value: str) -> None:
        """Adds an expansion's value, split at blanks."""
        if value[:1] and value[0] in _BLANK:
            self.cut()
        for number, piece in enumerate(value.split()):
            if number:
                self.cut()
            self.add(piece, quoted=False)
        if value[-1:] and value[-1] in _BLANK:
            self.cut()


class Expander:
    """Expands words.

    Args:
        variables: Parameters.
        capture: Runs the script of a substitution and gives its output.
        files: For file name patterns.
        directory: Gives the working directory.
    """

    def __init__(self, variables: Variables, capture: Capture, files: Files, directory: Callable[[], str]) -> None:
        self._variables = variables
        self._capture = capture
        self._files = files
        self._directory = directory

    def arguments(self, words: Sequence[Word]) -> Generator[Effect, Any, list[str]]:
        """All the arguments that the words mean."""
        result: list[str] = []
        size = 0
        for word in words:
            for field in (yield from self._fields(word)):
                found = self._file_names(field)
                size += sum(map(len, found)) + len(found) * _CELL
                if size > _LARGE:
                    self._variables.afford(size)
                result += found
        return result

    def text(self, word: Word) -> Generator[Effect, Any, str]:
        """A word as one text: no splitting, no file names (assignments, redirections, `case`)."""
        pieces: list[str] = []
        size = 0
        for part in word:
            piece = " ".join(self._variables.arguments) if _is_list(part) else (yield from self._value(part))
            size += len(piece)
            if size > _LARGE:  # before they are one text: a word may name a variable a thousand times
                self._variables.afford(size)
            pieces.append(piece)
        return "".join(pieces)

    def pattern(self, word: Word) -> Generator[Effect, Any, str]:
        """A word as a pattern: quoted characters stand for themselves."""
        pieces = []
        for part in word:
            value = yield from self._value(part)
            pieces.append(_literal_pattern(value) if part_is_quoted(part) else value)
        return "".join(pieces)

    def _fields(self, word: Word) -> Generator[Effect, Any, list[list[tuple[str, bool]]]]:
        """The word's fields, each as pieces of (text, quoted)."""
        fields = _Fields()
        size = 0
        for part in word:
            if _is_list(part) and part_is_quoted(part):
                for number, argument in enumerate(self._variables.arguments):
                    if number:
                        fields.cut()
                    fields.add(argument, quoted=True)
                continue
            value = yield from self._value(part)
            size += len(value)
            if size > _LARGE:
                spaces = 0 if part_is_quoted(part) else sum(value.count(blank) for blank in _BLANK)
                self._variables.afford(size + spaces * _CELL)
            if isinstance(part, Literal) or part_is_quoted(part):
                fields.add(value, quoted=part_is_quoted(part))
            else:
                fields.add_split(value)
        return fields.found

    def _file_names(self, pieces: list[tuple[str, bool]]) -> list[str]:
        plain = "".join(text for text, _ in pieces)
        if not any(not quoted and any(sign in text for sign in "*?[") for text, quoted in pieces):
            return [plain]
        pattern = "".join(_literal_pattern(text) if quoted else text for text, quoted in pieces)
        found = self._glob(pattern)
        return found or [plain]

    def _glob(self, pattern: str) -> list[str]:
        absolute = pattern.startswith("/")
        prefixes = [""]
        for step in pattern.strip("/").split("/"):
            found = []
            for prefix in prefixes:
                base = posixpath.join("/" if absolute else self._directory(), prefix)
                if not self._files.is_directory(base):
                    continue
                names = [n for n in self._files.names(base) if fnmatch.fnmatchcase(n, step)]
                hidden = step.startswith(".")
                found += [posixpath.join(prefix, name) for name in names if hidden or not name.startswith(".")]
            prefixes = found
        return [f"/{prefix}" if absolute else prefix for prefix in prefixes]

    def _value(self, part: Part) -> Generator[Effect, Any, str]:
        match part:
            case Literal(text):
                return text
            case Substitution(script):
                return (yield from self._capture(script)).rstrip("\n")
            case Arithmetic(expression):
                return str(self._compute((yield from self.text(expression))))
            case Parameter():
                return (yield from self._parameter(part))

    def _parameter(self, part: Parameter) -> Generator[Effect, Any, str]:
        value = self._variables.get(part.name)
        if part.operator == "length":
            return str(len(value or ""))
        if part.operator in ("#", "##", "%", "%%"):
            return _trimmed(value or "", part.operator, (yield from self.pattern(part.word)))
        missing = value is None or (part.colon and not value)
        if part.operator == "+":
            return "" if missing else (yield from self.text(part.word))
        if not missing or not part.operator:
            return value or ""
        words = yield from self.text(part.word)
        if part.operator == "?":
            raise ParameterFault(f"{part.name}: {words or 'parameter not set'}")
        if part.operator == "=":
            self._variables.put(part.name, words)
        return words

    def _compute(self, expression: str) -> int:
        def lookup(match: re.Match[str]) -> str:
            value = self._variables.get(match.group(0)) or "0"
            return value if re.fullmatch(r"-?\d+", value) else "0"

        assigned = re.fullmatch(r"\s*([A-Za-z_]\w*)\s*([-+*/%]?)=(?!=)(.*)", expression, re.DOTALL)
        if assigned:
            name, operator, rest = assigned.groups()
            result = self._compute(f"{name} {operator} ({rest})" if operator else rest)
            self._variables.put(name, str(result))
            return result
        stepped = re.fullmatch(r"\s*(?:(\+\+|--)\s*([A-Za-z_]\w*)|([A-Za-z_]\w*)\s*(\+\+|--))\s*", expression)
        if stepped:
            before, name = stepped.group(1), stepped.group(2) or stepped.group(3)
            old = self._compute(name)
            new = old + (1 if (before or stepped.group(4)) == "++" else -1)
            self._variables.put(name, str(new))
            return new if before else old
        return _arithmetic(re.sub(r"[A-Za-z_]\w*", lookup, expression))


def _is_list(part: Part) -> bool:
    return isinstance(part, Parameter) and part.name in ("@", "*") and not part.operator


def part_is_quoted(part: Part) -> bool:
    """Whether the part's value is kept in one piece."""
    return isinstance(part, Arithmetic) or part.quoted


def _literal_pattern(text: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", text)


def matches(text: str, pattern: str) -> bool:
    """Whether a text fits a shell pattern."""
    return fnmatch.fnmatchcase(text, pattern)


def _trimmed(value: str, operator: str, pattern: str) -> str:
    """`${value#pattern}` and its kin."""
    lengths = range(len(value) + 1)
    at_start = operator.startswith("#")
    for length in lengths if len(operator) == 1 else reversed(lengths):
        piece = value[:length] if at_start else value[len(value) - length :]
        if matches(piece, pattern):
            return value[length:] if at_start else value[: len(value) - length]
    return value


_TOKEN = re.compile(r"\s*(?:(\d+)|(<=|>=|==|!=|&&|\|\||<<|>>|[-+*/%()<>!~&|^?:]))")
_LEVELS = (
    ("||",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<", "<=", ">", ">="),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
)


def _arithmetic(text: str) -> int:
    """The value of an expression of integers, as C computes it."""
    tokens: list[str] = []
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ArithmeticFault("arithmetic syntax error")
        tokens.append(found.group(1) or found.group(2))
        at = found.end()
    value = _level(tokens, 0) if tokens else 0
    if tokens and tokens[0] == "?":
        tokens.pop(0)
        yes = _level(tokens, 0)
        if not tokens or tokens.pop(0) != ":":
            raise ArithmeticFault("arithmetic syntax error")
        no = _level(tokens, 0)
        return yes if value else no
    if tokens:
        raise ArithmeticFault("arithmetic syntax error")
    return value


def _level(tokens: list[str], level: int) -> int:
    if level == len(_LEVELS):
        return _unary(tokens)
    value = _level(tokens, level + 1)
    while tokens and tokens[0] in _LEVELS[level]:
        value = _binary(tokens.pop(0), value, _level(tokens, level + 1))
    return value


def _unary(tokens: list[str]) -> int:
    if not tokens:
        raise ArithmeticFault("arithmetic syntax error")
    token = tokens.pop(0)
    if token == "(":
        value = _level(tokens, 0)
        if not tokens or tokens.pop(0) != ")":
            raise ArithmeticFault("arithmetic syntax error")
        return value
    if token in ("-", "+", "!", "~"):
        value = _unary(tokens)
        return {"-": _wrapped(-value), "+": value, "!": int(not value), "~": ~value}[token]
    if not token.isdigit():
        raise ArithmeticFault("arithmetic syntax error")
    if len(token) > _DIGITS or int(token) >= 1 << 64:  # strtoull has no such number
        return 0
    return _wrapped(int(token))


_DIGITS = 20


def _binary(operator: str, left: int, right: int) -> int:
    if operator in ("/", "%"):
        if right == 0:
            raise ArithmeticFault("divide by zero")
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return _wrapped(quotient if operator == "/" else left - quotient * right)
    table: dict[str, Callable[[int, int], int]] = {
        "||": lambda a, b: int(bool(a or b)),
        "&&": lambda a, b: int(bool(a and b)),
        "|": lambda a, b: a | b,
        "^": lambda a, b: a ^ b,
        "&": lambda a, b: a & b,
        "==": lambda a, b: int(a == b),
        "!=": lambda a, b: int(a != b),
        "<": lambda a, b: int(a < b),
        "<=": lambda a, b: int(a <= b),
        ">": lambda a, b: int(a > b),
        ">=": lambda a, b: int(a >= b),
        "<<": lambda a, b: a << (b & 63),
        ">>": lambda a, b: a >> (b & 63),
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
    }
    return _wrapped(table[operator](left, right))


def _wrapped(value: int) -> int:
    """As C computes it, in 64 bits."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)
