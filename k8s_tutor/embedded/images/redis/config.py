"""A server's options: from its command line, a file, CONFIG SET."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from k8s_tutor.embedded.images.files import Files
from k8s_tutor.embedded.images.redis.cli import quoted
from k8s_tutor.embedded.images.redis.directives import DEFAULTS
from k8s_tutor.embedded.images.redis.keyspace import matches
from k8s_tutor.embedded.images.redis.resp import Failure, split_words

__all__ = ["BadConfig", "Config", "NoConfig"]

_LEVELS = ("debug", "verbose", "notice", "warning")
_POLICIES = (
    *(f"volatile-{how}" for how in ("lru", "lfu", "random", "ttl")),
    *(f"allkeys-{how}" for how in ("lru", "lfu", "random")),
    "noeviction",
)
_CHOICES = {"loglevel": _LEVELS, "maxmemory-policy": _POLICIES, "appendfsync": ("everysec", "always", "no")}
_MEMORY = {"maxmemory", "auto-aof-rewrite-min-size", "repl-backlog-size", "client-query-buffer-limit"}
_RANGES = {"port": 65535, "timeout": 2147483647, "databases": 2147483647, "tcp-keepalive": 2147483647}
_FIXED = {"databases", "daemonize", "bind", "logfile", "appendfilename", "appenddirname", "supervised"}
_PROTECTED = {"dir", "dbfilename"}
_UNITS = {"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 10**6, "mb": 1 << 20, "g": 10**9, "gb": 1 << 30}
_NOT_SIMULATED = ("replicaof", "slaveof", "include", "loadmodule", "user", "aclfile", "rename-command")
_WRONG = "Bad directive or wrong number of arguments"


class BadConfig(Exception):
    """An option that is none; the message is what the server prints before it ends."""


class NoConfig(Exception):
    """The configuration file is not there."""


@dataclass(slots=True)
class Config:
    """Options by name, in the words of CONFIG GET.

    Attributes:
        file: The configuration file's path; empty where there is none.
        given: Whether anything has been set at all.
    """

    values: dict[str, str] = field(default_factory=lambda: dict(DEFAULTS))
    file: str = ""
    given: bool = False

    @classmethod
    def read(cls, words: Sequence[str], files: Files, directory: str) -> Config:
        """Reads a command line, and the file that it names.

        Raises:
            NoConfig: there is no such file.
            BadConfig: an option is wrong.
        """
        config = cls(given=bool(words), values={**DEFAULTS, "dir": directory})
        rest, text = list(words), ""
        if rest and not rest[0].startswith("-"):
            path = rest.pop(0)
            config.file = path if path.startswith("/") else f"{directory.rstrip('/')}/{path}"
            try:
                text = files.read(config.file).decode(errors="replace")
            except OSError as error:
                why = "Is a directory" if isinstance(error, IsADirectoryError) else "No such file or directory"
                raise NoConfig(f"Fatal error, can't open config file '{path}': {why}") from None
        config._take(f"{text}\n{_as_lines(rest)}")
        return config

    def flag(self, name: str) -> bool:
        """An option of yes or no."""
        return self.values[name] == "yes"

    def number(self, name: str) -> int:
        """An option that is a number."""
        return int(self.values[name])

    @property
    def save_points(self) -> list[tuple[int, int]]:
        """Seconds and changes."""
        words = [int(word) for word in self.values["save"].split()]
        return list(zip(words[::2], words[1::2], strict=True))

    def find(self, patterns: Sequence[bytes]) -> list[bytes]:
        """Names and values that one of the patterns matches."""
        found = {
            name: value
            for name, value in self.values.items()
            if any(matches(pattern.lower(), name.encode()) for pattern in patterns)
        }
        return [word.encode() for item in found.items() for word in item]

    def change(self, pairs: Sequence[tuple[bytes, bytes]]) -> None:
        """CONFIG SET: all of them or none.

        Raises:
            Failure: one cannot be set; in the server's words.
        """
        new = {}
        for name_, value in pairs:
            name = name_.decode(errors="replace").lower()
            if name not in self.values:
                raise Failure(f"ERR Unknown option or number of arguments for CONFIG SET - '{name}'")
            why = "can't set immutable config" if name in _FIXED else ""
            why = "can't set protected config" if name in _PROTECTED else why
            try:
                new[name] = _checked(name, [value.decode(errors="replace")])
            except ValueError as wrong:
                why = why or str(wrong)
            if why:
                raise Failure(f"ERR CONFIG SET failed (possibly related to argument '{name}') - {why}")
        self.values.update(new)

    def _take(self, text: str) -> None:
        saves: list[str] = []
        for number, line in enumerate(text.split("\n"), 1):
            stripped = line.strip()
            if not stripped or stripped.startswith("#"):
                continue
            words = split_words(stripped.encode())
            if words is None:
                raise BadConfig(_complaint(number, line, "Unbalanced quotes in configuration line"))
            name, values = words[0].decode().lower(), [word.decode(errors="replace") for word in words[1:]]
            if name in _NOT_SIMULATED:
                raise BadConfig(_complaint(number, line, f"{name} is not simulated on the embedded cluster"))
            if name not in self.values or not values:
                raise BadConfig(_complaint(number, line, _WRONG))
            try:
                checked = _checked(name, values)
            except ValueError as wrong:
                raise BadConfig(_complaint(number, line, str(wrong))) from None
            if name == "save":
                saves = [*saves, checked] if checked else []
                checked = " ".join(saves)
            self.values[name] = checked


def _as_lines(words: Sequence[str]) -> str:
    """`--name value` as lines of a configuration file."""
    lines: list[list[str]] = []
    for word in words:
        if word.startswith("--"):
            lines.append([word.removeprefix("--")])
        elif lines:
            lines[-1].append(quoted(word.encode()))
        else:
            lines.append([quoted(word.encode())])
    return "\n".join(" ".join(line) for line in lines)


def _complaint(number: int, line: str, why: str) -> str:
    head = "*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***"
    return f"\n{head}\nReading the configuration file, at line {number}\n>>> '{line}'\n{why}\n"


def _checked(name: str, values: Sequence[str]) -> str:
    """An option's value as CONFIG GET shows it.

    Raises:
        ValueError: it is not possible; in the server's words.
    """
    value = " ".join(values)
    default = DEFAULTS[name]
    if name == "save":
        return _points(value)
    if name in _CHOICES:
        if value.lower() not in _CHOICES[name]:
            raise ValueError(f"argument(s) must be one of the following: {', '.join(_CHOICES[name])}")
        return value.lower()
    if name in _MEMORY:
        match = re.fullmatch(r"(\d+)([a-z]*)", value.lower())
        if match is None or match[2] not in _UNITS:
            raise ValueError("argument must be a memory value")
        return str(int(match[1]) * _UNITS[match[2]])
    if default in ("yes", "no"):
        if value.lower() not in ("yes", "no"):
            raise ValueError("argument must be 'yes' or 'no'")
        return value.lower()
    if default.isdigit():
        return _within(name, value)
    return value


def _points(value: str) -> str:
    words = value.split()
    if len(words) % 2 or not all(word.isdigit() for word in words) or "0" in words[::2]:
        raise ValueError("Invalid save parameters")
    return " ".join(words)


def _within(name: str, value: str) -> str:
    if not re.fullmatch(r"-?\d+", value):
        raise ValueError("argument couldn't be parsed into an integer")
    most = _RANGES.get(name)
    if most is not None and not 0 <= int(value) <= most:
        raise ValueError(f"argument must be between 0 and {most} inclusive")
    return str(int(value))
