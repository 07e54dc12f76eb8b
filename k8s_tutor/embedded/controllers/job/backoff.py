"""When a failed pod is tried again: 10 s after the first failure, then 20 s, 40 s … up to 10 minutes.

The real controller remembers failures; this one counts them by the pods that are left, which failed ones are.
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
    failures = [ended_at(pod) for pod in work.pods if _failed(work, pod)]
    since = [when for when in failures if not successes or when > max(successes)]
    return _left(len(since), max(since), work.now) if since else 0.0


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


def _failed(work: Work, pod: Obj) -> bool:
    """Whether its failure counts here: one that a suspension took away lost its finalizer first, and does not."""
    if is_held(pod):
        return work.has_failed(pod)
    return pods.phase(pod) == "Failed" and not metadata.is_deleting(pod)


def _left(failures: int, last: float, now: float) -> float:
    return max(min(FIRST * 2.0 ** (failures - 1), LONGEST) - (now - last), 0.0)
