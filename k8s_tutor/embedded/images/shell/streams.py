"""Where a command's three streams come from and go to."""

from __future__ import annotations

import posixpath
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from k8s_tutor.embedded.images.files import Files
from k8s_tutor.embedded.images.permissions import ROOT, words_of
from k8s_tutor.embedded.images.pipe import Exit, Pipe
from k8s_tutor.embedded.images.program import Effect, Read, Sink, Sleep, System
from k8s_tutor.embedded.images.shell.expansion import Expander
from k8s_tutor.embedded.images.shell.syntax import Redirect, Word

__all__ = [
    "ENDLESS",
    "Break",
    "FileSink",
    "Lines",
    "Nowhere",
    "Redirection",
    "RedirectionFault",
    "Return",
    "Streams",
    "feed",
    "fixed",
    "read_all",
    "read_line",
    "room_for",
    "sample",
]

ENDLESS = ("/dev/zero", "/dev/random", "/dev/urandom", "/dev/full")
"""Devices that never come to an end."""
_CHUNK = 16 << 10


class FileSink:
    """Writes into a file; each write adds to its end."""

    def __init__(self, files: Files, path: str) -> None:
        self._files = files.seen_by(ROOT)  # whether it may be written was asked when it was opened
        self._path = path

    def write(self, data: bytes) -> None:
        """Adds bytes."""
        self._files.write(self._path, data, append=True)


class Nowhere:
    """Output that nobody wants."""

    def write(self, data: bytes) -> None:
        """Forgets bytes."""


class Lines:
    """Collects output in the memory of the process that will read it."""

    def __init__(self, reader: System | None = None) -> None:
        self._reader = reader
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        """Adds bytes; too many are the reader's death."""
        if self._reader is not None:
            self._keep(self._reader, len(data))
        self.data += data

    def _keep(self, reader: System, size: int) -> None:
        try:
            reader.keep(size)
        except Exit:
            self.data.clear()
            reader.exhaust()
            raise Exit(_SIGPIPE) from None


@dataclass(frozen=True, slots=True)
class Streams:
    """Standard input, output and error of one command."""

    stdin: Pipe | None
    stdout: Sink
    stderr: Sink


def fixed(data: bytes) -> Pipe:
    """An input that is already all there."""
    pipe = Pipe()
    pipe.write(data)
    pipe.end()
    return pipe


def sample(system: System, device: str, size: int) -> bytes:
    """The next bytes of an endless device."""
    return system.random.randbytes(size) if device.endswith("random") else bytes(size)


def feed(system: System) -> Generator[Effect, Any, int]:
    """An endless device on its way into somebody's input; it ends with its reader, and takes time meanwhile."""
    while True:
        system.out(sample(system, system.args[0], _CHUNK))
        yield Sleep(0.001)


def read_line(source: Pipe | None) -> Generator[Effect, Any, str | None]:
    """The next line with its end; None at the end of input."""
    if source is not None and (line := source.take_line()):
        return line.decode(errors="replace")
    pieces: list[bytes] = []
    while source is not None:
        data = yield Read(source)
        if not data:
            break
        pieces.append(data)
        if b"\n" in data:
            break
    gathered = b"".join(pieces)
    if source is None or not gathered:
        return None
    line, newline, rest = gathered.partition(b"\n")
    source.put_back(rest)
    return (line + newline).decode(errors="replace")


def room_for(data: bytes) -> int:
    """Bytes that data takes once it is lines: each of them has a price of its own."""
    return len(data) + data.count(b"\n") * _LINE


def read_all(source: Pipe | None, system: System) -> Generator[Effect, Any, bytes]:
    """Everything up to the end of input, kept in the reader's memory."""
    gathered: list[bytes] = []
    while source is not None and (data := (yield Read(source))):
        system.keep(room_for(data))
        gathered.append(data)
    return b"".join(gathered)


# ---- How a command leaves a loop or a function from within


class Break(Exception):
    """`break` (or `continue`) out of so many loops."""

    def __init__(self, levels: int, *, again: bool) -> None:
        super().__init__(levels)
        self.levels = levels
        self.again = again


class Return(Exception):
    """`return` from a function."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


# ---- Redirections: where a command's streams go instead

_SIGPIPE = 141
_LINE = 64
_CONSOLES = ("/dev/stdout", "/dev/stderr", "/proc/1/fd/1", "/proc/1/fd/2")


class RedirectionFault(Exception):
    """A stream cannot go there; the message is the shell's."""


class Redirection:
    """Turns the streams of a shell's commands."""

    def __init__(self, system: System, expander: Expander) -> None:
        self._system = system
        self._expander = expander

    def turned(self, redirects: Sequence[Redirect], streams: Streams) -> Generator[Effect, Any, Streams]:
        """The streams after all redirections, from left to right.

        Raises:
            RedirectionFault: a file cannot be opened or made, or the redirection is not simulated.
        """
        for redirect in redirects:
            if redirect.document is not None:
                word: Word = redirect.document[0] if redirect.document else ()
                streams = replace(streams, stdin=fixed((yield from self._expander.text(word)).encode()))
            else:
                streams = self._turn(redirect, (yield from self._expander.text(redirect.word)), streams)
        return streams

    def _turn(self, redirect: Redirect, target: str, streams: Streams) -> Streams:
        if redirect.descriptor > 2 or (redirect.operator in (">&", "<&") and target not in ("1", "2", "-")):
            raise RedirectionFault("descriptors above 2 are not simulated")
        if redirect.operator == ">&":
            same: dict[str, Sink] = {"1": streams.stdout, "2": streams.stderr, "-": Nowhere()}
            return _with_output(streams, redirect.descriptor, same[target])
        path = posixpath.normpath(posixpath.join(self._system.directory, target))
        try:
            if redirect.operator == "<" and path in ENDLESS:
                pipe = self._system.pipe()
                self._system.spawn(feed, [path], stdout=pipe)
                return replace(streams, stdin=pipe)
            if redirect.operator == "<":
                return replace(streams, stdin=fixed(self._system.files.read(path)))
            return _with_output(streams, redirect.descriptor, self._output(path, append=redirect.operator == ">>"))
        except OSError as error:
            verb, missing = (
                ("open", "no such file") if redirect.operator == "<" else ("create", "nonexistent directory")
            )
            reason = missing if isinstance(error, FileNotFoundError) else words_of(error)
            raise RedirectionFault(f"can't {verb} {target}: {reason}") from error

    def _output(self, path: str, *, append: bool) -> Sink:
        if path in _CONSOLES:
            return self._system.console(path)
        self._system.files.write(path, b"", append=append)
        return FileSink(self._system.files, path)


def _with_output(streams: Streams, descriptor: int, sink: Sink) -> Streams:
    return replace(streams, stdout=sink) if descriptor == 1 else replace(streams, stderr=sink)
