"""What a shell knows by name: its variables, `$1`, `$2`, …, and the special ones (`$?`, `$$`, `$!`, …)."""

from __future__ import annotations

from collections.abc import Sequence

from k8s_tutor.embedded.images.program import Child, System
from k8s_tutor.embedded.images.shell.expansion import ParameterFault

__all__ = ["Parameters"]

_CELL = 64  # bytes that a text takes beside its letters


class Parameters:
    """The parameters of one shell, in the words of POSIX. Implements `Variables`.

    Attributes:
        arguments: `$1`, `$2`, …
        status: `$?`.
        options: Letters set by `set`: `e`, `u`, `x`.
        jobs: Children in the background, oldest first.
    """

    def __init__(self, system: System, name: str, arguments: Sequence[str]) -> None:
        self.system = system
        self.name = name
        self._arguments: Sequence[str] = list(arguments)
        self.variables: dict[str, str] = dict(system.env)
        self.exported: dict[str, None] = dict.fromkeys(system.env)
        self.status = 0
        self.options: set[str] = set()
        self.jobs: list[Child] = []

    @property
    def arguments(self) -> Sequence[str]:
        """`$1`, `$2`, …"""
        return self._arguments

    @arguments.setter
    def arguments(self, words: Sequence[str]) -> None:
        self.system.keep(_room(words) - _room(self._arguments))
        self._arguments = words

    def get(self, name: str) -> str | None:  # noqa: PLR0911 (a table of special names)
        """A variable or special parameter."""
        special = {"?": str(self.status), "$": str(self.system.pid), "#": str(len(self.arguments)), "0": self.name}
        if name in special:
            return special[name]
        if name in ("@", "*"):
            return " ".join(self.arguments)
        if name == "!":
            return str(self.jobs[-1].pid) if self.jobs else ""
        if name == "-":
            return "".join(sorted(self.options))
        if name.isdigit():
            number = int(name)
            return self.arguments[number - 1] if number <= len(self.arguments) else None
        if name == "RANDOM":
            return str(self.system.random.randrange(32768))
        if name == "PWD":
            return self.system.directory
        value = self.variables.get(name)
        if value is None and "u" in self.options:
            raise ParameterFault(f"{name}: parameter not set")
        return value

    def put(self, name: str, value: str) -> None:
        """Sets a variable."""
        old = self.variables.get(name)
        self.system.keep(len(value) - len(old) if old is not None else len(value) + _CELL)
        self.variables[name] = value

    def afford(self, size: int) -> None:
        """See `Variables`."""
        self.system.afford(size)

    def environment(self) -> dict[str, str]:
        """What children get."""
        return {name: self.variables[name] for name in self.exported if name in self.variables}


def _room(words: Sequence[str]) -> int:
    return sum(len(word) + _CELL for word in words)
