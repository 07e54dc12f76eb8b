"""A container's log: what it wrote, when, as the kubelet keeps and serves it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.embedded.nodeservices import LogQuery
from k8s_tutor.objects.types import Obj

__all__ = ["Log", "LogFeed", "choose_container", "stamp"]

_KEPT = 10 << 20  # bytes, the kubelet's containerLogMaxSize; what is older has been rotated away
_STAMP = 40  # bytes of time and stream before each line, as in the runtime's file
_LONGEST = 16 << 10  # bytes of a line, which the runtime cuts there; whoever reads it joins it again


@dataclass(slots=True)
class _Line:
    time: float
    text: bytes


def stamp(time: float) -> bytes:
    """`2026-01-01T00:00:00.000000000Z`, as the container runtime writes it."""
    whole = datetime.fromtimestamp(int(time), UTC)
    micros = round((time - int(time)) * 1_000_000)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{micros:06d}000Z ".encode()


@dataclass(slots=True)
class Log:
    """Lines with their times. An unfinished line counts once the writer ends or ends it.

    Attributes:
        ended: Nothing more will come.
    """

    now: Callable[[], float]
    ended: bool = False
    _lines: deque[_Line] = field(default_factory=deque)
    _size: int = 0
    _partial: dict[str, bytes] = field(default_factory=dict)
    _followers: list[Callable[[_Line | None], None]] = field(default_factory=list)
    _listeners: list[Callable[[str, bytes], None]] = field(default_factory=list)

    def sink(self, stream: str) -> LogSink:
        """Where one of the two output streams goes."""
        return LogSink(self, stream)

    def write(self, stream: str, data: bytes) -> None:
        """Takes output."""
        for listener in list(self._listeners):
            listener(stream, data)
        *whole, rest = (self._partial.get(stream, b"") + data).split(b"\n")
        for line in whole:
            self._add(line + b"\n")
        while len(rest) > _LONGEST:
            self._add(rest[:_LONGEST])
            rest = rest[_LONGEST:]
        self._partial[stream] = rest

    def end(self) -> None:
        """The container has ended."""
        for rest in self._partial.values():
            if rest:
                self._add(rest)
        self._partial.clear()
        self.ended = True
        for follower in list(self._followers):
            follower(None)
        self._followers.clear()
        self._listeners.clear()

    def listen(self, listener: Callable[[str, bytes], None]) -> Callable[[], None]:
        """Calls `listener` with the stream and the bytes of all output to come; gives what stops that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def unfinished(self) -> bytes:
        """What has been written since the last newline: on a terminal, the prompt."""
        return self._partial.get("stdout", b"")

    def tail(self, lines: int, limit: int) -> str:
        """The last lines, at most `limit` bytes: what `FallbackToLogsOnError` takes."""
        text = b"".join(line.text for line in list(self._lines)[-lines:])
        return text[-limit:].decode(errors="replace")

    def read(self, query: LogQuery) -> bytes:
        """The log as the query asks for it."""
        return b"".join(_limited(self._chosen(query), query.limit_bytes))

    def _chosen(self, query: LogQuery) -> Iterator[bytes]:
        lines = list(self._lines)
        # `tail` counts before `since` cuts, as in the kubelet: it seeks the last lines of the file first.
        if query.tail is not None:
            lines = lines[-query.tail :] if query.tail > 0 else []
        for line in lines:
            if query.since is None or line.time >= query.since:
                yield _format_line(line, query)

    def _add(self, text: bytes) -> None:
        line = _Line(self.now(), text)
        self._lines.append(line)
        self._size += len(text) + _STAMP
        while self._size > _KEPT and len(self._lines) > 1:
            self._size -= len(self._lines.popleft().text) + _STAMP
        for follower in list(self._followers):
            follower(line)

    def follow(self, follower: Callable[[_Line | None], None]) -> Callable[[], None]:
        """Calls `follower` with each new line, and with None at the end; gives what stops that."""
        self._followers.append(follower)
        return lambda: self._followers.remove(follower) if follower in self._followers else None


def _format_line(line: _Line, query: LogQuery) -> bytes:
    """A line with or without its time."""
    return (stamp(line.time) if query.timestamps else b"") + line.text


def _limited(pieces: Iterator[bytes], limit: int | None) -> Iterator[bytes]:
    left = limit
    for piece in pieces:
        if left is None:
            yield piece
            continue
        if left <= 0:
            return
        yield piece[:left]
        left -= len(piece)


@dataclass(frozen=True, slots=True)
class LogSink:
    """One output stream of a container, going into its log."""

    log: Log
    stream: str

    def write(self, data: bytes) -> None:
        """Takes output."""
        self.log.write(self.stream, data)


class LogFeed:
    """`log?follow=true`: the log as it is, then each new line, until the container ends. Implements `Feed[bytes]`."""

    def __init__(self, log: Log, query: LogQuery) -> None:
        self._log = log
        self._query = query
        self._stop: Callable[[], None] | None = None
        self._closed = False

    def attach(self, push: Callable[[bytes], None], done: Callable[[], None]) -> None:
        """Delivers what is there, then what comes."""
        left = self._query.limit_bytes
        past = self._log.read(self._query)
        if past:
            push(past)
        if left is not None:
            left -= len(past)

        def follower(line: _Line | None) -> None:
            nonlocal left
            if self._closed:
                return
            if line is None:
                done()
                return
            text = _format_line(line, self._query)
            if left is not None:
                text, left = text[:left], left - len(text)
            if text:
                push(text)
            if left is not None and left <= 0:
                self.close()
                done()

        if self._log.ended or (left is not None and left <= 0):
            done()
        else:
            self._stop = self._log.follow(follower)

    def close(self) -> None:
        """Stops delivering."""
        self._closed = True
        if self._stop is not None:
            self._stop()


# ---- Which container's log is meant, read off the pod's status as the kubelet reads it

_FIELDS = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")


def choose_container(pod: Obj, name: str, *, previous: bool) -> str:
    """The id of the container whose log to show.

    Raises:
        StatusError: 400, in the kubelet's words: there is none yet, or no earlier one.
    """
    who = f'container "{name}" in pod "{pod["metadata"]["name"]}"'
    status = _status_of(pod, name)
    if status is None:
        raise _refused(f"{who} is not available")
    last = (status.get("lastState") or {}).get("terminated") or {}
    state = status.get("state") or {}
    if previous:
        if not last.get("containerID"):
            raise _refused(f"previous terminated {who} not found")
        return str(last["containerID"])
    if "running" in state:
        return str(status["containerID"])
    ended = state.get("terminated")
    if ended is not None or last:
        found = (ended or {}).get("containerID") or last.get("containerID")
        if not found:
            raise _refused(f"{who} is terminated")
        return str(found)
    raise _refused(f"{who} is {_waiting(state)}")


def _waiting(state: Obj) -> str:
    if "waiting" not in state:
        return "waiting to start - no logs yet"
    reason = state["waiting"].get("reason", "")
    words = {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"}
    return f"waiting to start: {words.get(reason, reason)}"


def _status_of(pod: Obj, name: str) -> Obj | None:
    for key in _FIELDS:
        for status in pod.get("status", {}).get(key) or []:
            if status["name"] == name:
                found: Obj = status
                return found
    return None


def _refused(words: str) -> StatusError:
    return StatusError(failure(400, "BadRequest", words))
