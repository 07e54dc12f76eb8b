"""The one loop that runs all controllers: changes become keys, keys become decisions, decisions become requests.

Every run is recorded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from k8s_tutor.embedded.actions import Requeue
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.controllers.accounts import program, service_account
from k8s_tutor.embedded.controllers.application import Application
from k8s_tutor.embedded.controllers.controller import Controller, Patient
from k8s_tutor.embedded.controllers.queue import FIRST_RETRY, LAST_RETRY, WorkQueue
from k8s_tutor.embedded.controllers.ratelimit import RateLimit
from k8s_tutor.embedded.controllers.runs import Run
from k8s_tutor.embedded.controllers.table import all_controllers
from k8s_tutor.embedded.controllers.trust import Trust
from k8s_tutor.embedded.controllers.view import Measure, OwnerIndex, View
from k8s_tutor.embedded.core import Core
from k8s_tutor.embedded.events import EventRecorder
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key

__all__ = ["Controllers"]

REMEMBERED_RUNS = 1000
_RETRIES = {"job-controller": (1.0, 60.0)}
"""Controllers that try again later than others: after so many seconds first, and at most."""
_RATES = {"namespace-controller": (400.0, 3000)}
"""Controllers that may send more requests than others, a second and at once, as in the real controller manager."""


class Controllers:
    """All controllers of a cluster.

    Args:
        core: The shared ground.
        controllers: Those to run; None for all that the embedded cluster has.
        trust: What they vouch with for others.
        usage: What pods use, for those who scale by it.

    Attributes:
        runs: The latest runs, oldest first.
    """

    def __init__(
        self,
        core: Core,
        controllers: Sequence[Controller] | None = None,
        *,
        trust: Trust | None = None,
        usage: Measure = lambda pod: {},
    ) -> None:
        self.runs: deque[Run] = deque(maxlen=REMEMBERED_RUNS)
        self._core = core
        self._owned = OwnerIndex(core.store)
        self._usage = usage
        chosen = all_controllers(trust or Trust()) if controllers is None else controllers
        self._workers = [_Worker(self, core, controller) for controller in chosen]
        self._by_resource: dict[str, list[_Worker]] = {}
        self._everywhere = [worker for worker in self._workers if "*" in worker.controller.watches]
        for worker in self._workers:
            for resource in worker.controller.watches:
                self._by_resource.setdefault(resource, []).append(worker)

    def start(self) -> None:
        """Looks at every object there is, then follows every change."""
        self._core.store.subscribe(self._follow)
        store = self._core.store
        for resource in store.resources():
            for obj in store.list(resource):
                self._offer(Change(store.revision, "ADDED", resource, obj, None, self._core.loop.now()))

    def view(self) -> View:
        """A fresh view of the store."""
        return View(self._core.store, self._owned, self._usage)

    def _follow(self, change: Change) -> None:
        self._owned.follow(change)
        self._offer(change)

    def _offer(self, change: Change) -> None:
        workers = [*self._by_resource.get(change.resource, ()), *self._everywhere]
        for worker in workers:
            worker.offer(change)


class _Worker:
    """One controller at work: its queue, its account, its event recorder."""

    def __init__(self, all_: Controllers, core: Core, controller: Controller) -> None:
        self.controller = controller
        self._patient = controller if isinstance(controller, Patient) else None
        self._all = all_
        self._core = core
        self._limit = RateLimit(core.loop.clock, *_RATES.get(controller.name, ()))
        self._local = Local(core.api, service_account(controller.name), program(controller.name))
        self._recorder = EventRecorder(self._local, core.loop.clock, controller.name)
        retries = _RETRIES.get(controller.name, (FIRST_RETRY, LAST_RETRY))
        self._queue: WorkQueue[Key] = WorkQueue(core.loop, self._run, controller.name, retries)

    def offer(self, change: Change) -> None:
        """Queues what a change concerns."""
        keys = self.controller.keys_for(change, self._all.view())
        if not keys:
            return
        cause = f"{metadata.title(change.obj)} {change.type}"
        seconds = self._patient.patience(change) if self._patient else 0.0
        for key in keys:
            if seconds:
                self._queue.add_after(key, seconds, cause)
            else:
                self._queue.add(key, cause)

    def _run(self, key: Key, cause: str) -> Iterator[float]:
        view = self._all.view()
        now = self._core.loop.now()
        revision = self._core.store.revision
        decision = self.controller.reconcile(view, key, now)
        steps, error = yield from Application(self._local, self._recorder, self._limit).carry_out(decision)
        for action in decision.actions:
            if isinstance(action, Requeue):
                self._queue.add_after(key, action.seconds, "a moment it waited for")
        if error:
            self._queue.retry(key, f"try again: {error}")
        else:
            self._queue.forget(key)
        runs = self._all.runs
        runs.append(
            Run(
                number=runs[-1].number + 1 if runs else 1,
                controller=self.controller.name,
                key=key,
                cause=cause,
                time=now,
                revision=revision,
                observed=tuple(view.reads),
                analysis=tuple(decision.analysis),
                steps=tuple(steps),
                error=error,
            )
        )
