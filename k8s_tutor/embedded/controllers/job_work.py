"""A Job and its pods, as one run finds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from k8s_tutor.clock import from_rfc3339, rfc3339
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.objects import conditions, cron, metadata
from k8s_tutor.objects.types import Obj

__all__ = [
    "FAILURES",
    "FINALIZER",
    "IGNORED",
    "INDEX",
    "Verdict",
    "Work",
    "all_failures_of_index",
    "condition",
    "deadline",
    "done",
    "failures_of_index",
    "is_finished",
    "is_held",
    "judge",
    "success",
    "verdict",
    "without_finalizer",
]


# ---- What a Job's policies say: of a failed pod (`podFailurePolicy`), of the indexes done so far (`successPolicy`)

FAILURES = "batch.kubernetes.io/job-index-failure-count"
IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a pod's failure means.

    Attributes:
        action: Of the first rule that matches: `Count`, `Ignore`, `FailIndex`, `FailJob`; `""` where none does.
        message: Why the whole Job fails, for `FailJob`.
    """

    action: str = ""
    message: str = ""

    @property
    def counts(self) -> bool:
        """Whether the failure counts towards the back-off limit."""
        return self.action != "Ignore"


def judge(spec: Obj, pod: Obj) -> Verdict:
    """What the Job's policy says of a failed pod."""
    rules = (spec.get("podFailurePolicy") or {}).get("rules") or ()
    title = f"{metadata.namespace(pod)}/{metadata.name(pod)}"
    for number, rule in enumerate(rules):
        if rule.get("onExitCodes"):
            container = _ended_so(pod, rule["onExitCodes"])
            if container is None:
                continue
            code = container["state"]["terminated"]["exitCode"]
            words = f"Container {container['name']} for pod {title} failed with exit code {code}"
        else:
            condition = _condition(pod, rule.get("onPodConditions") or ())
            if not condition:
                continue
            words = f"Pod {title} has condition {condition}"
        return Verdict(rule["action"], f"{words} matching {rule['action']} rule at index {number}")
    return Verdict()


def success(spec: Obj, succeeded: Sequence[int]) -> str:
    """Why the completed indexes are enough; `""` while they are not."""
    for number, rule in enumerate((spec.get("successPolicy") or {}).get("rules") or () if succeeded else ()):
        enough = rule.get("succeededCount")
        done = len(succeeded)
        if "succeededIndexes" in rule:
            required = cron.expand(rule["succeededIndexes"], spec["completions"])
            if not required:
                continue
            done = len(frozenset(required).intersection(succeeded))
            enough = len(required) if enough is None else min(enough, len(required))
        if enough is not None and done >= enough:
            return f"Matched rules at index {number}"
    return ""


def failures_of_index(pod: Obj) -> int:
    """How many pods of its index failed before this one, as far as they count."""
    return _number(pod, FAILURES)


def all_failures_of_index(pod: Obj) -> int:
    """How many pods of its index failed before this one."""
    return _number(pod, FAILURES) + _number(pod, IGNORED)


def _number(pod: Obj, annotation: str) -> int:
    text = metadata.annotations(pod).get(annotation, "")
    return int(text) if text.isdecimal() else 0


def _ended_so(pod: Obj, wanted: Obj) -> Obj | None:
    """The first container that ended with such a code."""
    status = pod.get("status") or {}
    for row in [*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ())]:
        ended = (row.get("state") or {}).get("terminated")
        if not ended or not ended["exitCode"] or wanted.get("containerName", row["name"]) != row["name"]:
            continue
        if (ended["exitCode"] in wanted["values"]) == (wanted["operator"] == "In"):
            found: Obj = row
            return found
    return None


def _condition(pod: Obj, patterns: Iterable[Obj]) -> str:
    rows = (pod.get("status") or {}).get("conditions") or ()
    wanted = [(row["type"], row.get("status", "True")) for row in patterns]
    return next((str(row["type"]) for row in rows if (row["type"], row["status"]) in wanted), "")


# ---- A Job and its pods, as one run finds them

FINALIZER = "batch.kubernetes.io/job-tracking"
INDEX = "batch.kubernetes.io/job-completion-index"


