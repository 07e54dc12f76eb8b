"""A snapshot that keeps itself current: list, watch, and list again when the watch has lost its place.

The method is that of client-go's informers: a list gives the state and a resourceVersion, a watch from there gives the
changes; 410 Gone, an ERROR event or a broken connection lead back to the list, with growing pauses.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Self

from k8s_tutor.api.protocol import StatusError, WatchClosed
from k8s_tutor.clock import Clock, RealClock
from k8s_tutor.errors import TutorError
from k8s_tutor.observe.cache import Cache
from k8s_tutor.observe.recording import Recording
from k8s_tutor.observe.snapshot import KINDS, Snapshot, list_readable

if TYPE_CHECKING:
    from types import TracebackType

    from k8s_tutor.api.client import Client
    from k8s_tutor.api.protocol import Watch, WatchEvent

__all__ = ["Informer", "Listener"]


# ---- A snapshot that keeps itself current: list, watch, and list again when the watch has lost its place

OnChange = Callable[[Snapshot], None]


@dataclass(frozen=True, slots=True)
class Listener:
    """What is called of a subscriber, in the informer's thread.

    Attributes:
        changed: With a snapshot, after changes.
        rested: When nothing has changed for a moment.
        lost: With the wall time of the last sign of life, when the server has given none for some seconds; with None
            when it is back.
    """

    changed: OnChange
    rested: Callable[[], None] | None = None
    lost: Callable[[float | None], None] | None = None


_LOOK_UP = 0.5  # seconds a watch may be silent before its thread asks whether it should stop
_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # seconds before trying again
_PATIENCE = 2.0  # seconds `stop` gives each thread
_REST = 1.5  # seconds without a change after which things are at rest
_BEAT, _SILENCE = 1.0, 3.5  # seconds between two questions whether the server is there; silence that means it is not
_log = logging.getLogger(__name__)


class Informer:
    """Watches several kinds and tells its subscribers about every change, at most once per `interval`.

    Its watches are passive: they never move the embedded cluster's time. Use it as a context manager, or call `stop`;
    its threads are daemons and end with the process in any case.

    Attributes:
        recording: Every change seen, from the first list on.
        namespace: The namespace watched, `""` for all.
        clock: The cluster's clock.
        missing: Words of kinds that this server does not let us read.
        forbidden: Those of them that we may not read.
    """

    def __init__(
        self,
        client: Client,
        namespace: str = "",
        kinds: Sequence[str] = KINDS,
        on_change: OnChange | None = None,
        *,
        clock: Clock | None = None,
        interval: float = 0.1,
    ) -> None:
        """Prepares; `start` begins.

        Args:
            client: Any cluster's client.
            namespace: What to watch; cluster-scoped kinds are watched whole.
            kinds: Words for kinds.
            on_change: The first subscriber; see `subscribe`.
            clock: The cluster's clock, for the time of snapshots; wall time by default.
            interval: Seconds of real time between two calls of the subscribers; changes in between are joined.
        """
        self.recording = Recording()
        self.namespace = namespace
        self.missing: tuple[str, ...] = ()
        self.forbidden: tuple[str, ...] = ()
        self._client = client
        self._kinds = tuple(kinds)
        self.clock: Clock = clock or RealClock()
        self._cache = Cache(self.clock.now, self.recording)
        self._subscribers: list[Listener] = [Listener(on_change)] if on_change else []
        self._interval = interval
        self._reflectors: list[_Reflector] = []
        self._bell: _Bell | None = None
        self._pulse: _Pulse | None = None

    def start(self) -> Self:
        """Lists every kind now, in the caller's thread, and follows changes from there. Does nothing when started.

        Raises:
            StatusError: the server refused a list.
            ClusterUnavailable: no answer.
        """
        if self._bell is not None:
            return self
        missing: list[str] = []
        forbidden: list[str] = []
        for kind in self._kinds:
            answer = list_readable(self._client, kind, self.namespace, forbidden)
            if answer is None:
                missing.append(kind)
                continue
            self._cache.replace(kind, *answer)
            self._reflectors.append(_Reflector(self._client, kind, self.namespace, self._cache, answer[1]))
        self.missing, self.forbidden = tuple(missing), tuple(forbidden)
        self._bell = _Bell(self._cache, self._ring, self._interval)
        for thread in (self._bell, *self._reflectors):
            thread.start()
        return self

    @property
    def started(self) -> bool:
        """Whether `start` has been called (also after `stop`: an informer serves once)."""
        return self._bell is not None

    def stop(self) -> None:
        """Closes every watch and waits for the threads. Safe to call twice, and from a subscriber."""
        threads = [*self._reflectors, *(one for one in (self._bell, self._pulse) if one is not None)]
        for thread in threads:
            thread.ask_to_stop()
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(_PATIENCE)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def snapshot(self) -> Snapshot:
        """Everything known now."""
        return self._cache.snapshot(self.namespace, self.missing, self.forbidden)

    def subscribe(
        self,
        on_change: OnChange,
        *,
        at_rest: Callable[[], None] | None = None,
        on_loss: Callable[[float | None], None] | None = None,
    ) -> Callable[[], None]:
        """Calls `on_change` with a snapshot after changes, in the informer's thread.

        Args:
            on_change: See `Listener.changed`.
            at_rest: See `Listener.rested`.
            on_loss: See `Listener.lost`. Who wants to know has the server asked every other second.

        Returns:
            A function that ends the subscription.
        """
        listener = Listener(on_change, at_rest, on_loss)
        self._subscribers.append(listener)
        if on_loss is not None and self._pulse is None:
            self._pulse = _Pulse(self._client, self._cache)
            self._pulse.start()

        def unsubscribe() -> None:
            if listener in self._subscribers:
                self._subscribers.remove(listener)

        return unsubscribe

    def sync(self, timeout: float = 5.0) -> bool:
        """Waits until everything the server knows at this moment has arrived here.

        Args:
            timeout: Seconds of real time.

        Returns:
            False when it did not arrive in time.
        """
        clock = RealClock()
        deadline = clock.monotonic() + timeout
        for reflector in self._reflectors:
            listed = list_readable(self._client, reflector.kind, self.namespace)
            with self._cache.changed:
                while listed is not None and not self._cache.has_seen(reflector.kind, *listed):
                    left = deadline - clock.monotonic()
                    if left <= 0:
                        return False
                    clock.wait(self._cache.changed, left)
        return True

    def _ring(self, news: _News) -> None:
        snapshot = self.snapshot() if news is _News.CHANGED else None
        for listener in tuple(self._subscribers):
            try:
                if snapshot is not None:
                    listener.changed(snapshot)
                elif news is _News.RESTED and listener.rested is not None:
                    listener.rested()
                elif news in (_News.LOST, _News.BACK) and listener.lost is not None:
                    listener.lost(self._cache.heard if news is _News.LOST else None)
            except Exception:  # one subscriber's mistake must not blind the others, nor end the thread unseen
                _log.exception("a subscriber of the informer failed")


class _Reflector(threading.Thread):
    """Keeps one kind of the cache current."""

    def __init__(self, client: Client, kind: str, namespace: str, cache: Cache, version: str) -> None:
        super().__init__(name=f"k8s-tutor-informer-{kind}", daemon=True)
        self.kind = kind
        self._client = client
        self._namespace = namespace
        self._cache = cache
        self._version = version
        self._stopping = False
        self._watch: Watch | None = None

    def run(self) -> None:
        failures = 0
        while not self._stopping:
            before = self._version
            try:
                if not self._version:
                    self._relist()
                self._follow()
            except WatchClosed:  # the server ends a watch now and then: go on from where it was
                failures = 0 if self._version != before else failures + 1
            except (TutorError, OSError, ValueError):  # refused, expired, broken off, half an event
                self._version = ""
                failures += 1
            if failures and not self._stopping:
                self._pause(_PAUSES[min(failures, len(_PAUSES)) - 1])

    def ask_to_stop(self) -> None:
        self._stopping = True
        watch = self._watch
        if watch is not None:
            watch.close()
        self._cache.wake()

    def _relist(self) -> None:
        answer = list_readable(self._client, self.kind, self._namespace)
        objects, version = answer or ([], "")
        self._cache.replace(self.kind, objects, version)
        self._version = version

    def _follow(self) -> None:
        with self._client.watch(self.kind, self._namespace, since=self._version, passive=True) as watch:
            self._watch = watch
            while not self._stopping:
                event = watch.next(_LOOK_UP)
                if event is not None:
                    self._take(event)

    def _take(self, event: WatchEvent) -> None:
        if event.type == "ERROR":
            raise StatusError(event.object)
        version = str((event.object.get("metadata") or {}).get("resourceVersion", ""))
        if event.type != "BOOKMARK":
            self._cache.apply(self.kind, event.type, event.object)
        self._version = version or self._version

    def _pause(self, seconds: float) -> None:
        clock = RealClock()
        until = clock.monotonic() + seconds
        with self._cache.changed:
            while not self._stopping and (left := until - clock.monotonic()) > 0:
                clock.wait(self._cache.changed, left)


class _Pulse(threading.Thread):
    """Asks the server again and again whether it is there: a quiet watch and a dead one sound alike."""

    def __init__(self, client: Client, cache: Cache) -> None:
        super().__init__(name="k8s-tutor-informer-pulse", daemon=True)
        self._client = client
        self._cache = cache
        self._stopping = False
        cache.hear(RealClock().now())

    def run(self) -> None:
        clock = RealClock()
        while not self._stopping:
            with contextlib.suppress(TutorError, OSError, ValueError):  # no answer is an answer, too
                self._client.raw("GET", "/version")
                self._cache.hear(clock.now())
            self._pause()

    def ask_to_stop(self) -> None:
        self._stopping = True
        self._cache.wake()

    def _pause(self) -> None:
        clock = RealClock()
        until = clock.monotonic() + _BEAT
        with self._cache.changed:
            while not self._stopping and (left := until - clock.monotonic()) > 0:
                clock.wait(self._cache.changed, left)


class _News(Enum):
    """Why a bell rings."""

    CHANGED = auto()
    RESTED = auto()
    LOST = auto()
    BACK = auto()


class _Bell(threading.Thread):
    """Calls `ring` after the cache has changed, with a pause after each call; changes meanwhile are joined.

    And when nothing has changed for a moment, and when the server has fallen silent or is heard again.
    """

    def __init__(self, cache: Cache, ring: Callable[[_News], None], interval: float) -> None:
        super().__init__(name="k8s-tutor-informer", daemon=True)
        self._cache = cache
        self._ring = ring
        self._interval = interval
        self._known = cache.generation
        self._rested, self._lost = True, False
        self._stopping = False

    def run(self) -> None:
        clock = RealClock()
        latest = clock.monotonic()
        while (news := self._wait(latest)) is not None:
            if news is _News.CHANGED:
                latest = clock.monotonic()
            self._ring(news)

    def ask_to_stop(self) -> None:
        self._stopping = True
        self._cache.wake()

    def _wait(self, latest: float) -> _News | None:
        """What there is to say next; `latest` is when changes were last told, on the monotonic clock."""
        clock = RealClock()
        with self._cache.changed:
            while not self._stopping:
                now, changed = clock.monotonic(), self._cache.generation != self._known
                due: dict[_News, float] = {}
                if changed:
                    due[_News.CHANGED] = latest + self._interval
                elif not self._rested:
                    due[_News.RESTED] = latest + _REST
                if (heard := self._cache.heard_at) is not None:
                    silent = heard + _SILENCE
                    due |= {_News.BACK: now} if self._lost and silent > now else {}
                    due |= {} if self._lost else {_News.LOST: silent}
                news = min(due, key=lambda one: due[one], default=None)
                if news is not None and due[news] <= now:
                    return self._noted(news)
                clock.wait(self._cache.changed, max(due[news] - now, 0.001) if news is not None else None)
        return None

    def _noted(self, news: _News) -> _News:
        if news is _News.CHANGED:
            self._known, self._rested = self._cache.generation, False
        elif news is _News.RESTED:
            self._rested = True
        else:
            self._lost = news is _News.LOST
        return news
