"""Pods that a Job left behind: nobody will count them any more, so nothing shall hold them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from k8s_tutor.embedded.actions import Patch
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled
from k8s_tutor.embedded.controllers.job.controller import JOBS, OURSELVES
from k8s_tutor.embedded.controllers.job.work import is_finished, is_held, without_finalizer
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key

__all__ = ["OrphanedPods"]


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
                return Reconciled(analysis=(f"It belongs to a {owner['kind']}: left alone.",))
            job = view.by_uid(owner["uid"])
            if job is not None and job["spec"].get("managedBy", OURSELVES) != OURSELVES:
                return Reconciled(analysis=("Its Job is managed by somebody else: left alone.",))
            if job is not None and not is_finished(job):
                return Reconciled(analysis=("Its Job will count it.",))
        return Reconciled([Patch(pod, without_finalizer(pod))], ("Nobody will count it: nothing holds it any more.",))
