"""The API of a server in this very process: no socket, no JSON, one copy at the edge.

What the server hands out shares structure with its store, and what callers hand in stays theirs: both are copied here.
"""

from __future__ import annotations

import codecs
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast

from k8s_tutor.api.protocol import (
    CommandOutput,
    CommandResult,
    Request,
    Response,
    StatusError,
    WatchClosed,
    WatchEvent,
    failure,
    sendable,
    took_too_long,
)
from k8s_tutor.embedded.core import ApiHandler, ServerAnswer, Streaming, Upgrade, User
from k8s_tutor.embedded.nodeservices import ExecSession, Feed
from k8s_tutor.embedded.runner.pace import Pace
from k8s_tutor.errors import ClusterUnavailable
from k8s_tutor.language import msg
from k8s_tutor.objects.nesting import sound_text
from k8s_tutor.objects.types import Json, Obj
from k8s_tutor.version import __version__

__all__ = ["TURNED_BACK", "InProcessAPI", "PacedCore", "Tap", "copy_value"]

TURNED_BACK = "the cluster's time was turned back"
"""Why a stream ends that led into a history which is gone."""

Item = TypeVar("Item")


def copy_value(value: Json) -> Json:
    """A copy of a JSON value that shares no list and no dict with it (its strings it does: they cannot change)."""
    if isinstance(value, dict):
        return {key: copy_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_value(item) for item in value]
    return value


class InProcessAPI:
    """A `KubeAPI` on an embedded API server."""

    def __init__(self, server: ApiHandler, pace: Pace) -> None:
        self._server = server
        self._pace = pace

    def send(self, request: Request) -> Response:
        """One request, answered in the current instant of virtual time."""
        answer = self._ask(request)
        if isinstance(answer, Response):
            return replace(answer, body=copy_value(answer.body))
        return _not_a_stream(answer)

    def watch(self, request: Request, *, passive: bool = False) -> InProcessWatch:
        """A watch whose waiting moves virtual time in awaited pace, unless passive."""
        request = replace(request, query=(*request.query, ("watch", "true")))
        return InProcessWatch(self._inbox(request, passive))

    def follow(self, request: Request, *, passive: bool = False) -> InProcessText:
        """Followed logs."""
        return InProcessText(self._inbox(request, passive))

    def run(self, request: Request, *, stdin: bytes = b"", timeout: float = 60) -> CommandResult:
        """See `KubeAPI.run`."""
        answer = self._ask(request)
        if isinstance(answer, Upgrade):
            return _run_in_process(answer.session, self._pace, stdin, timeout)
        response = answer if isinstance(answer, Response) else _not_a_stream(answer)
        raise StatusError.of(replace(response, body=copy_value(response.body)))

    def _ask(self, request: Request) -> ServerAnswer:
        request = replace(
            request,
            body=sendable(request.body),
            path=sound_text(request.path),
            query=_sound(request.query),
            user_agent=request.user_agent or f"k8s-tutor/{__version__}",  # as it says over a socket
        )
        with self._pace.hold():
            if self._pace.closed:  # its time stands still: waiting on it would be waiting for nothing
                raise ClusterUnavailable(
                    msg("This cluster was closed."),
                    why=msg("An embedded cluster is gone when its session is closed."),
                    next_step=msg("Make a new one: t = connect()."),
                )
            return self._server.handle(request)

    def _inbox(self, request: Request, passive: bool) -> _Inbox[Json]:
        with self._pace.hold():
            answer = self._ask(request)
            if isinstance(answer, Streaming):
                return _Inbox(cast("Feed[Json]", answer.feed), self._pace, passive=passive)
        response = answer if isinstance(answer, Response) else _not_a_stream(answer)
        raise StatusError.of(replace(response, body=copy_value(response.body)))


