"""How many pods should be at work now: which ones to create, which ones to delete, when to look again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, Patch, Requeue
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.job import backoff, policies
from k8s_tutor.embedded.controllers.job.template import pod_of
from k8s_tutor.embedded.controllers.job.work import Work, is_held, without_finalizer
from k8s_tutor.embedded.controllers.ranking import first_to_go
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["Crew", "delete", "manage", "waiting_to_be_replaced"]

SHORTEST_WAIT = 1.0


@dataclass(frozen=True, slots=True)
class Crew:
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
    analysis: str = ""


def manage(work: Work) -> Crew:
    """As many active pods as parallelism allows and what is left to do needs."""
    active = len(work.active)
    if work.suspended:
        return _removal(work, active, f"Suspended: no pod shall run, {active} do.")
    wanted = _wanted(work)
    gone = _removal(work, max(active - wanted, 0), f"{active} active, {wanted} wanted.")
    if gone.deleted:
        return gone
    missing = min(wanted - active - (len(work.terminating) if work.waits_for_the_end else 0), pods.BURST)
    if missing <= 0:
        return Crew(analysis=f"{wanted} active wanted, {active} there: nothing to create.")
    replaced = waiting_to_be_replaced(work)
    places, wait = _places(work, missing, replaced)
    if wait:
        words = f"{missing} missing after failures: try again in {wait:.0f} s."
        return Crew([Requeue(max(wait, SHORTEST_WAIT))], analysis=words)
    words = f"{wanted} active wanted, {active} there: create {len(places)}."
    return Crew(list(_creations(work, places, replaced)), len(places), analysis=words)


def _places(work: Work, missing: int, replaced: dict[int, Obj]) -> tuple[Sequence[int | None], float]:
    """The indexes (None without) that pods can be created for now, and how long to wait where there is none."""
    wait = 0.0 if work.per_index else backoff.of_job(work)
    if wait or not work.indexed:
        return [None] * missing, wait
    waits = {index: backoff.of_index(replaced.get(index), work.now) for index in _pending(work)[:missing]}
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
    return policies.all_failures_of_index(pod), backoff.ended_at(pod)


def _wanted(work: Work) -> int:
    parallelism = int(work.spec["parallelism"])
    if work.completions is None:
        return len(work.active) if work.succeeded else parallelism
    return max(min(work.completions - work.succeeded - len(work.failed_indexes), parallelism), 0)


def _removal(work: Work, least: int, words: str) -> Crew:
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
    return Crew(actions, deleted=gone, analysis=f"{words} Delete {len(gone)}.")


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
