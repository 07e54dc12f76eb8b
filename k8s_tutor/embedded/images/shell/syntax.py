"""What a script is once it has been read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = [
    "AndOr",
    "Arithmetic",
    "Case",
    "Command",
    "For",
    "Function",
    "Group",
    "If",
    "Literal",
    "Loop",
    "Parameter",
    "Part",
    "Pipeline",
    "Redirect",
    "Script",
    "Simple",
    "Statement",
    "Substitution",
    "Word",
]


@dataclass(frozen=True, slots=True)
class Literal:
    """Text as it stands; quoted text is neither split nor matched against files."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """`$name`, `${name}`, `${name:-word}` and its kin; `operator` is one of `- = ? + # ## % %% length` or empty."""

    name: str
    operator: str = ""
    colon: bool = False
    word: Word = ()
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(…)`: the output of a script."""

    script: Script
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`$((…))`."""

    expression: Word


Part: TypeAlias = Literal | Parameter | Substitution | Arithmetic
Word: TypeAlias = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Redirect:
    """`2> file`, `>> file`, `< file`, `2>&1`, `<<WORD`; then `document` holds the text, once its lines are read."""

    descriptor: int
    operator: str
    word: Word = ()
    document: list[Word] | None = None


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, a command with its arguments, redirections."""

    assignments: tuple[tuple[str, Word], ...] = ()
    words: tuple[Word, ...] = ()
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    """Pairs of condition and body in order, then else."""

    branches: tuple[tuple[Script, Script], ...]
    otherwise: Script | None
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """`while` (or, negated, `until`)."""

    condition: Script
    body: Script
    until: bool
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class For:
    """`for name in words`; without `in` it goes over the script's arguments."""

    name: str
    words: tuple[Word, ...] | None
    body: Script
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """`case word in pattern) …;; esac`."""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], Script], ...]
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """`{ … }`, or `( … )` in a subshell."""

    body: Script
    subshell: bool
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """`name() { … }`."""

    name: str
    body: Command


Command: TypeAlias = Simple | If | Loop | For | Case | Group | Function


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by `|`; `!` turns the result round."""

    commands: tuple[Command, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AndOr:
    """Pipelines joined by `&&` and `||`: each with the operator before it."""

    pipelines: tuple[tuple[str, Pipeline], ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One element of a list; in the background if it ended with `&`."""

    command: AndOr
    background: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """Statements in order."""

    statements: tuple[Statement, ...] = field(default=())
