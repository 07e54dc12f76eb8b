"""When a failed pod is tried again: 10 s after the first failure, then 20 s, 40 s … up to 10 minutes.

The real controller remembers failures. This one tells them by the pods that are left, which failed ones are; of those
that are gone it knows how many by the Job's status, and by when that was written, at the latest when.
"""

from __future__ import annotations

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.job import policies
from k8s_tutor.embedded.controllers.job.work import Work, is_held
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.types import Obj

__all__ = ["ended_at", "of_index", "of_job"]

FIRST, LONGEST = 10.0, 600.0


def of_job(work: Work) -> float:
    """Seconds until the Job may have new pods; 0 for now."""
    successes = [ended_at(pod) for pod in work.pods if pods.phase(pod) == "Succeeded"]
    since = [when for when in map(ended_at, _failed(work)) if not successes or when > max(successes)]
    count = max(len(since), 0 if work.succeeded else work.failed)
    return _left(count, max(since, default=_last_written(work.job)), work.now) if count else 0.0


def of_index(pod: Obj | None, now: float) -> float:
    """Seconds until an index may have a new pod after its last one, `pod`, failed."""
    return _left(policies.all_failures_of_index(pod) + 1, ended_at(pod), now) if pod is not None else 0.0


def ended_at(pod: Obj) -> float:
    """When the pod ended, as well as can be told."""
    rows = (pod.get("status") or {}).get("containerStatuses") or ()
    ends = [((row.get("state") or {}).get("terminated") or {}).get("finishedAt") for row in rows]
    known = [from_rfc3339(end) for end in ends if end]
    if known and len(known) == len(ends):
        return max(known)
    ready = conditions.get(pod, "Ready")
    if ready is not None and ready["status"] == "False" and ready.get("lastTransitionTime"):
        return from_rfc3339(ready["lastTransitionTime"])
    if metadata.is_deleting(pod):
        grace = pod["metadata"].get("deletionGracePeriodSeconds", 0)
        return from_rfc3339(pod["metadata"]["deletionTimestamp"]) - float(grace)
    return from_rfc3339(pod["metadata"]["creationTimestamp"])


def _failed(work: Work) -> list[Obj]:
    """Failed pods. Those that lost their finalizers before they ended may have gone without having failed.

    A suspension takes pods away like that, and they count nowhere: the status tells how many did fail.
    """
    doubtful = [pod for pod in work.pods if metadata.is_deleting(pod) and not is_held(pod)]
    unsaid = [pod for pod in doubtful if pods.phase(pod) != "Succeeded"]
    others = [pod for pod in work.pods if is_held(pod) or not metadata.is_deleting(pod)]
    sure = [pod for pod in others if pods.phase(pod) == "Failed" or work.has_failed(pod)]
    return [*sure, *unsaid[: max(work.failed - len(sure), 0)]]


def _last_written(job: Obj) -> float:
    """When the Job's status was written last."""
    rows = job["metadata"].get("managedFields") or ()
    times = [row["time"] for row in rows if row.get("subresource") == "status" and "time" in row]
    return from_rfc3339(max(times, default=job["metadata"]["creationTimestamp"]))


def _left(failures: int, last: float, now: float) -> float:
    return max(min(FIRST * 2.0 ** (failures - 1), LONGEST) - (now - last), 0.0)
