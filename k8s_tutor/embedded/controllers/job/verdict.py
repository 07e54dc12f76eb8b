"""Is it over? The condition that says so: enough successes, too many failures, too late."""

from __future__ import annotations

from k8s_tutor.clock import from_rfc3339, rfc3339
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.job.work import Work, judge, success
from k8s_tutor.objects import conditions
from k8s_tutor.objects.types import Obj

__all__ = ["condition", "deadline", "done", "verdict"]

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
