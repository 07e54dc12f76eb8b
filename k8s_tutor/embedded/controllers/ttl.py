"""TTL after finished: Jobs that are over go by themselves, where they say after how long.

See kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.actions import Delete, Requeue
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, own_key
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["FinishedJobs"]

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
            return Reconciled(analysis=("It is not to be cleaned up.",))
        if when > now:
            return Reconciled([Requeue(when - now)], (f"It goes in {when - now:.0f} s.",))
        return Reconciled([Delete(job, propagation="Foreground")], ("Its time after the end is over: delete it.",))


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
