"""Redirections: where a command's streams go instead."""

from __future__ import annotations

import posixpath
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

from k8s_tutor.embedded.images.program import Effect, Sink, System
from k8s_tutor.embedded.images.shell.expansion import Expander
from k8s_tutor.embedded.images.shell.streams import FileSink, Lines, Streams, fixed
from k8s_tutor.embedded.images.shell.syntax import Redirect, Word

__all__ = ["Redirection", "RedirectionFault"]

_CONSOLES = ("/dev/stdout", "/dev/stderr", "/proc/1/fd/1", "/proc/1/fd/2")
_REASONS = {
    "IsADirectoryError": "Is a directory",
    "NotADirectoryError": "Not a directory",
    "ReadOnly": "Read-only file system",
}


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
            same: dict[str, Sink] = {"1": streams.stdout, "2": streams.stderr, "-": Lines()}
            return _with_output(streams, redirect.descriptor, same[target])
        path = posixpath.normpath(posixpath.join(self._system.directory, target))
        try:
            if redirect.operator == "<":
                return replace(streams, stdin=fixed(self._system.files.read(path)))
            return _with_output(streams, redirect.descriptor, self._output(path, append=redirect.operator == ">>"))
        except OSError as error:
            verb, missing = (
                ("open", "no such file") if redirect.operator == "<" else ("create", "nonexistent directory")
            )
            reasons = {**_REASONS, "FileNotFoundError": missing}
            reason = reasons.get(type(error).__name__, "Permission denied")
            raise RedirectionFault(f"can't {verb} {target}: {reason}") from error

    def _output(self, path: str, *, append: bool) -> Sink:
        if path in _CONSOLES:
            return self._system.console(path)
        self._system.files.write(path, b"", append=append)
        return FileSink(self._system.files, path)


def _with_output(streams: Streams, descriptor: int, sink: Sink) -> Streams:
    return replace(streams, stdout=sink) if descriptor == 1 else replace(streams, stderr=sink)