def _sound(query: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((sound_text(key), sound_text(value)) for key, value in query)


def _not_a_stream(answer: ServerAnswer) -> Response:
    if isinstance(answer, Streaming):  # asked with `send`: a watch or followed log needs its own call
        answer.feed.close()
    return Response(400, failure(400, "BadRequest", "Upgrade request required"))


class _Inbox(Generic[Item]):
    """What a feed has delivered and nobody has read yet."""

    def __init__(self, feed: Feed[Item], pace: Pace, *, passive: bool) -> None:
        self._feed = feed
        self._pace = pace
        self._passive = passive
        self._items: deque[Item] = deque()
        self._changed: threading.Condition = pace.condition()
        self.ended = False
        with pace.hold():
            feed.attach(self._push, self._done)

    def next(self, timeout: float) -> Item | None:
        """The next item; None at the deadline, or when the feed has ended (then `ended` is true)."""
        if not self._items:
            self._pace.wait(self._ready, timeout, self._changed, passive=self._passive)
        return self._items.popleft() if self._items else None

    def close(self) -> None:
        with self._pace.hold():
            self._feed.close()
            self._items.clear()
            self._done()

    def _ready(self) -> bool:
        return bool(self._items) or self.ended

    def _push(self, item: Item) -> None:  # called with the core held
        self._items.append(item)
        self._changed.notify_all()

    def _done(self) -> None:
        self.ended = True
        self._changed.notify_all()


class InProcessWatch:
    """A `Watch` on an embedded API server."""

    def __init__(self, inbox: _Inbox[Obj]) -> None:
        self._inbox = inbox

    def next(self, timeout: float) -> WatchEvent | None:
        """See `Watch.next`."""
        item = self._inbox.next(timeout)
        if item is not None:
            return WatchEvent(item["type"], copy_value(item["object"]))
        if self._inbox.ended:
            raise WatchClosed
        return None

    def close(self) -> None:
        """Ends the watch. Safe to call twice."""
        self._inbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class InProcessText:
    """A `TextStream` on an embedded API server."""

    def __init__(self, inbox: _Inbox[bytes]) -> None:
        self._inbox = inbox
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def next(self, timeout: float) -> str | None:
        """See `TextStream.next`."""
        while (chunk := self._inbox.next(timeout)) is not None:
            if text := self._decoder.decode(chunk):
                return text
        return "" if self._inbox.ended else None

    def close(self) -> None:
        """Ends the stream. Safe to call twice."""
        self._inbox.close()


def _run_in_process(session: ExecSession, pace: Pace, stdin: bytes, timeout: float) -> CommandResult:
    """Runs an opened exec of the embedded cluster to its end; waiting moves virtual time in awaited pace.

    Raises:
        WaitTimeout: it did not end within `timeout` seconds of the cluster's time.
    """
    outcome = CommandOutput()
    changed = pace.condition()

    def done(status: Obj) -> None:
        outcome.status = status
        changed.notify_all()

    with pace.hold():
        session.attach(outcome.stdout.extend, outcome.stderr.extend, done)
        if stdin:
            session.write(stdin)
        session.close_stdin()
    ended = False
    try:
        ended = pace.wait(lambda: outcome.status is not None, timeout, changed)
    finally:
        if not ended:
            with pace.hold():
                session.close()
    if not ended:
        raise took_too_long(timeout)
    return outcome.result()


class Tap(Generic[Item]):
    """A watch or followed log that can be cut, as its cluster is another one now. Implements `Feed`.

    Args:
        feed: What it passes on.
        watch: Whether it is told by an event that it is cut.
    """

    def __init__(self, feed: Feed[Any], *, watch: bool) -> None:
        self._feed = feed
        self._watch = watch
        self._push: Callable[[Any], None] | None = None
        self._done: Callable[[], None] = lambda: None

    def attach(self, push: Callable[[Any], None], done: Callable[[], None]) -> None:
        """See `Feed.attach`."""
        self._push, self._done = push, done
        self._feed.attach(push, done)

    def close(self) -> None:
        """See `Feed.close`."""
        self._push = None
        self._feed.close()

    def cut(self) -> None:
        """Ends it with 410, so that who watches lists anew."""
        self._feed.close()
        push, self._push = self._push, None
        if push is None:
            return
        if self._watch:
            push({"type": "ERROR", "object": failure(410, "Expired", TURNED_BACK)})
        self._done()


# ---- The same API for the HTTP thread

_READ, _WRITE = 0.1, 0.5  # seconds of awaited time that a request from outside takes
_DISCOVERY_DEPTH = 3  # slashes in /apis/GROUP/VERSION; what a client asks there depends on its cache


class PacedCore:
    """The core for the HTTP thread: every touch goes through the pace's lock."""

    def __init__(self, server: ApiHandler, pace: Pace) -> None:
        self._server = server
        self._pace = pace

    def authenticate(self, token: str) -> User | None:
        """See `CoreAccess.authenticate`."""
        with self._pace.hold():
            return self._server.authenticate(token)

    def handle(self, request: Request, user: User, acting_as: User | None = None) -> ServerAnswer:
        """See `CoreAccess.handle`.

        Another program never asks twice in one instant: without a moment passing, one that writes and then reads, or
        polls, would meet a cluster that stands still. The same requests make the same time pass on any machine.
        """
        with self._pace.hold():
            if request.method == "GET":
                if request.path.count("/") > _DISCOVERY_DEPTH:
                    self._pace.let_pass(_READ)
                return self._server.handle(request, user, acting_as)
            answer = self._server.handle(request, user, acting_as)
            self._pace.let_pass(_WRITE)
            return answer

    def now(self) -> float:
        """See `CoreAccess.now`."""
        return self._pace.now()

    def patient(self) -> bool:
        """See `CoreAccess.patient`."""
        with self._pace.hold():
            return self._pace.patient()

    def hold(self) -> AbstractContextManager[None]:
        """See `CoreAccess.hold`."""
        return self._pace.hold()

    def outsider(self) -> AbstractContextManager[None]:
        """See `CoreAccess.outsider`."""
        return self._pace.outsider()
