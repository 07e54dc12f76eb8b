"""Job: pods until enough of them have succeeded, and no longer than is allowed.

Each pod is counted exactly once, although nothing but the Job's status remembers it: pods carry a finalizer until their
uid stands in `status.uncountedTerminatedPods`, and their uid stands there until the finalizer is gone.
Source of rules and words: pkg/controller/job of k8s.io/kubernetes, 1.37.
See kubernetes.io/docs/concepts/workloads/controllers/job.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.clock import from_rfc3339, rfc3339
from k8s_tutor.embedded.actions import Action, Delete, EmitEvent, Patch, Requeue, UpdateStatus
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.controllers.job_pods import PodPlan, delete, manage, waiting_to_be_replaced
from k8s_tutor.embedded.controllers.job_work import (
    FINALIZER,
    INDEX,
    Work,
    condition,
    deadline,
    done,
    is_finished,
    is_held,
    judge,
    verdict,
    without_finalizer,
)
from k8s_tutor.embedded.controllers.pods import Claim, claim, claimants
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import conditions, cron, metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["JOBS", "Account", "Counts", "FinishedJobs", "JobController", "OrphanedPods"]

# ---- Who has ended is counted, exactly once: first the uid in the status, then the finalizer off, then the count

MOST_UNCOUNTED = 500  # uids in a status at once


@dataclass(frozen=True, slots=True)
class Counts:
    """Pods as they are once this run has created and deleted."""

    active: int
    ready: int
    terminating: int


@dataclass
class Account:
    """The Job's status, as it is brought up to date.

    Attributes:
        work: The Job and its pods.
        counts: Of pods that have not ended.
        ending: The condition that ends the Job, None to go on.
        status: As far as it is written.
        counted: Pods whose finalizers may go.
        complete: Whether all ended pods are in it.
    """

    work: Work
    counts: Counts
    ending: Obj | None
    status: Obj = field(default_factory=dict)
    counted: list[Obj] = field(default_factory=list)
    complete: bool = True

    def __post_init__(self) -> None:
        before = self.work.status
        self.status = {**before, "ready": self.counts.ready, "terminating": self.counts.terminating}
        self._set("active", self.counts.active)
        if "startTime" not in before and not self.work.suspended:
            self.status["startTime"] = rfc3339(self.work.now)
        self._uncounted = self.work.uncounted
        self._count_released(frozenset(metadata.uid(pod) for pod in self.work.pods if is_held(pod)))

    def set_condition(self, new: Obj) -> None:
        """Takes a condition in, in its place."""
        rows = list(self.status.get("conditions") or ())
        indexes = [index for index, row in enumerate(rows) if row["type"] == new["type"]]
        at = indexes[0] if indexes else len(rows)
        self.status["conditions"] = [*rows[:at], new, *rows[at + 1 :]]

    def actions(self) -> Sequence[Action]:
        """The status with what has ended; the finalizers off; the status with the counts, and the end of it all."""
        self._note()
        found = self._flush(self.work.job.get("status") or {})
        found += [Patch(pod, without_finalizer(pod)) for pod in self.counted]
        noted = self.status
        self.status = dict(noted)
        released = frozenset(metadata.uid(pod) for pod in self.counted)
        held = [metadata.uid(pod) for pod in self.work.pods if is_held(pod)]
        self._count_released(frozenset(uid for uid in held if uid not in released))
        last = self._finish()
        return [*found, *self._flush(noted), *last]

    def _flush(self, before: Obj) -> list[Action]:
        self.status["uncountedTerminatedPods"] = {outcome: uids for outcome, uids in self._uncounted.items() if uids}
        return [UpdateStatus({**self.work.job, "status": self.status})] if self.status != before else []

    def _note(self) -> None:
        """Writes down who has ended, and the condition that ends the Job."""
        done = list(self.work.succeeded_indexes)
        awaited = frozenset(map(metadata.uid, waiting_to_be_replaced(self.work).values()))
        for pod in self.work.pods:
            if len(self._uncounted["succeeded"]) + len(self._uncounted["failed"]) >= MOST_UNCOUNTED:
                self.complete = False
                break
            if is_held(pod) and self._may_go(pod, awaited):
                self.counted.append(pod)
                self._note_pod(pod)
        if self.work.indexed:
            self._set("succeeded", len(done))
            self._set("completedIndexes", cron.compact(done))
            if self.work.per_index:
                self.status["failedIndexes"] = cron.compact(self.work.failed_indexes)
        if self.ending is not None and self.ending["type"] != "Failed":
            self.set_condition(self.ending)

    def _note_pod(self, pod: Obj) -> None:
        uid, known = metadata.uid(pod), self.work.uncounted
        if pods.phase(pod) == "Succeeded" and uid not in known["failed"]:
            if not self.work.indexed and uid not in known["succeeded"]:
                self._uncounted["succeeded"] = [*self._uncounted["succeeded"], uid]
        elif self.work.has_failed(pod) or (self.ending is not None and self.ending["type"] != "SuccessCriteriaMet"):
            valid = not self.work.indexed or self.work.index(pod) is not None
            if uid not in known["failed"] and valid and judge(self.work.spec, pod).counts:
                self._uncounted["failed"] = [*self._uncounted["failed"], uid]

    def _may_go(self, pod: Obj, awaited: frozenset[str]) -> bool:
        """Whether the pod is done with: not one whose replacement has yet to learn from it how often it was tried."""
        leaving = metadata.is_deleting(self.work.job) or self.ending is not None
        if leaving or pods.phase(pod) == "Succeeded":
            return True
        return self.work.has_failed(pod) and metadata.uid(pod) not in awaited

    def _count_released(self, held: frozenset[str]) -> None:
        """Uids whose pods have lost their finalizers become numbers."""
        left = {outcome: [uid for uid in uids if uid in held] for outcome, uids in self._uncounted.items()}
        for outcome, uids in self._uncounted.items():
            if gone := len(uids) - len(left[outcome]):
                self._set(outcome, int(self.status.get(outcome, 0)) + gone)
        self._uncounted = left

    def _finish(self) -> Sequence[Action]:
        """The last condition, once every pod is counted and gone."""
        waiting = self.counts.terminating or any(self._uncounted.values()) or not self.complete
        if self.ending is None or waiting:
            return ()
        job, reason, message = self.work.job, self.ending["reason"], self.ending["message"]
        if self.ending["type"] != "SuccessCriteriaMet":
            self.set_condition(condition("Failed", reason, message, self.work.now))
            return [EmitEvent(job, "Warning", reason, message)]
        self.set_condition(condition("Complete", reason, message, self.work.now))
        self.status["completionTime"] = rfc3339(self.work.now)
        said: list[Action] = [EmitEvent(job, "Normal", "Completed", "Job completed")]
        if self.work.completions is not None and self.status.get("succeeded", 0) > self.work.completions:
            words = "Too many succeeded pods running after completion count reached"
            said.insert(0, EmitEvent(job, "Warning", "TooManySucceededPods", words))
        return said

    def _set(self, name: str, value: Any) -> None:
        """A field of the status; nothing is left out, as the API does."""
        if value:
            self.status[name] = value
        else:
            self.status.pop(name, None)


# ---- Job: pods until enough of them have succeeded, and no longer than is allowed

JOBS = "jobs.batch"
OURSELVES = "kubernetes.io/job-controller"
_GATHERING = 1.0
"""Seconds for which changes of pods gather before the Job is looked at."""


class JobController:
    """Creates pods until enough have succeeded, counts each once, and says how it ended."""

    name: ClassVar[str] = "job-controller"
    watches: ClassVar[tuple[str, ...]] = (JOBS, "pods")

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The Job itself; a pod's Job, before and now; for a pod that nobody controls, who might."""
        return own_key(change) if change.resource == JOBS else claimants(change, view, "Job", JOBS)

    def patience(self, change: Change) -> float:
        """A Job that is new, gone or changed in what it asks for is looked at at once."""
        if change.resource != JOBS:
            return _GATHERING
        before, after = ((obj or {}).get("metadata", {}).get("generation") for obj in (change.previous, change.obj))
        return _GATHERING if change.type == "MODIFIED" and before == after else 0.0

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Is it over? If not, as many pods as are wanted; then the status."""
        job = view.get(JOBS, key.namespace, key.name)
        if job is None:
            return NOTHING_TO_DO
        if (other := job["spec"].get("managedBy", OURSELVES)) != OURSELVES:
            return Reconciled(analysis=(msg("It is managed by {other}: left alone.", other=other),))
        if is_finished(job):
            return Reconciled(analysis=(msg("It is finished: nothing to do."),))
        claimed = claim(job, view.list("pods", key.namespace), FINALIZER)
        work = Work(job, _in_order(claimed, indexed=job["spec"].get("completionMode") == "Indexed"), now)
        ending = verdict(work)
        plan = _dismissed(work) if ending is not None else _managed(work)
        account, events = _account(work, ending, plan)
        words = [_summary(work), plan.analysis, *_end(account)]
        actions = [*claimed.patches, *plan.actions, *events, *account.actions()]
        due = deadline(work)
        if account.ending is None and due is not None:
            actions.append(Requeue(max(due - now, 0.0)))

        def failed(_: StatusError) -> Sequence[Action]:
            # Who has ended is counted and let go all the same (`trackJobStatusAndRemoveFinalizers`).
            without, said = _account(work, ending, replace(plan, created=0))
            return [*said, *without.actions()] if plan.created else []

        return Reconciled(actions, [word for word in words if word], failed)


def _in_order(claimed: Claim, *, indexed: bool) -> Sequence[Obj]:
    """By index where there is one; those taken in as they will be, with the finalizer."""
    new = frozenset(metadata.uid(pod) for pod in claimed.adopted)
    found = [_held(pod) if metadata.uid(pod) in new else pod for pod in claimed.kept]
    return sorted(found, key=_position) if indexed else found


def _held(pod: Obj) -> Obj:
    held = [*(pod["metadata"].get("finalizers") or ()), FINALIZER]
    return {**pod, "metadata": {**pod["metadata"], "finalizers": held}}


def _position(pod: Obj) -> int:
    text = metadata.annotations(pod).get(INDEX, "")
    return int(text) if text.isdecimal() else -1


def _managed(work: Work) -> PodPlan:
    if metadata.is_deleting(work.job):
        return PodPlan(analysis=msg("It is being deleted: its pods are left to the garbage collector."))
    return manage(work)


def _dismissed(work: Work) -> PodPlan:
    """It is over: who still works, stops."""
    words = msg("{count} active pods are deleted.", count=len(work.active)) if work.active else ""
    return PodPlan([delete(work.job, pod) for pod in work.active], deleted=work.active, analysis=words)


def _account(work: Work, ending: Obj | None, plan: PodPlan) -> tuple[Account, Sequence[Action]]:
    active = len(work.active) + plan.created - len(plan.deleted)
    ready = sum(map(pods.is_ready, work.active)) - sum(map(pods.is_ready, plan.deleted))
    counts = Counts(active, ready, len(work.terminating) + len(plan.deleted))
    if ending is not None:
        return Account(work, counts, ending), ()
    account = Account(work, counts, done(work, active))
    managed = account.ending is None and not metadata.is_deleting(work.job)
    return account, _suspension(account) if managed else ()


def _suspension(account: Account) -> Sequence[Action]:
    """Says in the status that the Job has been suspended, or goes on again."""
    work = account.work
    said = conditions.status(work.job, "Suspended")
    if work.suspended and said != "True":
        account.set_condition(condition("Suspended", "JobSuspended", "Job suspended", work.now))
        account.status.pop("startTime", None)
        return [EmitEvent(work.job, "Normal", "Suspended", "Job suspended")]
    if not work.suspended and said == "True":
        account.set_condition(condition("Suspended", "JobResumed", "Job resumed", work.now, "False"))
        account.status["startTime"] = rfc3339(work.now)
        return [EmitEvent(work.job, "Normal", "Resumed", "Job resumed")]
    return ()


def _summary(work: Work) -> Wording:
    wanted: Wording = msg("one") if work.completions is None else str(work.completions)
    return msg(
        "{wanted} to succeed: {succeeded} have, {failed} failed, {count} are at it.",
        wanted=wanted,
        succeeded=work.succeeded,
        failed=work.failed,
        count=len(work.active),
    )


def _end(account: Account) -> Sequence[str]:
    ending = account.ending
    return () if ending is None else (f"{ending['message']}: {ending['type']}.",)


# ---- Pods that a Job left behind: nobody will count them any more, so nothing shall hold them

# ---- Pods that a Job left behind: nobody will count them any more, so nothing shall hold them


class OrphanedPods:
    """The Job controller's second queue: takes its finalizer off pods whose Job is gone or finished."""

    name: ClassVar[str] = "job-controller"
    watches: ClassVar[tuple[str, ...]] = ("pods", JOBS)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """A held pod without a Job; all pods of a Job that is gone or finished."""
        if change.resource == JOBS:
            if change.type != "DELETED" and not is_finished(change.obj):
                return ()
            owned = view.dependents(metadata.uid(change.obj))
            return [metadata.key(pod) for resource, pod in owned if resource == "pods" and is_held(pod)]
        if change.type == "DELETED" or not is_held(change.obj):
            return ()
        owner = metadata.controller_of(change.obj)
        leaving = metadata.is_deleting(change.obj)
        return (metadata.key(change.obj),) if owner is None or (owner["kind"] == "Job" and leaving) else ()

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Looks whether the pod is an orphan still, and lets it go."""
        pod = view.get("pods", key.namespace, key.name)
        if pod is None or not is_held(pod):
            return NOTHING_TO_DO
        owner = metadata.controller_of(pod)
        if owner is not None:
            if owner["kind"] != "Job":
                return Reconciled(analysis=(msg("It belongs to a {kind}: left alone.", kind=owner["kind"]),))
            job = view.by_uid(owner["uid"])
            if job is not None and job["spec"].get("managedBy", OURSELVES) != OURSELVES:
                return Reconciled(analysis=(msg("Its Job is managed by somebody else: left alone."),))
            if job is not None and not is_finished(job):
                return Reconciled(analysis=(msg("Its Job will count it."),))
        return Reconciled(
            [Patch(pod, without_finalizer(pod))], (msg("Nobody will count it: nothing holds it any more."),)
        )


# ---- TTL after finished: Jobs that are over go by themselves, where they say after how long
#
# See kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished.

_JOBS = "jobs.batch"


class FinishedJobs:
    """Deletes finished Jobs, and their pods before them, `ttlSecondsAfterFinished` after their end."""

    name: ClassVar[str] = "ttl-after-finished-controller"
    watches: ClassVar[tuple[str, ...]] = (_JOBS,)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """A Job that is over and shall go."""
        return own_key(change) if change.type != "DELETED" and _expires_at(change.obj) is not None else ()

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Deletes the Job when it is time."""
        job = view.get(_JOBS, key.namespace, key.name)
        if job is None:
            return NOTHING_TO_DO
        when = _expires_at(job)
        if when is None:
            return Reconciled(analysis=(msg("It is not to be cleaned up."),))
        if when > now:
            return Reconciled([Requeue(when - now)], (msg("It goes in {seconds:.0f} s.", seconds=when - now),))
        return Reconciled([Delete(job, propagation="Foreground")], (msg("Its time after the end is over: delete it."),))


def _expires_at(job: Obj) -> float | None:
    """When the Job is to be deleted; None for one that is not, or not yet."""
    seconds = job["spec"].get("ttlSecondsAfterFinished")
    if seconds is None or metadata.is_deleting(job):
        return None
    for type_ in ("Complete", "Failed"):
        said = conditions.get(job, type_)
        if said is not None and said["status"] == "True":
            return from_rfc3339(said["lastTransitionTime"]) + float(seconds)
    return None
