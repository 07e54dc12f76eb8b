"""CronJob: Jobs at the times of a schedule.

Source of rules and words: pkg/controller/cronjob of k8s.io/kubernetes, 1.37.
See kubernetes.io/docs/concepts/workloads/controllers/cron-jobs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from k8s_tutor.clock import from_rfc3339, rfc3339
from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, Requeue, UpdateStatus
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.controllers.pods import claimants
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import conditions, cron, metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["CronJobController", "Due", "due", "seconds_to_next"]


# ---- Which of a CronJob's times is the one to act on now, and when the next look is due
#
# Source: pkg/controller/cronjob/utils.go of k8s.io/kubernetes, 1.37.

_DELTA = 0.1  # seconds after the scheduled time, so that it has surely passed
_MANY = 100


@dataclass(frozen=True, slots=True)
class Due:
    """What the schedule says now.

    Attributes:
        time: The latest time that has passed since the last start, seconds since the epoch; None for none.
        since: From when on times count: the last start, or the creation.
        missed: How many have passed, roughly; 0 also where it is just the next one.
        problem: Why the schedule makes no sense.
    """

    time: float | None
    since: float
    missed: int = 0
    problem: str = ""

    @property
    def too_many(self) -> bool:
        """Whether so many times were missed that something is wrong."""
        return self.missed > _MANY


def due(cron_job: Obj, schedule: cron.Schedule, now: float, *, with_deadline: bool = True) -> Due:
    """The latest time at which a Job should have started.

    Args:
        cron_job: The CronJob.
        schedule: Its schedule.
        now: Seconds since the epoch.
        with_deadline: Whether times before its starting deadline are forgotten.
    """
    last = (cron_job.get("status") or {}).get("lastScheduleTime")
    since = from_rfc3339(last or cron_job["metadata"]["creationTimestamp"])
    deadline = cron_job["spec"].get("startingDeadlineSeconds")
    if with_deadline and deadline is not None:
        since = max(since, now - deadline)
    first = schedule.next(since)
    second = None if first is None else schedule.next(first)
    if first is None or second is None:
        return Due(None, since, problem="time difference between two schedules is less than 1 second")
    if now < first:
        return Due(None, since)
    if now < second:
        return Due(first, since)
    between = max(round(second - first), 1)
    missed = int(now - first) // between + 1
    latest: float | None = None
    found = schedule.next(first + (missed - 2) * between)
    while found is not None and found <= now:
        latest, found = found, schedule.next(found)
    return Due(latest, since, missed)


def seconds_to_next(cron_job: Obj, schedule: cron.Schedule, now: float) -> float | None:
    """How long until the next time, and a moment; None when there is none."""
    found = due(cron_job, schedule, now, with_deadline=False)
    start = found.time
    if start is None:
        start = now if found.problem or found.missed else found.since
    when = schedule.next(start)
    return None if when is None else max(when + _DELTA - now, 0.0)


# ---- CronJob: Jobs at the times of a schedule

_CRON_JOBS, _JOBS = "cronjobs.batch", "jobs.batch"
_SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
_MINUTE = 60


class CronJobController:
    """Starts a Job when one is due, notes how earlier ones ended, and clears old ones away."""

    name: ClassVar[str] = "cronjob-controller"
    watches: ClassVar[tuple[str, ...]] = (_CRON_JOBS, _JOBS)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The CronJob itself; a Job's CronJob, before and now."""
        if change.resource == _CRON_JOBS:
            return own_key(change)
        return claimants(change, view, "CronJob", _CRON_JOBS, takes=lambda _owner, _job: False)

    def patience(self, change: Change) -> float:
        """A CronJob with another schedule is looked at when that is due for the first time."""
        before, after = change.previous, change.obj
        if change.resource != _CRON_JOBS or before is None or change.type == "DELETED":
            return 0.0
        if all(before["spec"].get(name) == after["spec"].get(name) for name in ("schedule", "timeZone")):
            return 0.0
        try:
            return seconds_to_next(after, _schedule(after), change.time) or 0.0
        except cron.CronError:
            return 0.0

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Clears away, takes note, and starts what is due."""
        cron_job = view.get(_CRON_JOBS, key.namespace, key.name)
        if cron_job is None:
            return NOTHING_TO_DO
        jobs = [
            job
            for job in view.list(_JOBS, key.namespace)
            if (metadata.controller_of(job) or {}).get("name") == key.name
        ]
        look = _Look(cron_job, jobs, now)
        look.clear_away()
        look.take_note(view)
        if not metadata.is_deleting(cron_job):
            look.start(view)
        return Reconciled(look.decided(), look.words)


@dataclass
class _Look:
    """One look at a CronJob, and what comes of it.

    Attributes:
        cron_job: The CronJob.
        jobs: Its Jobs.
        now: Seconds since the epoch.
        status: Its status, as it shall be.
        actions: What to do before the status is written.
        words: Why.
        last: The Job to create in the end; its uid goes into the status.
        wait: Seconds until the next look.
    """

    cron_job: Obj
    jobs: Sequence[Obj]
    now: float
    status: Obj = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    words: list[Wording] = field(default_factory=list)
    last: Create | None = None
    wait: float | None = None

    def __post_init__(self) -> None:
        self.status = dict(self.cron_job.get("status") or {})

    @property
    def spec(self) -> Obj:
        spec: Obj = self.cron_job["spec"]
        return spec

    @property
    def active(self) -> list[Obj]:
        return list(self.status.get("active") or ())

    def decided(self) -> list[Action]:
        """All of it, in order."""
        found = list(self.actions)
        if self.last is not None:
            found.append(self.last)
        elif self.status != (self.cron_job.get("status") or {}):
            found.append(UpdateStatus({**self.cron_job, "status": self.status}))
        return found if self.wait is None else [*found, Requeue(self.wait)]

    def clear_away(self) -> None:
        """Deletes the oldest finished Jobs beyond the limits."""
        limits = (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit"))
        for type_, limit in limits:
            ended = sorted((job for job in self.jobs if conditions.is_true(job, type_)), key=_age)
            if self.spec.get(limit) is not None:
                for job in ended[: max(len(ended) - self.spec[limit], 0)]:
                    self._delete(job)

    def take_note(self, view: View) -> None:
        """Brings the list of active Jobs up to date."""
        for job in self.jobs:
            self._note(job)
        known = frozenset(metadata.uid(job) for job in self.jobs)
        for row in self.active:
            if row["uid"] not in known and view.get(_JOBS, row["namespace"], row["name"]) is None:
                self._forget(row["uid"])
                self._say("Normal", "MissingJob", f"Active job went missing: {row['name']}")

    def start(self, view: View) -> None:
        """Starts a Job, if one is due and nothing speaks against it."""
        if self.spec.get("suspend"):
            self.words.append(msg("It is suspended: nothing starts."))
            return
        try:
            schedule = _schedule(self.cron_job)
        except cron.CronError as error:
            self._unreadable(str(error))
            return
        found = due(self.cron_job, schedule, self.now)
        if found.problem:
            self._say("Warning", "InvalidSchedule", f"invalid schedule: {self.spec['schedule']} : {found.problem}")
            return
        if found.too_many:
            words = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
            self._say("Warning", "TooManyMissedTimes", words)
        time = self._startable(found)
        if time is not None and not self._started(view, time):
            return
        self.wait = seconds_to_next({**self.cron_job, "status": self.status}, schedule, self.now)
        self.words.append(
            msg("The next time is in {wait:.0f} s.", wait=self.wait)
            if self.wait is not None
            else msg("It is never due.")
        )

    def _startable(self, found: Due) -> float | None:
        """The time at which a Job is due that may start."""
        time = found.time
        if time is None:
            return None
        when, deadline = rfc3339(time), self.spec.get("startingDeadlineSeconds")
        if deadline is not None and time + deadline < self.now:
            words = datetime.fromtimestamp(time, UTC).strftime("%a, %d %b %Y %H:%M:%S %z")
            self._say("Warning", "MissSchedule", f"Missed scheduled time to start a job: {words}")
        elif self._name(time) in [row["name"] for row in self.active] or self.status.get("lastScheduleTime") == when:
            self.words.append(msg("The Job of {when} has been started.", when=when))
        elif self.spec["concurrencyPolicy"] == "Forbid" and self.active:
            words = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self._say("Normal", "JobAlreadyActive", words)
        else:
            return time
        return None

    def _started(self, view: View, time: float) -> bool:
        """Starts the Job of that time; False where somebody else has one of that name."""
        if self.spec["concurrencyPolicy"] == "Replace":
            for row in self.active:
                if (job := view.get(_JOBS, row["namespace"], row["name"])) is not None:
                    self._delete(job)
        name, namespace = self._name(time), metadata.namespace(self.cron_job)
        there = view.get(_JOBS, namespace, name)
        if there is not None:
            if metadata.is_controlled_by(there, self.cron_job):
                self.status = self._with(there, time)
            return metadata.is_controlled_by(there, self.cron_job)
        self.words.append(msg("It is time ({when}): start {name}.", when=rfc3339(time), name=name))
        self.last = Create(
            _job(self.cron_job, name, time),
            EmitEvent(self.cron_job, "Normal", "SuccessfulCreate", "Created job {name}"),
            EmitEvent(self.cron_job, "Warning", "FailedCreate", "Error creating job: {error}"),
            then=lambda job: [UpdateStatus({**self.cron_job, "status": self._with(job, time)})],
        )
        return True

    def _with(self, job: Obj, time: float) -> Obj:
        """The status with a Job that has just started."""
        reference = {
            "apiVersion": job["apiVersion"],
            "kind": job["kind"],
            "name": metadata.name(job),
            "namespace": metadata.namespace(job),
            "resourceVersion": job["metadata"]["resourceVersion"],
            "uid": metadata.uid(job),
        }
        return {**self.status, "active": [*self.active, reference], "lastScheduleTime": rfc3339(time)}

    def _name(self, time: float) -> str:
        return f"{metadata.name(self.cron_job)}-{int(time) // _MINUTE}"

    def _note(self, job: Obj) -> None:
        listed = metadata.uid(job) in [row["uid"] for row in self.active]
        ended = next((word for word in ("Complete", "Failed") if conditions.is_true(job, word)), "")
        if not listed and not ended:
            words = f"Saw a job that the controller did not create or forgot: {metadata.name(job)}"
            self._say("Warning", "UnexpectedJob", words)
        elif listed and ended:
            self._forget(metadata.uid(job))
            self._say("Normal", "SawCompletedJob", f"Saw completed job: {metadata.name(job)}, condition: {ended}")
        elif ended == "Complete":
            times = [job["status"].get("completionTime", ""), self.status.get("lastSuccessfulTime", "")]
            if latest := max(times):
                self.status["lastSuccessfulTime"] = latest

    def _delete(self, job: Obj) -> None:
        self._forget(metadata.uid(job))
        deleted = EmitEvent(self.cron_job, "Normal", "SuccessfulDelete", f"Deleted job {metadata.name(job)}")
        refused = EmitEvent(self.cron_job, "Warning", "FailedDelete", "Deleted job: {error}")
        self.actions.append(Delete(job, propagation="Background", success=deleted, failure=refused))

    def _forget(self, uid: str) -> None:
        left = [row for row in self.active if row["uid"] != uid]
        self.status = {name: value for name, value in self.status.items() if name != "active"}
        if left:
            self.status["active"] = left

    def _unreadable(self, why: str) -> None:
        """Only objects that were stored before somebody took a time zone's data away come here."""
        zone = self.spec.get("timeZone")
        if zone and why.startswith("unknown time zone"):
            self._say("Warning", "UnknownTimeZone", f'invalid timeZone: "{zone}": {why}')
        else:
            self._say("Warning", "UnparseableSchedule", f'unparseable schedule: "{self.spec["schedule"]}" : {why}')

    def _say(self, type_: str, reason: str, message: str) -> None:
        self.words.append(message)
        self.actions.append(EmitEvent(self.cron_job, type_, reason, message))


def _schedule(cron_job: Obj) -> cron.Schedule:
    return cron.parse(cron_job["spec"]["schedule"], cron.zone_of(cron_job["spec"].get("timeZone")))


def _age(job: Obj) -> tuple[bool, float, str]:
    """Oldest first; Jobs that never started come last."""
    started = (job.get("status") or {}).get("startTime")
    return not started, from_rfc3339(started) if started else 0.0, metadata.name(job)


def _job(cron_job: Obj, name: str, time: float) -> Obj:
    """The Job of one time."""
    template = cron_job["spec"]["jobTemplate"]
    meta = template.get("metadata") or {}
    zone = cron.zone_of(cron_job["spec"].get("timeZone"))
    when = datetime.fromtimestamp(time, zone).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": metadata.namespace(cron_job),
            **({"labels": dict(meta["labels"])} if meta.get("labels") else {}),
            "annotations": {**(meta.get("annotations") or {}), _SCHEDULED: when},
            "ownerReferences": [metadata.owner_reference(cron_job)],
        },
        "spec": template["spec"],
    }
