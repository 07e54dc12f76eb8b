"""Where a command's three streams come from and go to."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from k8s_tutor.embedded.images.files import Files
from k8s_tutor.embedded.images.pipe import Pipe
from k8s_tutor.embedded.images.program import Effect, Read, Sink

__all__ = ["FileSink", "Lines", "Streams", "fixed", "read_all", "read_line"]


class FileSink:
    """Writes into a file; each write adds to its end."""

    def __init__(self, files: Files, path: str) -> None:
        self._files = files
        self._path = path

    def write(self, data: bytes) -> None:
        """Adds bytes."""
        self._files.write(self._path, data, append=True)


class Lines:
    """Collects output in memory."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        """Adds bytes."""
        self.data += data


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


def read_line(source: Pipe | None) -> Generator[Effect, Any, str | None]:
    """The next line with its end; None at the end of input."""
    if source is not None and (line := source.take_line()):
        return line.decode(errors="replace")
    gathered = b""
    while source is not None and b"\n" not in gathered:
        data = yield Read(source)
        if not data:
            break
        gathered += data
    if source is None or not gathered:
        return None
    line, newline, rest = gathered.partition(b"\n")
    source.put_back(rest)
    return (line + newline).decode(errors="replace")


def read_all(source: Pipe | None) -> Generator[Effect, Any, bytes]:
    """Everything up to the end of input."""
    gathered = b""
    while source is not None and (data := (yield Read(source))):
        gathered += data
    return gathered
