"""Bytes on their way from one process to another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

__all__ = ["Exit", "Pipe"]


# ---- How a program ends itself from deep inside


class Exit(Exception):
    """Ends the program from anywhere inside it, as `exit()` does."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


# ---- Bytes on their way from one process to another

_SIGPIPE = 141
_CAPACITY = 64 << 10  # bytes, as Linux'


class Pipe:
    """One direction. Writing after the reader has gone ends the writer, as SIGPIPE does.

    Attributes:
        full: Whether its writer has to wait for its reader; a single write is taken whole.
        on_room: Called once that is over; set by the writer while it waits.
        on_data: Called when something can be taken; set by the reader while it waits.
    """

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._begin = 0  # of what is left of the first chunk: lines are taken without copying what follows them
        self._ended = False
        self._reader_gone = False
        self._size = 0
        self.on_data: Callable[[], None] | None = None
        self.on_room: Callable[[], None] | None = None

    @property
    def full(self) -> bool:
        """See above."""
        return self._size >= _CAPACITY and not self._reader_gone

    @property
    def size(self) -> int:
        """Bytes that wait for the reader."""
        return self._size

    def write(self, data: bytes) -> None:
        """Takes the next bytes."""
        if self._reader_gone:
            raise Exit(_SIGPIPE)
        if data and not self._ended:
            self._chunks.append(data)
            self._size += len(data)
            self._tell()

    def end(self) -> None:
        """Nothing more will come."""
        self._ended = True
        self._tell()

    def leave(self) -> None:
        """Nobody will read any more."""
        self._reader_gone = True
        self._chunks.clear()
        self._begin = 0
        self._drained(self._size)

    def put_back(self, data: bytes) -> None:
        """Gives back what was taken too much."""
        if not data:
            return
        if self._begin:
            self._chunks[0] = self._chunks[0][self._begin :]
            self._begin = 0
        self._chunks.appendleft(data)
        self._size += len(data)

    def take(self) -> bytes | None:
        """What has come, `b""` at the end, None when nothing has come yet."""
        if self._chunks:
            data = b"".join(self._chunks)[self._begin :]
            self._chunks.clear()
            self._begin = 0
            self._drained(self._size)
            return data
        return b"" if self._ended else None

    def take_line(self) -> bytes:
        """The next line with its end, where it has come whole and in one piece; else `b""`."""
        if not self._chunks:
            return b""
        first = self._chunks[0]
        end = first.find(b"\n", self._begin) + 1
        line = first[self._begin : end]
        if end == len(first):
            self._chunks.popleft()
            self._begin = 0
        elif end:
            self._begin = end
        self._drained(len(line))
        return line

    def _drained(self, size: int) -> None:
        self._size -= size
        if self.on_room is not None and not self.full:
            self.on_room()

    def _tell(self) -> None:
        if self.on_data is not None:
            self.on_data()
