"""Which of a CronJob's times is the one to act on now, and when the next look is due.

Source: pkg/controller/cronjob/utils.go of k8s.io/kubernetes, 1.37.
"""

from __future__ import annotations

from dataclasses import dataclass

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.objects import cron
from k8s_tutor.objects.types import Obj

__all__ = ["Due", "due", "seconds_to_next"]

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
