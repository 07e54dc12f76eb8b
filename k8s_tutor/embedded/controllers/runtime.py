"""The one loop that runs all controllers: changes become keys, keys become decisions, decisions become requests.

Every run is recorded in its three steps (observed, analysis, steps), which is what a stepper shows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from k8s_tutor.api.status import StatusError
from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, Patch, Requeue, Scale, Update, UpdateStatus
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.controllers.controller import Controller, Patient, Reconciled
from k8s_tutor.embedded.controllers.queue import FIRST_RETRY, LAST_RETRY, WorkQueue
from k8s_tutor.embedded.controllers.ratelimit import RateLimit
from k8s_tutor.embedded.controllers.table import all_controllers
from k8s_tutor.embedded.controllers.trust import Trust
from k8s_tutor.embedded.controllers.view import Measure, OwnerIndex, Read, View
from k8s_tutor.embedded.core import Core, User
from k8s_tutor.embedded.events import EventRecorder
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["Controllers", "Run", "Step", "service_account"]

REMEMBERED_RUNS = 1000
_SHARED = {
    "daemonset-controller": "daemon-set-controller",
    "certificatesigningrequest-signing-controller": "certificate-controller",
    "taint-eviction-controller": "node-controller",
    "persistentvolume-controller": "persistent-volume-binder",
}
"""Controllers that use the account of another or of another name, as in the real controller manager."""
_GUESTS = {"rancher.io/local-path": ("local-path-storage", "local-path-provisioner")}
"""Controllers that run in pods of their own on a real cluster: namespace and program."""
_RETRIES = {"job-controller": (1.0, 60.0)}
"""Controllers that try again later than others: after so many seconds first, and at most."""
_OWN_NAME = ("serviceaccount-token-controller",)
"""Controllers that make the accounts of the others, and so have none."""
_RATES = {"namespace-controller": (400.0, 3000)}
"""Controllers that may send more requests than others, a second and at once, as in the real controller manager."""


@dataclass(frozen=True, slots=True)
class Step:
    """An action and what became of it.

    Attributes:
        action: As decided.
        result: The object as the API server answered it, None where there is none.
        error: The API server's message when it refused; `""` otherwise.
    """

    action: Action
    result: Obj | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One reconcile, in its three steps.

    Attributes:
        number: Counts all runs of a cluster from 1.
        controller: `replicaset-controller`.
        key: The object it was about.
        cause: The change (or timer, or failure) that brought the key into the queue.
        time: Virtual seconds since the Unix epoch.
        revision: The store's revision it observed; reading at this revision shows the same again.
        observed: What it read.
        analysis: Its reasoning, in words.
        steps: What it did, and how the API server answered.
        error: Why the run failed and will come again; `""` when it did not.
    """

    number: int
    controller: str
    key: Key
    cause: str
    time: float
    revision: int
    observed: tuple[Read, ...]
    analysis: tuple[str, ...]
    steps: tuple[Step, ...]
    error: str = ""


def service_account(name: str) -> User:
    """Who a controller is to the API server."""
    if name in _OWN_NAME:
        return User("system:kube-controller-manager", ("system:authenticated",))
    namespace, account = "kube-system", _SHARED.get(name, name)
    if name in _GUESTS:
        namespace, program = _GUESTS[name]
        account = f"{program}-service-account"
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    return User(f"system:serviceaccount:{namespace}:{account}", groups)


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
        _, manager = _GUESTS.get(controller.name, ("", "kube-controller-manager"))
        self._local = Local(core.api, service_account(controller.name), manager)
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
        steps, error = yield from _Application(self._local, self._recorder, self._limit).carry_out(decision)
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


class _Application:
    """Carries out one decision."""

    def __init__(self, local: Local, recorder: EventRecorder, limit: RateLimit) -> None:
        self._local = local
        self._recorder = recorder
        self._limit = limit
        self._written: dict[str, tuple[str, str]] = {}

    def carry_out(self, decision: Reconciled) -> Generator[float, None, tuple[list[Step], str]]:
        """The steps taken, and the first error (`""` for none); pauses where there are too many requests."""
        steps: list[Step] = []
        refused: StatusError | None = None
        batch = 0
        left = deque(decision.actions)
        while left:
            action = left.popleft()
            if refused is not None and not (batch and isinstance(action, Create) and action.batch == batch):
                continue
            if not isinstance(action, EmitEvent | Requeue) and (pause := self._limit.take()):
                yield pause
            try:
                result = self._do(action)
                steps.append(Step(action, result))
                if isinstance(action, Create) and action.then and result is not None:
                    left.extendleft(reversed(action.then(result)))
            except StatusError as error:
                steps.append(Step(action, error=error.what))
                self._say(getattr(action, "failure", None), None, error)
                if refused is None:
                    refused, batch = error, action.batch if isinstance(action, Create) else 0
        if refused is None:
            return steps, decision.failure
        if _namespace_ends(refused):
            return steps, ""  # Nothing can be made there any more: no reason to try again.
        if decision.if_failed is not None:
            steps += (yield from self.carry_out(Reconciled(decision.if_failed(refused))))[0]
        return steps, refused.what

    def _do(self, action: Action) -> Obj | None:
        result: Obj | None = None
        match action:
            case Create(obj):
                result = self._local.create(obj)
            case Update(obj, subresource):
                result = self._remember(obj, self._local.update(self._current(obj), subresource))
            case UpdateStatus(obj):
                result = self._remember(obj, self._local.update_status(self._current(obj)))
            case Patch(obj, patch, subresource):
                result = self._remember(obj, self._local.patch(obj, patch, subresource))
            case Scale(obj, replicas):
                self._local.scale(obj, replicas)
            case Delete(obj):
                if not self._delete(action):
                    return None
                result = obj
            case EmitEvent():
                self._recorder.emit(action)
            case Requeue():
                pass
        self._say(getattr(action, "success", None), result, None)
        return result

    def _delete(self, action: Delete) -> bool:
        try:
            self._local.delete(action.obj, action.grace_seconds, action.propagation)
        except StatusError as error:
            if error.code == 404:
                return False
            raise
        return True

    def _say(self, event: EmitEvent | None, result: Obj | None, error: StatusError | None) -> None:
        if event is None or (error is not None and _namespace_ends(error)):
            return
        message = event.message
        if result is not None:
            message = message.replace("{name}", metadata.name(result))
        if error is not None:
            message = message.replace("{error}", error.what)
        self._recorder.emit(replace(event, message=message))

    def _remember(self, before: Obj, after: Obj) -> Obj:
        self._written[metadata.uid(after)] = (
            before["metadata"].get("resourceVersion", ""),
            after["metadata"]["resourceVersion"],
        )
        return after

    def _current(self, obj: Obj) -> Obj:
        """The object with the version that an earlier action of this run gave it: that change is known."""
        before, after = self._written.get(metadata.uid(obj), ("", ""))
        if not after or obj["metadata"].get("resourceVersion") != before:
            return obj
        return {**obj, "metadata": {**obj["metadata"], "resourceVersion": after}}


def _namespace_ends(error: StatusError) -> bool:
    causes = (error.status.get("details") or {}).get("causes") or ()
    return any(cause.get("reason") == "NamespaceTerminating" for cause in causes)
