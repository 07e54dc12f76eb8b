"""The pods that a Job makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, Patch, Requeue
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.job_work import (
    FAILURES,
    FINALIZER,
    IGNORED,
    INDEX,
    Work,
    all_failures_of_index,
    failures_of_index,
    is_held,
    judge,
    without_finalizer,
)
from k8s_tutor.embedded.controllers.pods import first_to_go
from k8s_tutor.language import Wording, join_sentences, msg
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.types import Obj

__all__ = ["PodPlan", "delete", "ended_at", "manage", "of_index", "of_job", "pod_of", "waiting_to_be_replaced"]


# ---- When a failed pod is tried again: 10 s after the first failure, then 20 s, 40 s … up to 10 minutes
#
# The real controller remembers failures. This one tells them by the pods that are left, which failed ones are; of those
# that are gone it knows how many by the Job's status, and by when that was written, at the latest when.

FIRST, LONGEST = 10.0, 600.0


def of_job(work: Work) -> float:
    """Seconds until the Job may have new pods; 0 for now."""
    successes = [ended_at(pod) for pod in work.pods if pods.phase(pod) == "Succeeded"]
    since = [when for when in map(ended_at, _failed(work)) if not successes or when > max(successes)]
    count = max(len(since), 0 if work.succeeded else work.failed)
    return _left(count, max(since, default=_last_written(work.job)), work.now) if count else 0.0


def of_index(pod: Obj | None, now: float) -> float:
    """Seconds until an index may have a new pod after its last one, `pod`, failed."""
    return _left(all_failures_of_index(pod) + 1, ended_at(pod), now) if pod is not None else 0.0


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


# ---- The pods that a Job makes

# ---- The pods that a Job makes

_LONGEST_PREFIX = 63 - 5  # of generated names, which end in five random characters
_VARIABLE = "JOB_COMPLETION_INDEX"


def pod_of(work: Work, index: int | None, replaced: Obj | None) -> Obj:
    """A pod for the Job.

    Args:
        work: The Job.
        index: Which of its completions; None where they have no numbers.
        replaced: The failed pod after which it comes, where failures are counted by index.
    """
    template = work.spec["template"]
    meta, spec = template.get("metadata") or {}, template["spec"]
    name = metadata.name(work.job)
    labels, annotations = dict(meta.get("labels") or {}), dict(meta.get("annotations") or {})
    prefix = f"{name}-"
    if index is not None:
        labels[INDEX] = annotations[INDEX] = str(index)
        spec = _with_index(spec) | {"hostname": f"{name}-{index}"}
        ending = f"-{index}-"
        prefix = name[: _LONGEST_PREFIX - len(ending)] + ending
        if work.per_index:
            annotations |= _failures(work, replaced)
    finalizers = list(meta.get("finalizers") or ())
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": prefix,
            "namespace": metadata.namespace(work.job),
            "labels": labels,
            **({"annotations": annotations} if annotations else {}),
            "finalizers": finalizers if FINALIZER in finalizers else [*finalizers, FINALIZER],
            "ownerReferences": [metadata.owner_reference(work.job)],
        },
        "spec": spec,
    }


def _with_index(spec: Obj) -> Obj:
    """The spec, whose containers are told their index, unless they set that variable themselves."""
    source = {"fieldRef": {"fieldPath": f"metadata.labels['{INDEX}']"}}
    variable = {"name": _VARIABLE, "valueFrom": source}

    def tell(container: Obj) -> Obj:
        env = container.get("env") or []
        return container if any(row["name"] == _VARIABLE for row in env) else {**container, "env": [*env, variable]}

    groups = [group for group in ("initContainers", "containers") if group in spec]
    return spec | {group: [tell(one) for one in spec[group]] for group in groups}


def _failures(work: Work, replaced: Obj | None) -> dict[str, str]:
    """How often this index has failed, in annotations that the next of its pods counts on from."""
    counted, ignored = 0, 0
    if replaced is not None:
        counts = judge(work.spec, replaced).counts
        counted = failures_of_index(replaced)
        ignored = all_failures_of_index(replaced) - counted
        counted, ignored = counted + counts, ignored + (not counts)
    return {FAILURES: str(counted)} | ({IGNORED: str(ignored)} if ignored else {})


# ---- How many pods should be at work now: which ones to create, which ones to delete, when to look again

SHORTEST_WAIT = 1.0


@dataclass(frozen=True, slots=True)
class PodPlan:
    """What is to be done about the number of pods.

    Attributes:
        actions: Creations or deletions, never both in one run.
        created: How many pods come.
        deleted: The pods that go.
        analysis: Why, in words.
    """

    actions: Sequence[Action] = ()
    created: int = 0
    deleted: Sequence[Obj] = ()
    analysis: Wording = ""


def manage(work: Work) -> PodPlan:
    """As many active pods as parallelism allows and what is left to do needs."""
    active = len(work.active)
    if work.suspended:
        return _removal(work, active, msg("Suspended: no pod shall run, {active} do.", active=active))
    wanted = _wanted(work)
    gone = _removal(
        work, max(active - wanted, 0), msg("{active} active, {wanted} wanted.", active=active, wanted=wanted)
    )
    if gone.deleted:
        return gone
    missing = min(wanted - active - (len(work.terminating) if work.waits_for_the_end else 0), pods.BURST)
    if missing <= 0:
        return PodPlan(
            analysis=msg("{wanted} active wanted, {active} there: nothing to create.", wanted=wanted, active=active)
        )
    replaced = waiting_to_be_replaced(work)
    indexes, wait = _free_indexes(work, missing, replaced)
    if wait:
        words = msg("{missing} missing after failures: try again in {wait:.0f} s.", missing=missing, wait=wait)
        return PodPlan([Requeue(max(wait, SHORTEST_WAIT))], analysis=words)
    words = msg(
        "{wanted} active wanted, {active} there: create {count}.", wanted=wanted, active=active, count=len(indexes)
    )
    return PodPlan(list(_creations(work, indexes, replaced)), len(indexes), analysis=words)


def _free_indexes(work: Work, missing: int, replaced: dict[int, Obj]) -> tuple[Sequence[int | None], float]:
    """The indexes (None without) that pods can be created for now, and how long to wait where there is none."""
    wait = 0.0 if work.per_index else of_job(work)
    if wait or not work.indexed:
        return [None] * missing, wait
    waits = {index: of_index(replaced.get(index), work.now) for index in _pending(work)[:missing]}
    ready = [index for index, seconds in waits.items() if not seconds]
    return ready, 0.0 if ready else min(waits.values(), default=0.0)


def delete(job: Obj, pod: Obj) -> Delete:
    """A pod of the Job's goes."""
    deleted = EmitEvent(job, "Normal", "SuccessfulDelete", f"Deleted pod: {metadata.name(pod)}")
    return Delete(pod, success=deleted, failure=EmitEvent(job, "Warning", "FailedDelete", "Error deleting: {error}"))


