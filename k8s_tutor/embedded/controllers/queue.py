"""A controller's work queue, with client-go's manners.

A key waits at most once; one that is added while it is being worked on waits until that is done; failures come back
after 5 ms, 10 ms, 20 ms … 1000 s. Work that has to pause leaves the others to other workers, as many as there are.
See pkg.go.dev/k8s.io/client-go/util/workqueue.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeAlias, TypeVar

from k8s_tutor.clock import Clock
from k8s_tutor.embedded.core import Loop, Timer

__all__ = ["FIRST_RETRY", "LAST_RETRY", "RateLimit", "WorkQueue"]

KeyT = TypeVar("KeyT", bound=Hashable)
Work: TypeAlias = Callable[[KeyT, str], Iterator[float]]
"""Works on a key, for a cause; whenever it has to pause, it yields for how many seconds."""

NOTICE = 0.004
"""Seconds from a commit to the controller's look at it: watch, cache, queue."""
PACE = 0.001
"""Seconds between two keys, as one worker takes them one after the other."""
WORKERS = 5
"""How many keys are worked on at a time (--concurrent-replicaset-syncs, …); more than one only where work pauses."""
FIRST_RETRY, LAST_RETRY = 0.005, 1000.0


class WorkQueue(Generic[KeyT]):
    """Keys to look at, each with the cause that brought it here, worked on in order of arrival.

    Args:
        loop: Time.
        work: What is done with a key.
        label: Whose queue it is.
        retries: After how many seconds a failure comes back, the first time and at most.
    """

    def __init__(
        self,
        loop: Loop,
        work: Work[KeyT],
        label: str = "",
        retries: tuple[float, float] = (FIRST_RETRY, LAST_RETRY),
    ) -> None:
        self._first_retry, self._last_retry = retries
        self._loop = loop
        self._work = work
        self._label = label
        self._waiting: dict[KeyT, str] = {}
        self._again: dict[KeyT, str] = {}
        self._failures: dict[KeyT, int] = {}
        self._later: dict[KeyT, Timer] = {}
        self._busy: dict[KeyT, None] = {}
        self._worker: Timer | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, key: KeyT, cause: str) -> None:
        """Lets `key` be worked on soon; the first cause is kept."""
        if key in self._busy:
            self._again.setdefault(key, cause)
            return
        self._waiting.setdefault(key, cause)
        self._wake(NOTICE)

    def add_after(self, key: KeyT, seconds: float, cause: str) -> None:
        """Adds `key` in `seconds`; the earliest of several such requests counts."""
        when = self._loop.now() + seconds
        planned = self._later.get(key)
        if planned is not None:
            if planned.when <= when:
                return
            planned.cancel()

        def due() -> None:
            del self._later[key]
            self.add(key, cause)

        self._later[key] = self._loop.call_at(when, due, f"{self._label} {key}")

    def retry(self, key: KeyT, cause: str) -> float:
        """Adds `key` after a back-off that doubles with each failure; returns its seconds."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        seconds = min(self._first_retry * 2.0 ** min(failures, 64), self._last_retry)
        self.add_after(key, seconds, cause)
        return seconds

    def forget(self, key: KeyT) -> None:
        """The key succeeded: its next failure backs off from the start."""
        self._failures.pop(key, None)

    def _wake(self, seconds: float) -> None:
        if self._worker is None and self._waiting and len(self._busy) < WORKERS:
            self._worker = self._loop.call_later(seconds, self._next, self._label)

    def _next(self) -> None:
        self._worker = None
        key = next(iter(self._waiting))
        self._busy[key] = None
        self._go_on(key, self._work(key, self._waiting.pop(key)))

    def _go_on(self, key: KeyT, work: Iterator[float]) -> None:
        pause: float | None = None  # a failure ends the work, too
        try:
            pause = next(work, None)
        finally:
            if pause is not None:
                self._loop.call_later(pause, lambda: self._go_on(key, work), self._label)
            else:
                del self._busy[key]
                if key in self._again:
                    self._waiting.setdefault(key, self._again.pop(key))
            self._wake(PACE)


# ---- How many requests a component may send: so many a second, and a burst of them at once
#
# As client-go's flowcontrol does it, with what kube-controller-manager sets (--kube-api-qps, --kube-api-burst).


class RateLimit:
    """A bucket of tokens, one for each request; it fills with time.

    Args:
        clock: Virtual time.
        per_second: Tokens that come in a second.
        burst: Tokens it holds.
    """

    def __init__(self, clock: Clock, per_second: float = 20.0, burst: int = 30) -> None:
        self._clock = clock
        self._seconds = 1 / per_second  # until the next token comes
        self._spare = (burst - 1) * self._seconds  # how long before it is full a bucket has a token
        self._full_at = clock.now()

    def take(self) -> float:
        """Takes a token, be it one that is still to come: seconds until the request may be sent, 0 for now.

        Who asks first goes first.
        """
        now = self._clock.now()
        wait = self._full_at - self._spare - now
        self._full_at = max(self._full_at, now) + self._seconds
        return max(wait, 0.0)
