"""How fast the embedded cluster's time moves, and who moves it.

*awaited*: only while somebody waits, event by event: the same run every time (while other programs hold watches, logs
or shells open over HTTP, time flows for them). *realtime*: as the wall clock does, times a speed. *paused*: by `step`
and `run` alone, or as far as an errand needs. Everything that touches the core does so inside `hold()`.
"""

from __future__ import annotations

import logging
import math
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum

from k8s_tutor.clock import RealClock
from k8s_tutor.embedded.core import Loop
from k8s_tutor.embedded.runner.fair_lock import FairLock, hold_back_interrupts
from k8s_tutor.errors import ClusterUnavailable, TimePaused, UsageError
from k8s_tutor.language import msg
from k8s_tutor.objects.reference import nearest

__all__ = ["IDLE", "Pace", "PaceMode", "read_pace"]

_LOG = logging.getLogger(__name__)
_OUTSIDE_SPEED = 10.0  # virtual seconds per real second while outside programs look on in awaited pace
_SLICE = 64  # events run at one go before others get their turn, and Ctrl-C its chance
VARIABLE = "K8S_TUTOR_PACE"
"""Who moves the embedded cluster's time: `realtime`, as without it; `paused`; `awaited`, only while somebody waits."""
IDLE = 180.0
"""Real seconds after which a cluster that nobody asks, waits for or watches falls asleep: its time stands still."""
_IDLE_CALLBACKS = 8000  # or after so many: where much goes on by itself, they are a second of CPU
_NAP = 0.2  # real seconds; a longer wait on a lock cannot be interrupted on Windows


class PaceMode(StrEnum):
    """Who moves time."""

    AWAITED = "awaited"
    REALTIME = "realtime"
    PAUSED = "paused"


def read_pace() -> PaceMode:
    """`K8S_TUTOR_PACE`, else real time.

    Raises:
        UsageError: no such pace.
    """
    word = os.environ.get(VARIABLE, "") or PaceMode.REALTIME
    try:
        return PaceMode(word)
    except ValueError:
        near = nearest(word, list(PaceMode))
        raise UsageError(
            msg('K8S_TUTOR_PACE is "{word}", which is no pace', word=word),
            why=msg("paces are {paces}", paces=", ".join(PaceMode)),
            next_step=msg('did you mean "{near}"?', near=near) if near else msg("unset it for real time"),
        ) from None


