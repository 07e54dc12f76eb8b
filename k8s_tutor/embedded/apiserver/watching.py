"""Watches: history replayed from a revision, then everything that comes, as one stream of events.

Source: kubernetes.io/docs/reference/using-api/api-concepts (watch, bookmarks, streaming lists), checked against a real
server. A watch that names no timeout lives until its client leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.context import Call
from k8s_tutor.embedded.apiserver.listing import Selection, asked_revision, check_list_options, selection
from k8s_tutor.embedded.apiserver.options import integer
from k8s_tutor.embedded.apiserver.versions import converted_outside, from_storage, storage_kind
from k8s_tutor.embedded.core import Loop, Timer
from k8s_tutor.embedded.store import Change, Compacted, Store
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["WatchFeed", "open_watch"]

BOOKMARK_SECONDS = 60.0
INITIAL_EVENTS_END = "k8s.io/initial-events-end"

Shaper = Callable[[Obj], Obj]


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a watch runs.

    Attributes:
        since: Deliver commits after this revision.
        initial: First deliver the present state as ADDED events.
        mark_initial: Say with a bookmark where the initial events end.
        bookmarks: Say from time to time how far the watch has come.
        timeout: Seconds after which the server ends it, 0 for never.
    """

    since: int
    initial: bool
    mark_initial: bool
    bookmarks: bool
    timeout: float


def open_watch(call: Call, shape: Shaper) -> WatchFeed:
    """The stream a watch request asks for.

    Args:
        call: The request.
        shape: From an object to what the client wants to see (itself, a Table, its metadata).

    Raises:
        StatusError: 400, 422 or 500.
    """
    integer(call.request.param("limit", "0"))
    check_list_options(call, watch=True)
    chosen = selection(call)
    if converted_outside(call.kind):
        _ask_ahead(call, chosen)
    return WatchFeed(call.context.store, call.context.loop, call.kind, chosen, _plan(call), shape)


def _ask_ahead(call: Call, chosen: Selection) -> None:
    """Has a webhook convert what is there: while events are delivered there is no time for that."""
    for obj in call.context.store.list(storage_kind(call.kind).group_resource, chosen.namespace):
        with suppress(StatusError):  # who watches hears of it when the object's turn comes
            from_storage(obj, call.kind)


def _plan(call: Call) -> _Plan:
    request, current = call.request, call.context.store.revision
    asked = asked_revision(call)
    bookmarks = _true(request.param("allowWatchBookmarks"))
    sends = request.param("sendInitialEvents")
    initial = _true(sends) if sends else asked == 0
    since = current if initial or asked == 0 else asked
    return _Plan(since, initial, initial and bookmarks, bookmarks, integer(request.param("timeoutSeconds", "0")))


class WatchFeed:
    """One watch: a `Feed` of `{"type", "object"}` events."""

    def __init__(self, store: Store, loop: Loop, kind: Kind, chosen: Selection, plan: _Plan, shape: Shaper) -> None:
        self._store = store
        self._loop = loop
        self._kind = kind
        self._chosen = chosen
        self._plan = plan
        self._shape = shape
        self._timers: list[Timer] = []
        self._stop: Callable[[], None] | None = None
        self._done: Callable[[], None] | None = None
        self._reached = plan.since
        self._closed = False

    def attach(self, push: Callable[[Obj], None], done: Callable[[], None]) -> None:
        """Delivers what is there already, then each new event as it comes; `done` once, at the end."""
        if self._closed:
            done()
            return
        self._done = done
        resource = storage_kind(self._kind).group_resource
        try:
            changes = self._store.history(min(self._plan.since, self._store.revision), resource)
            if self._plan.initial:
                self._send_initial(push, resource)
        except Compacted as compacted:
            self._fail(push, self._too_old(compacted))
            return
        except StatusError as error:
            self._fail(push, error.status)
            return
        for change in changes:
            self._deliver(push, change)
        self._stop = self._store.subscribe(partial(self._deliver, push), resource)
        if self._plan.timeout:
            self._timers.append(self._loop.call_later(self._plan.timeout, self._end, "watch timeout"))
        if self._plan.bookmarks:
            self._schedule_bookmark(push)

    def close(self) -> None:
        """Stops delivering. Safe to call twice."""
        self._closed = True
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self._stop is not None:
            self._stop()
            self._stop = None

    def _send_initial(self, push: Callable[[Obj], None], resource: str) -> None:
        for obj in self._store.list(resource, self._chosen.namespace, at=self._plan.since):
            seen = from_storage(obj, self._kind, ask=False)
            if self._chosen.covers(seen):
                push({"type": "ADDED", "object": self._shape(seen)})
        if self._plan.mark_initial:
            push(self._bookmark({INITIAL_EVENTS_END: "true"}))

    def _deliver(self, push: Callable[[Obj], None], change: Change) -> None:
        if self._closed or change.revision <= self._reached:
            return
        self._reached = change.revision
        try:
            self._show(push, change)
        except StatusError as error:
            self._fail(push, error.status)

    def _show(self, push: Callable[[Obj], None], change: Change) -> None:
        kind = _as_seen(change, self._chosen, self._kind)
        if kind is None:
            return
        obj = change.obj
        if kind == "DELETED" and change.type != "DELETED":  # it left the selection: as it was, at this revision
            assert change.previous is not None
            previous = change.previous
            obj = {**previous, "metadata": {**previous["metadata"], "resourceVersion": str(change.revision)}}
        push({"type": kind, "object": self._shape(from_storage(obj, self._kind, ask=False))})

    def _schedule_bookmark(self, push: Callable[[Obj], None]) -> None:
        def mark() -> None:
            self._timers[:] = [timer for timer in self._timers if timer.callback is not None]
            self._reached = max(self._reached, self._store.revision)
            push(self._bookmark(None))
            self._schedule_bookmark(push)

        self._timers.append(self._loop.call_later(BOOKMARK_SECONDS, mark, "watch bookmark"))

    def _bookmark(self, annotations: Obj | None) -> Obj:
        metadata: Obj = {"resourceVersion": str(max(self._reached, self._plan.since))}
        if annotations:
            metadata["annotations"] = annotations
        return {
            "type": "BOOKMARK",
            "object": self._shape(
                {"kind": self._kind.kind, "apiVersion": self._kind.api_version, "metadata": metadata}
            ),
        }

    def _too_old(self, compacted: Compacted) -> Obj:
        return errors.expired(f"too old resource version: {self._plan.since} ({compacted.revision})").status

    def _fail(self, push: Callable[[Obj], None], status: Obj) -> None:
        push({"type": "ERROR", "object": status})
        self._end()

    def _end(self) -> None:
        self.close()
        if self._done is not None:
            done, self._done = self._done, None
            done()


def _as_seen(change: Change, chosen: Selection, kind: Kind) -> str | None:
    """The event a watcher with this selection sees, None for nothing."""
    if chosen.everything and not chosen.namespace:
        return change.type
    covered = chosen.covers(from_storage(change.obj, kind, ask=False))
    before = change.previous is not None and chosen.covers(from_storage(change.previous, kind, ask=False))
    if change.type == "DELETED":
        return "DELETED" if before else None
    if covered:
        return "MODIFIED" if before else "ADDED"
    return "DELETED" if before else None


def _true(value: str) -> bool:
    return value != "" and value.lower() not in ("0", "false")
