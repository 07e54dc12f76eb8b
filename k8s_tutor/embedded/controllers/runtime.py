"""The one loop that runs all controllers: changes become keys, keys become decisions, decisions become requests.

Every run is recorded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, Patch, Requeue, Scale, Update, UpdateStatus
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.controllers.access import CertificateSigner, ClusterRoleAggregationController
from k8s_tutor.embedded.controllers.autoscaler import AutoscalerController
from k8s_tutor.embedded.controllers.controller import (
    ActionResult,
    Controller,
    Measure,
    OwnerIndex,
    Patient,
    Reconciled,
    Run,
    View,
    program,
    service_account,
)
from k8s_tutor.embedded.controllers.cronjob import CronJobController
from k8s_tutor.embedded.controllers.daemonset import DaemonSetController
from k8s_tutor.embedded.controllers.deployment import DeploymentController
from k8s_tutor.embedded.controllers.disruption import DisruptionController
from k8s_tutor.embedded.controllers.endpoints import EndpointsController, EndpointSliceController
from k8s_tutor.embedded.controllers.garbage import GarbageCollector, PodGarbageCollector
from k8s_tutor.embedded.controllers.job_controller import FinishedJobs, JobController, OrphanedPods
from k8s_tutor.embedded.controllers.loadbalancer import LoadBalancerController
from k8s_tutor.embedded.controllers.namespace import NamespaceController, ResourceQuotaController
from k8s_tutor.embedded.controllers.nodelifecycle import NodeLifecycleController, TaintEvictionController
from k8s_tutor.embedded.controllers.queue import FIRST_RETRY, LAST_RETRY, RateLimit, WorkQueue
from k8s_tutor.embedded.controllers.replicaset import ReplicaSetController, ReplicationManager
from k8s_tutor.embedded.controllers.serviceaccounts import (
    AccountTokensController,
    RootCAPublisher,
    ServiceAccountController,
    Signing,
)
from k8s_tutor.embedded.controllers.statefulset import StatefulSetController
from k8s_tutor.embedded.controllers.volume_binder import PersistentVolumeController
from k8s_tutor.embedded.controllers.volume_protection import ClaimProtection, VolumeProtection
from k8s_tutor.embedded.controllers.volume_provisioner import EphemeralVolumeController, LocalPathProvisioner
from k8s_tutor.embedded.core import Core
from k8s_tutor.embedded.events import EventRecorder
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["Application", "Controllers", "all_controllers"]


# ---- Decisions become requests: one action after the other, as far as the API server takes them


class Application:
    """Carries out one decision.

    Args:
        local: Sends its requests.
        recorder: Says what came of them.
        limit: How many requests there may be.
    """

    def __init__(self, local: Local, recorder: EventRecorder, limit: RateLimit) -> None:
        self._local = local
        self._recorder = recorder
        self._limit = limit
        self._written: dict[str, tuple[str, str]] = {}

    def carry_out(self, decision: Reconciled) -> Generator[float, None, tuple[list[ActionResult], str]]:
        """The steps taken, and the first error (`""` for none); pauses where there are too many requests."""
        steps: list[ActionResult] = []
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
                steps.append(ActionResult(action, result))
                if isinstance(action, Create) and action.then and result is not None:
                    left.extendleft(reversed(action.then(result)))
            except StatusError as error:
                steps.append(ActionResult(action, error=error.what))
                self._say(getattr(action, "failure", None), None, error)
                if _namespace_ends(error):
                    continue  # Nothing can be made there any more: what else there is to do is done all the same.
                if refused is None:
                    refused, batch = error, action.batch if isinstance(action, Create) else 0
        if refused is None:
            return steps, decision.failure
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
        # Who owns what has changed with it: what is left out stays as the server has it.
        kept = {field: value for field, value in obj["metadata"].items() if field != "managedFields"}
        return {**obj, "metadata": {**kept, "resourceVersion": after}}


def _namespace_ends(error: StatusError) -> bool:
    causes = (error.status.get("details") or {}).get("causes") or ()
    return any(cause.get("reason") == "NamespaceTerminating" for cause in causes)


# ---- The one loop that runs all controllers: changes become keys, keys become decisions, decisions become requests

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
        signing: What they vouch with for others.
        usage: What pods use, for those who scale by it.

    Attributes:
        runs: The latest runs, oldest first.
    """

    def __init__(
        self,
        core: Core,
        controllers: Sequence[Controller] | None = None,
        *,
        signing: Signing | None = None,
        usage: Measure = lambda pod: {},
    ) -> None:
        self.runs: deque[Run] = deque(maxlen=REMEMBERED_RUNS)
        self._core = core
        self._owned = OwnerIndex(core.store)
        self._usage = usage
        chosen = all_controllers(signing or Signing()) if controllers is None else controllers
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


# ---- Every controller, in the order in which they hear of a change


def all_controllers(signing: Signing) -> Sequence[Controller]:
    """One of each. To add a controller is to add a line."""
    return (
        DeploymentController(),
        ReplicaSetController(),
        ReplicationManager(),
        StatefulSetController(),
        DaemonSetController(),
        JobController(),
        OrphanedPods(),
        FinishedJobs(),
        CronJobController(),
        AutoscalerController(),
        EndpointSliceController(),
        EndpointsController(),
        ServiceAccountController(),
        RootCAPublisher(signing.certificate),
        AccountTokensController(signing),
        CertificateSigner(signing),
        ClusterRoleAggregationController(),
        NamespaceController(),
        NodeLifecycleController(),
        TaintEvictionController(),
        PodGarbageCollector(),
        LoadBalancerController(),
        ResourceQuotaController(),
        DisruptionController(),
        PersistentVolumeController(),
        EphemeralVolumeController(),
        LocalPathProvisioner(),
        ClaimProtection(),
        VolumeProtection(),
        GarbageCollector(),
    )