@dataclass(frozen=True)
class Work:
    """A Job and its pods.

    Attributes:
        job: The Job.
        pods: Those it controls, whatever their state; in the order of their indexes, where they have one.
        now: Seconds since the epoch.
    """

    job: Obj
    pods: Sequence[Obj]
    now: float

    @property
    def spec(self) -> Obj:
        """What is wanted."""
        spec: Obj = self.job["spec"]
        return spec

    @cached_property
    def status(self) -> Obj:
        """What was said last."""
        return self.job.get("status") or {}

    @property
    def completions(self) -> int | None:
        """How many pods shall succeed; None where the first success says that the work is done."""
        return self.spec.get("completions")

    @property
    def indexed(self) -> bool:
        """Whether each completion has a number of its own."""
        return bool(self.spec.get("completionMode") == "Indexed")

    @property
    def per_index(self) -> bool:
        """Whether each index has a back-off limit of its own."""
        return self.spec.get("backoffLimitPerIndex") is not None

    @property
    def suspended(self) -> bool:
        """Whether no pods shall run for now."""
        return bool(self.spec.get("suspend"))

    @property
    def waits_for_the_end(self) -> bool:
        """Whether a pod is replaced only once it has ended, not when its deletion begins."""
        return self.spec.get("podReplacementPolicy") == "Failed" or self.spec.get("podFailurePolicy") is not None

    @cached_property
    def active(self) -> list[Obj]:
        """Pods that count on: neither ended nor being deleted."""
        return [pod for pod in self.pods if pods.is_active(pod)]

    @cached_property
    def terminating(self) -> list[Obj]:
        """Pods that are being deleted and have not ended."""
        return [pod for pod in self.pods if metadata.is_deleting(pod) and not pods.is_terminal(pod)]

    @cached_property
    def uncounted(self) -> dict[str, list[str]]:
        """Uids of ended pods whose finalizers are being removed."""
        rows = self.status.get("uncountedTerminatedPods") or {}
        return {outcome: list(rows.get(outcome) or ()) for outcome in ("succeeded", "failed")}

    @cached_property
    def newly_succeeded(self) -> list[Obj]:
        """Pods that have succeeded and are in no count yet."""
        return [pod for pod in self._uncounted_yet("succeeded") if pods.phase(pod) == "Succeeded"]

    @cached_property
    def newly_failed(self) -> list[Obj]:
        """Pods that have failed and are in no count yet."""
        return [pod for pod in self._uncounted_yet("failed") if self.has_failed(pod)]

    @cached_property
    def succeeded(self) -> int:
        """How many pods have succeeded, the uncounted ones included."""
        if self.indexed:
            return len(self.succeeded_indexes)
        counted = int(self.status.get("succeeded", 0)) + len(self.uncounted["succeeded"])
        return counted + len(self.newly_succeeded)

    @cached_property
    def failed(self) -> int:
        """How many pods have failed, the uncounted ones included, without those that a policy ignores."""
        counted = int(self.status.get("failed", 0)) + len(self.uncounted["failed"])
        return counted + sum(judge(self.spec, pod).counts for pod in self.newly_failed)

    @cached_property
    def counted_indexes(self) -> list[int]:
        """The indexes that the status names as completed."""
        return cron.expand(self.status.get("completedIndexes", ""), self.completions or 0)

    @cached_property
    def succeeded_indexes(self) -> list[int]:
        """The indexes that are completed."""
        new = [self.index(pod) for pod in self.pods if pods.phase(pod) == "Succeeded" and is_held(pod)]
        return sorted(dict.fromkeys([*self.counted_indexes, *(index for index in new if index is not None)]))

    @cached_property
    def failed_indexes(self) -> list[int]:
        """The indexes that have failed for good; none where they have no limits of their own."""
        if not self.per_index:
            return []
        before = cron.expand(self.status.get("failedIndexes", ""), self.completions or 0)
        new = [self.index(pod) for pod in self.pods if is_held(pod) and self._fails_its_index(pod)]
        return sorted(dict.fromkeys([*before, *(index for index in new if index is not None)]))

    def index(self, pod: Obj) -> int | None:
        """The pod's completion index; None for one that has none, or one beyond the last."""
        text = metadata.annotations(pod).get(INDEX, "")
        return int(text) if text.isdecimal() and int(text) < (self.completions or 0) else None

    def has_failed(self, pod: Obj) -> bool:
        """Whether the pod counts as failed: a deleted one may never get to say so itself."""
        phase = pods.phase(pod)
        if phase == "Failed" or self.waits_for_the_end:
            return phase == "Failed"
        return metadata.is_deleting(pod) and phase != "Succeeded"

    def _uncounted_yet(self, outcome: str) -> Iterable[Obj]:
        known = self.uncounted[outcome]
        held = (pod for pod in self.pods if is_held(pod) and metadata.uid(pod) not in known)
        return (pod for pod in held if not self.indexed or self.index(pod) is not None)

    def _fails_its_index(self, pod: Obj) -> bool:
        if not self.has_failed(pod):
            return False
        verdict = judge(self.spec, pod)
        tried = failures_of_index(pod)
        return verdict.action == "FailIndex" or (verdict.counts and tried >= self.spec["backoffLimitPerIndex"])