def waiting_to_be_replaced(work: Work) -> dict[int, Obj]:
    """The last failed pod of each index that has no other: its annotations are counted on by its replacement."""
    found: dict[int, Obj] = {}
    if not work.per_index:
        return found
    settled = frozenset([*work.succeeded_indexes, *work.failed_indexes, *_indexes(work, work.active)])
    for pod in work.pods:
        index = work.index(pod)
        if index is None or index in settled or not is_held(pod) or not work.has_failed(pod):
            continue
        if index not in found or _order(found[index]) <= _order(pod):
            found[index] = pod
    return found


def _order(pod: Obj) -> tuple[int, float]:
    return all_failures_of_index(pod), ended_at(pod)


def _wanted(work: Work) -> int:
    parallelism = int(work.spec["parallelism"])
    if work.completions is None:
        return len(work.active) if work.succeeded else parallelism
    return max(min(work.completions - work.succeeded - len(work.failed_indexes), parallelism), 0)


def _removal(work: Work, least: int, words: Wording) -> PodPlan:
    """Pods that go although they have not ended; they are counted nowhere."""
    gone = _superfluous(work) if work.indexed else []
    chosen = frozenset(map(metadata.uid, gone))
    left = [pod for pod in work.active if metadata.uid(pod) not in chosen]
    gone = [*gone, *first_to_go(left, (), work.now)[: max(least - len(gone), 0)]][: pods.BURST]
    actions: list[Action] = []
    for pod in gone:
        if is_held(pod):
            actions.append(Patch(pod, without_finalizer(pod)))
        actions.append(delete(work.job, pod))
    return PodPlan(actions, deleted=gone, analysis=join_sentences(words, msg("Delete {count}.", count=len(gone))))


def _superfluous(work: Work) -> list[Obj]:
    """Active pods with an index that another has, or with none."""
    by_index: dict[int | None, list[Obj]] = {}
    for pod in work.active:
        by_index.setdefault(work.index(pod), []).append(pod)
    gone = []
    for index, same in by_index.items():
        gone += same if index is None else first_to_go(same, (), work.now)[:-1]
    return gone


def _pending(work: Work) -> list[int]:
    """The indexes for which there is still something to do, and nobody at it."""
    taken = [*work.succeeded_indexes, *work.failed_indexes, *_indexes(work, work.active)]
    if work.waits_for_the_end:
        taken += _indexes(work, work.terminating)
    busy = frozenset(taken)
    return [index for index in range(work.completions or 0) if index not in busy]


def _indexes(work: Work, some: Iterable[Obj]) -> list[int]:
    return [index for index in map(work.index, some) if index is not None]


def _creations(work: Work, indexes: Sequence[int | None], replaced: dict[int, Obj]) -> Iterable[Create]:
    """Slow start: one, then two, then four …"""
    created = EmitEvent(work.job, "Normal", "SuccessfulCreate", "Created pod: {name}")
    refused = EmitEvent(work.job, "Warning", "FailedCreate", "Error creating: {error}")
    for number, index in enumerate(indexes):
        pod = pod_of(work, index, None if index is None else replaced.get(index))
        yield Create(pod, created, refused, batch=(number + 1).bit_length())
