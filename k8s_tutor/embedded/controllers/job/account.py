"""Who has ended is counted, exactly once: first the uid in the status, then the finalizer off, then the count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from k8s_tutor.clock import rfc3339
from k8s_tutor.embedded.actions import Action, EmitEvent, Patch, UpdateStatus
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.job import policies
from k8s_tutor.embedded.controllers.job.crew import waiting_to_be_replaced
from k8s_tutor.embedded.controllers.job.verdict import condition
from k8s_tutor.embedded.controllers.job.work import Work, is_held, without_finalizer
from k8s_tutor.objects import indexes, metadata
from k8s_tutor.objects.types import Obj

__all__ = ["Account", "Counts"]

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
        places = [place for place, row in enumerate(rows) if row["type"] == new["type"]]
        at = places[0] if places else len(rows)
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
            self._set("completedIndexes", indexes.compact(done))
            if self.work.per_index:
                self.status["failedIndexes"] = indexes.compact(self.work.failed_indexes)
        if self.ending is not None and self.ending["type"] != "Failed":
            self.set_condition(self.ending)

    def _note_pod(self, pod: Obj) -> None:
        uid, known = metadata.uid(pod), self.work.uncounted
        if pods.phase(pod) == "Succeeded" and uid not in known["failed"]:
            if not self.work.indexed and uid not in known["succeeded"]:
                self._uncounted["succeeded"] = [*self._uncounted["succeeded"], uid]
        elif self.work.has_failed(pod) or (self.ending is not None and self.ending["type"] != "SuccessCriteriaMet"):
            valid = not self.work.indexed or self.work.index(pod) is not None
            if uid not in known["failed"] and valid and policies.judge(self.work.spec, pod).counts:
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
