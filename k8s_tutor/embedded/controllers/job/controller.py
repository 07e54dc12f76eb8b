"""Job: pods until enough of them have succeeded, and no longer than is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from k8s_tutor.api.status import StatusError
from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.actions import Action, EmitEvent, Requeue, UpdateStatus
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.claims import Claim, claim, claimants
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, own_key
from k8s_tutor.embedded.controllers.job.account import Account, Counts
from k8s_tutor.embedded.controllers.job.crew import Crew, delete, manage
from k8s_tutor.embedded.controllers.job.verdict import condition, deadline, done, verdict
from k8s_tutor.embedded.controllers.job.work import FINALIZER, INDEX, Work, is_finished
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["JOBS", "JobController"]

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
            return Reconciled(analysis=(f"It is managed by {other}: left alone.",))
        if is_finished(job):
            return Reconciled(analysis=("It is finished: nothing to do.",))
        claimed = claim(job, view.list("pods", key.namespace), FINALIZER)
        work = Work(job, _in_order(claimed, indexed=job["spec"].get("completionMode") == "Indexed"), now)
        ending = verdict(work)
        crew = _dismissed(work) if ending is not None else _managed(work)
        account, events = _account(work, ending, crew)
        words = [_summary(work), crew.analysis, *_end(account)]
        actions = [*claimed.patches, *crew.actions, *events, *account.actions()]
        due = deadline(work)
        if account.ending is None and due is not None:
            actions.append(Requeue(max(due - now, 0.0)))

        def failed(_: StatusError) -> Sequence[Action]:
            there = {"active": len(work.active)} if work.active else {}
            status = {**{name: value for name, value in account.status.items() if name != "active"}, **there}
            return [UpdateStatus({**job, "status": status})] if crew.created and status != job.get("status") else []

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


def _managed(work: Work) -> Crew:
    if metadata.is_deleting(work.job):
        return Crew(analysis="It is being deleted: its pods are left to the garbage collector.")
    return manage(work)


def _dismissed(work: Work) -> Crew:
    """It is over: who still works, stops."""
    words = f"{len(work.active)} active pods are deleted." if work.active else ""
    return Crew([delete(work.job, pod) for pod in work.active], deleted=work.active, analysis=words)


def _account(work: Work, ending: Obj | None, crew: Crew) -> tuple[Account, Sequence[Action]]:
    active = len(work.active) + crew.created - len(crew.deleted)
    ready = sum(map(pods.is_ready, work.active)) - sum(map(pods.is_ready, crew.deleted))
    counts = Counts(active, ready, len(work.terminating) + len(crew.deleted))
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


def _summary(work: Work) -> str:
    wanted = "one" if work.completions is None else str(work.completions)
    return f"{wanted} to succeed: {work.succeeded} have, {work.failed} failed, {len(work.active)} are at it."


def _end(account: Account) -> Sequence[str]:
    ending = account.ending
    return () if ending is None else (f"{ending['message']}: {ending['type']}.",)