def is_finished(job: Obj) -> bool:
    """Whether all is over, well or not."""
    return conditions.is_true(job, "Complete") or conditions.is_true(job, "Failed")


def is_held(pod: Obj) -> bool:
    """Whether the pod's end is still to be counted."""
    return FINALIZER in (pod["metadata"].get("finalizers") or ())


def without_finalizer(pod: Obj) -> Obj:
    """The patch that lets a counted pod go."""
    left = [name for name in pod["metadata"]["finalizers"] if name != FINALIZER]
    return {"metadata": {"finalizers": left or None}}


# ---- Is it over? The condition that says so: enough successes, too many failures, too late.


_LIMIT = "Job has reached the specified backoff limit"
_LATE = "Job was active longer than specified deadline"
_TOO_MANY = "Job has exceeded the specified maximal number of failed indexes"


def condition(type_: str, reason: str, message: str, now: float, status: str = "True") -> Obj:
    """A condition as the Job controller writes them, with the time of the look, too."""
    when = rfc3339(now)
    times = {"lastProbeTime": when, "lastTransitionTime": when}
    return {"type": type_, "status": status, **times, "reason": reason, "message": message}


def verdict(work: Work) -> Obj | None:
    """The condition that ends the Job, before its pods are gone: SuccessCriteriaMet, FailureTarget; None to go on.

    A Job that was to fail when it was last looked at is `Failed` now.
    """
    said = conditions.get(work.job, "SuccessCriteriaMet")
    if said is not None and said["status"] == "True":
        return said
    said = conditions.get(work.job, "FailureTarget")
    if said is not None and said["status"] == "True":
        return condition("Failed", said["reason"], said["message"], work.now)
    if failure := _failure(work):
        return condition("FailureTarget", *failure, work.now)
    if work.indexed and (why := success(work.spec, work.succeeded_indexes)):
        return condition("SuccessCriteriaMet", "SuccessPolicy", why, work.now)
    return None


def done(work: Work, active: int) -> Obj | None:
    """The condition of a Job that has all its successes, with `active` pods left."""
    wanted = work.completions
    enough = work.succeeded > 0 if wanted is None else work.succeeded >= wanted
    if not enough or active:
        return None
    words = "Reached expected number of succeeded pods"
    return condition("SuccessCriteriaMet", "CompletionsReached", words, work.now)


def deadline(work: Work) -> float | None:
    """When the Job will have been active for too long; None for never."""
    seconds, started = work.spec.get("activeDeadlineSeconds"), work.status.get("startTime")
    if seconds is None or work.suspended:
        return None
    return float((from_rfc3339(started) if started else work.now) + seconds)


def _failure(work: Work) -> tuple[str, str] | None:
    """Reason and message."""
    for pod in work.pods if work.spec.get("podFailurePolicy") else ():
        if work.has_failed(pod) and (found := judge(work.spec, pod)).action == "FailJob":
            return "PodFailurePolicy", found.message
    limit = work.spec["backoffLimit"]
    if work.failed > limit or _restarts(work) >= max(limit, 1):
        return "BackoffLimitExceeded", _LIMIT
    due = deadline(work)
    if due is not None and work.status.get("startTime") and work.now >= due:
        return "DeadlineExceeded", _LATE
    failed, most = len(work.failed_indexes), work.spec.get("maxFailedIndexes")
    if most is not None and failed > most:
        return "MaxFailedIndexesExceeded", _TOO_MANY
    if failed and failed + len(work.succeeded_indexes) >= (work.completions or 0):
        return "FailedIndexes", "Job has failed indexes"
    return None


def _restarts(work: Work) -> int:
    """How often containers were started again in pods that do so themselves."""
    if work.spec["template"]["spec"].get("restartPolicy") != "OnFailure":
        return 0
    running = [pod["status"] for pod in work.pods if pods.phase(pod) in ("Running", "Pending")]
    kinds = ("initContainerStatuses", "containerStatuses")
    return sum(row.get("restartCount", 0) for status in running for kind in kinds for row in status.get(kind) or ())