class Pace:
    """Moves one loop's time; owns the lock around everything that loop runs.

    A callback may call a server of the real world: it does so inside `released`. Until it is done no other callback
    runs, so that time stands still; requests are answered.

    Attributes:
        patient: Whether callbacks may do so now. Then only threads that can wait run them: the pacer, and who waits.
        stepped: Called after each callback.
    """

    def __init__(self, loop: Loop, mode: PaceMode = PaceMode.REALTIME, speed: float = 1.0) -> None:
        self._loop = loop
        self._lock = FairLock()
        self._wake = self._lock.condition()
        self._mode, self._speed, self._real = mode, speed, RealClock()
        self._thread: threading.Thread | None = None
        self._closed = self._parents = self._stepping = False
        self.patient: Callable[[], bool] = lambda: False
        self.stepped: Callable[[], None] = lambda: None
        self._sleeping_until = -math.inf
        self._outsiders = self._errands = self._waiting = 0
        self._touched, self._looked = self._real.monotonic(), loop.steps
        self._asleep: float | None = None
        self._slept = 0.0
        self._listeners: list[Callable[[], None]] = []
        self._anchor = (self._real.monotonic(), loop.now())
        loop.on_schedule = self._on_schedule
        if self._flow():
            self._start()

    @property
    def mode(self) -> PaceMode:
        """Who moves time now."""
        return self._mode

    @property
    def speed(self) -> float:
        """Virtual seconds per real second in realtime pace."""
        return self._speed

    @property
    def closed(self) -> bool:
        """Whether time stands still for good."""
        return self._closed

    def set(self, mode: PaceMode, speed: float = 1.0) -> None:
        """Changes the pace from now on; time itself does not jump."""
        with self.hold():
            self._mode, self._speed = mode, speed
            self._re_anchor()
            if self._flow():
                self._start()
        for listener in tuple(self._listeners):
            listener()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls `listener` after the pace was changed; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def adopt(self, loop: Loop) -> None:
        """Moves the time of a cluster made anew from now on. With the core held."""
        self._loop.on_schedule = None
        self._loop, self._looked = loop, loop.steps
        loop.on_schedule = self._on_schedule
        self._re_anchor()

    @contextmanager
    def errand(self) -> Iterator[None]:
        """Inside, who waits moves a time that is paused, as in awaited pace."""
        self._errands += 1
        try:
            yield
        finally:
            self._errands -= 1

    def wake(self) -> float:
        """Sees to it that time goes on if it should; returns for how many real seconds it was asleep until then."""
        with self.hold():
            slept, self._slept = self._slept, 0.0
        return slept

    def condition(self) -> threading.Condition:
        """A condition on the core's lock, to tell a waiter that something arrived for it."""
        return self._lock.condition()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """The core is yours inside: no other thread runs in it, and Ctrl-C waits until you are done."""
        if self._parents:
            raise _in_the_parent()
        if self._lock.mine:
            yield
            return
        with hold_back_interrupts(), self._lock:
            self._touch()
            if self._flow() and not self._closed:
                if self.patient():
                    self._look_at_clock()
                else:
                    self._catch_up()
            yield

    def released(self) -> AbstractContextManager[None]:
        """The core is free for others inside: for a call to a server of the real world."""
        return self._lock.open()

    def now(self) -> float:
        """The cluster's time, seconds since the Unix epoch."""
        return max(self._loop.now(), self._target()) if self._flow() else self._loop.now()

    def step(self, events: int = 1) -> int:
        """Runs the next events, moving time to each; returns how many there were."""
        with self.hold():
            return 0 if self._stepping else sum(self._step() for _ in range(events))

    def run(self, seconds: float) -> None:
        """Moves time by `seconds` of the cluster's time, running everything due."""
        self._run_until(lambda: False, self._loop.now() + seconds)

    def let_pass(self, seconds: float) -> None:
        """In awaited pace, moves time a little: something outside took that long."""
        if self._mode is PaceMode.AWAITED and not self._stepping:
            self.run(seconds)

    def wait(
        self, ready: Callable[[], bool], timeout: float, changed: threading.Condition, *, passive: bool = False
    ) -> bool:
        """Waits until `ready()` (called with the core held), at most `timeout` seconds of the cluster's time.

        Args:
            ready: What is waited for.
            timeout: Seconds; real ones where waiting does not move time (passive, in paused or awaited pace).
            changed: From `condition()`; notified whenever `ready` may have become true.
            passive: Only look on: do not move time.

        Raises:
            TimePaused: it is not so, and time is paused: nothing that is waited for can come.
        """
        if self._parents:
            raise _in_the_parent()
        if self._mode is PaceMode.PAUSED and not (passive or self._errands or self._closed):
            return self._is_now(ready, timeout)
        moves_time = self._mode is not PaceMode.REALTIME and not passive
        deadline = self.now() + timeout
        if moves_time and self._outsiders:
            # While another program looks on, time flows for it: whoever ran ahead would not give it a chance to act.
            self._wait_real(lambda: ready() or not self._outsiders, timeout / _OUTSIDE_SPEED, changed)
        if moves_time and not self._outsiders and (math.isfinite(timeout) or self._loop.next_due() is not None):
            return self._run_until(ready, deadline)
        seconds = max(deadline - self.now(), 0.0) / (self._flow() or 1.0)
        return self._wait_real(ready, seconds, changed, passive=passive)

    def _is_now(self, ready: Callable[[], bool], timeout: float) -> bool:
        with self.hold():
            if ready() or timeout <= 0:
                return ready()
        raise TimePaused(
            msg("The cluster's time is paused: nothing goes on in it."),
            why=msg("What is waited for here needs time. What was asked for before has reached the API server."),
            next_step=msg("t.step() lets one thing happen, t.play() lets time go on; then run this cell again."),
        )

    @contextmanager
    def outsider(self) -> Iterator[None]:
        """While inside, another program looks on through a stream: in awaited pace time flows for it."""
        with self.hold():
            self._outsiders += 1
            self._start()
            self._re_anchor()
        try:
            yield
        finally:
            with self.hold():
                self._outsiders -= 1
                self._re_anchor()

    def close(self) -> None:
        """Stops moving time for good. Safe to call twice."""
        with self._lock:
            self._closed = True
            self._loop.on_schedule = None
            self._wake.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    def leave_to_parent(self) -> None:
        """In a forked child: nothing moves this copy, and its lock may be held by a thread that is not here."""
        self._parents = self._closed = True

    # ---- awaited

    def _run_until(self, ready: Callable[[], bool], deadline: float) -> bool:
        while True:
            with self.hold():
                for _ in range(_SLICE):
                    if ready():
                        return True
                    if self._stepping:  # a callback of another thread is out in the world: time waits for it
                        self._real.wait(self._wake, _NAP)
                        break
                    due = self._loop.next_due()
                    if due is None or due > deadline:
                        if math.isfinite(deadline):
                            self._loop.run_until(deadline)
                        return ready()
                    self._step()

    # ---- real time

    def _flow(self) -> float:
        """Virtual seconds per real second that pass by themselves."""
        if self._asleep is not None:
            return 0.0
        if self._mode is PaceMode.REALTIME:
            return self._speed
        return _OUTSIDE_SPEED if self._mode is PaceMode.AWAITED and self._outsiders else 0.0

    def _target(self) -> float:
        real, virtual = self._anchor
        return virtual + (self._real.monotonic() - real) * self._flow()

    def _touch(self) -> None:
        """Somebody is there, with the core held: a cluster that sleeps wakes up, where it was."""
        now = self._touched = self._real.monotonic()
        self._looked = self._loop.steps
        if self._asleep is not None:
            self._slept += now - self._asleep
            self._asleep = None
            self._re_anchor()

    def _fall_asleep(self) -> bool:
        """Whether nobody has asked for a while, nor waits or looks on through a stream; time stands still then."""
        idle = self._real.monotonic() - self._touched >= IDLE or self._loop.steps - self._looked >= _IDLE_CALLBACKS
        if not idle or self._outsiders or self._waiting or self._stepping:
            return False
        self._asleep = self._real.monotonic()
        return True

    def _re_anchor(self) -> None:
        self._anchor = (self._real.monotonic(), self._loop.now())
        self._wake.notify_all()

    def _catch_up(self) -> bool:
        """Runs what is due by now, one slice of it at most; True if nothing is left over."""
        if self._stepping:
            return True
        target = self._target()
        if target < self._loop.now():  # somebody moved time ahead by waiting
            self._re_anchor()
            return True
        for _ in range(_SLICE):
            due = self._loop.next_due()
            if due is None or due > target:
                self._loop.clock.advance_to(target)
                return True
            self._step()
        return False

    def _look_at_clock(self) -> None:
        """Moves time as far as nothing is due: this thread may not be one that can wait for a callback."""
        due = self._loop.next_due()
        if not self._stepping:
            self._loop.clock.advance_to(self._target() if due is None else min(self._target(), due))

    def _step(self) -> bool:
        self._stepping = True
        try:
            return self._loop.step()
        finally:
            self._stepping = False
            self.stepped()
            if self.patient():
                self._wake.notify_all()

    def _start(self) -> None:
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._flow_forever, name="k8s-tutor-pace", daemon=True)
            self._thread.start()

    def _flow_forever(self) -> None:
        while True:
            with self._lock:
                if self._closed:
                    return
                flow = self._flow()
                if not flow:
                    self._sleep(None)
                elif self._stepping:
                    self._sleep(_NAP)
                elif not self._fall_asleep() and self._caught_up():
                    due = self._loop.next_due()
                    self._sleep(None if due is None else (due - self._loop.now()) / flow, due)

    def _caught_up(self) -> bool:
        try:
            return self._catch_up()
        except Exception as error:  # a bug in one callback must not stop time for everybody
            _LOG.error("the embedded cluster met a bug of its own: %r", error)  # no trace for a learner
            _LOG.debug("where", exc_info=True)
            return False

    def _sleep(self, seconds: float | None, until: float | None = None) -> None:
        self._sleeping_until = math.inf if until is None else until
        self._real.wait(self._wake, seconds)
        self._sleeping_until = -math.inf

    def _on_schedule(self) -> None:
        """Something was added to the loop, with the core held: wake the pacer if it is due before it would wake."""
        due = self._loop.next_due()
        if due is not None and due < self._sleeping_until and self._flow():
            self._wake.notify_all()

    def _wait_real(
        self, ready: Callable[[], bool], seconds: float, changed: threading.Condition, *, passive: bool = False
    ) -> bool:
        deadline = self._real.monotonic() + seconds
        with self._lock:
            self._waiting += not passive  # who waits for something keeps the cluster awake
            try:
                while not ready():
                    left = deadline - self._real.monotonic()
                    if left <= 0 or self._closed:
                        return False
                    self._real.wait(changed, min(left, _NAP))
                return True
            finally:
                self._waiting -= not passive


def _in_the_parent() -> ClusterUnavailable:
    return ClusterUnavailable(
        msg("this embedded cluster lives in the process that started this one"),
        why=msg("a forked process has a copy that nothing moves"),
        next_step=msg("reach it from here by its kubeconfig: connect('context:k8s-tutor-embedded'), or kubectl"),
    )
