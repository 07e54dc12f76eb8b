"""Options and files, as BusyBox's commands take them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Generator
from typing import Any

from k8s_tutor.embedded.images.permissions import words_of
from k8s_tutor.embedded.images.pipe import Exit
from k8s_tutor.embedded.images.program import Busy, Effect, System
from k8s_tutor.embedded.images.shell.streams import ENDLESS, read_all, room_for

__all__ = ["Options", "UsageFault", "absolute", "accounts", "amount", "open_path", "reading", "split"]

_SUFFIXES = {"": 1, "b": 512, "k": 1 << 10, "m": 1 << 20}  # BusyBox's `bkm_suffixes`


class UsageFault(Exception):
    """The command cannot be run as written; it says so and exits 1."""


class Options:
    """The options given to a command."""

    def __init__(self) -> None:
        self._flags: dict[str, list[str]] = {}

    def add(self, letter: str, value: str = "") -> None:
        """Notes an option."""
        self._flags.setdefault(letter, []).append(value)

    def has(self, letter: str) -> bool:
        """Whether it was given."""
        return letter in self._flags

    def value(self, letter: str) -> str | None:
        """Its last value; None where it was not given."""
        return self._flags[letter][-1] if letter in self._flags else None

    def values(self, letter: str) -> list[str]:
        """All its values."""
        return list(self._flags.get(letter, []))


def split(
    system: System, flags: str = "", valued: str = "", *, number_flag: bool = False, stop_at_word: bool = False
) -> tuple[Options, list[str]]:
    """Options and what is left.

    Args:
        system: Whose arguments.
        flags: Letters without a value.
        valued: Letters with one.
        number_flag: `-5` means `-n 5`.
        stop_at_word: What follows the first word belongs to it.

    Raises:
        UsageFault: an option it does not know.
    """
    options = Options()
    rest: list[str] = []
    words = list(system.args[1:])
    while words:
        word = words.pop(0)
        if word == "--":
            return options, [*rest, *words]
        if number_flag and word[:1] == "-" and word[1:].isdigit():
            options.add("n", word[1:])
        elif len(word) > 1 and word[0] == "-":
            _take(options, word[1:], words, flags, valued)
        else:
            rest.append(word)
            if stop_at_word:
                return options, [*rest, *words]
    return options, rest


def _take(options: Options, letters: str, words: list[str], flags: str, valued: str) -> None:
    while letters:
        letter, letters = letters[0], letters[1:]
        if letter in valued:
            if not letters and not words:
                raise UsageFault(f"option requires an argument -- '{letter}'")
            options.add(letter, letters or words.pop(0))
            return
        if letter not in flags:
            raise UsageFault(f"unrecognized option: {letter}")
        options.add(letter)


def amount(system: System, text: str) -> int:
    """A number of lines or bytes, as `head` and `tail` take it: `10`, `1k`, `2m`, `1b` (of 512).

    Raises:
        Exit: it is none, and that has been said.
    """
    number = re.fullmatch(r"(-?\d+)([bkm]?)", text)
    if number is None:
        system.err(f"{system.args[0]}: invalid number '{text}'\n")
        raise Exit(1)
    return int(number[1]) * _SUFFIXES[number[2]]


def absolute(system: System, path: str) -> str:
    """A path from the root."""
    return posixpath.normpath(posixpath.join(system.directory, path))


def accounts(system: System, name: str) -> bytes:
    """`/etc/passwd` or `/etc/group`; nothing where there is none."""
    try:
        return system.files.read(f"/etc/{name}")
    except OSError:
        return b""


def open_path(system: System, path: str, *, quiet: bool = False) -> bytes | None:
    """A file's content; None after saying why not."""
    try:
        return system.files.read(absolute(system, path))
    except IsADirectoryError:
        words = "read error: Is a directory"
        message = f"{system.args[0]}: {words}\n"
    except OSError as error:
        message = f"{system.args[0]}: can't open '{path}': {words_of(error)}\n"
    if not quiet:
        system.err(message)
    return None


def reading(system: System, path: str) -> Generator[Effect, Any, bytes | None]:
    """All of a file, or of standard input for `-`; None after saying why not."""
    if path == "-":
        return (yield from read_all(system.stdin, system))
    while absolute(system, path) in ENDLESS:  # who wants all of it keeps it, until memory runs out
        system.allocate(16 << 20)
        yield Busy(0.01)
    found = open_path(system, path)
    if found:
        system.afford(room_for(found))
    return found
