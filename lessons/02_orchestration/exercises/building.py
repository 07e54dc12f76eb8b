"""What a builder makes of a Dockerfile: which lines make layers, and which of those are made again after a change.

Enough of the rules for one small program: a layer is taken from the cache as long as its line, its files and every layer
below it are the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatch
from json import loads

__all__ = ["Line", "brings", "command_of", "made_again", "read_lines"]

_LAYERS = ("FROM", "WORKDIR", "COPY", "ADD", "RUN")


@dataclass(frozen=True)
class Line:
    """One instruction.

    Attributes:
        word: `COPY`, in capitals.
        rest: What follows it.
    """

    word: str
    rest: str

    def __str__(self) -> str:
        return f"{self.word} {self.rest}"

    @property
    def makes_layer(self) -> bool:
        """Whether it changes files; the others only describe the image."""
        return self.word in _LAYERS


def read_lines(text: str) -> list[Line]:
    """The instructions, comments and empty lines left out, continued lines joined."""
    found: list[Line] = []
    for raw in re.sub(r"\\\s*\n\s*", " ", text).splitlines():
        word, _, rest = raw.strip().partition(" ")
        if word and not word.startswith("#"):
            found.append(Line(word.upper(), rest.strip()))
    return found


def brings(line: Line, file: str) -> bool:
    """Whether a line copies this file from the builder's folder into the image."""
    if line.word not in ("COPY", "ADD") or "--from" in line.rest:
        return False
    words = [word for word in _words(line.rest) if not word.startswith("--")]
    sources = [word.removeprefix("./") or "." for word in words[:-1]]
    return any(source in (".", "*", file) or fnmatch(file, source) for source in sources)


def made_again(lines: list[Line], changed: str) -> list[Line]:
    """The lines whose layers are made again once this file has changed: the first that copies it, and all after it."""
    first = next((index for index, line in enumerate(lines) if brings(line, changed)), len(lines))
    return [line for line in lines[first:] if line.makes_layer]


def command_of(lines: list[Line]) -> list[str]:
    """What a container of the image runs."""
    chosen: dict[str, list[str]] = {line.word: _words(line.rest) for line in lines if line.word in ("ENTRYPOINT", "CMD")}
    return [*chosen.get("ENTRYPOINT", []), *chosen.get("CMD", [])]


def _words(rest: str) -> list[str]:
    try:
        value = loads(rest)
    except ValueError:
        return rest.split()
    return [str(word) for word in value] if isinstance(value, list) else rest.split()
