"""The arithmetic of a rollout: how many pods each version may have, from maxSurge and maxUnavailable.

Everything here is numbers in, numbers out. See kubernetes.io/docs/concepts/workloads/controllers/deployment
(Rolling Update Deployment; Proportional scaling).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k8s_tutor.clock import from_rfc3339, rfc3339
from k8s_tutor.embedded.controllers import revisions
from k8s_tutor.objects import conditions, metadata
from k8s_tutor.objects.deployments import Limits
from k8s_tutor.objects.types import Obj

__all__ = [
    "RolloutProgress",
    "Scale",
    "available",
    "condition",
    "has_deadline",
    "is_complete",
    "new_size",
    "proportional",
    "replicas",
    "scale_new",
    "shrink_old",
    "with_condition",
]


@dataclass(frozen=True, slots=True)
class Scale:
    """A ReplicaSet and the size it shall have."""

    replica_set: Obj
    size: int


def replicas(rs: Obj) -> int:
    """`spec.replicas`."""
    return int(rs["spec"].get("replicas", 1))


def available(rs: Obj) -> int:
    """`status.availableReplicas`."""
    return int((rs.get("status") or {}).get("availableReplicas", 0))


def new_size(limits: Limits, current: int, all_: Iterable[Obj]) -> int:
    """How big the new version may be now, given its `current` size and all versions there are."""
    if not limits.rolling:
        return limits.replicas
    total = sum(replicas(rs) for rs in all_)
    if total >= limits.maximum:
        return current
    return current + min(limits.maximum - total, limits.replicas - current)


def scale_new(limits: Limits, new: Obj, all_: Iterable[Obj]) -> list[Scale]:
    """The new version's next size, if it changes."""
    current = replicas(new)
    if current == limits.replicas:
        return []
    size = limits.replicas if current > limits.replicas else new_size(limits, current, all_)
    return [Scale(new, size)] if size != current else []


def shrink_old(limits: Limits, new: Obj | None, old: Sequence[Obj]) -> list[Scale]:
    """How far the old versions may shrink without falling below the minimum of available pods.

    First their pods that are not available anyway, then, oldest version first, available ones.
    """
    old = [rs for rs in old if replicas(rs) > 0]
    total = sum(replicas(rs) for rs in old) + (replicas(new) if new else 0)
    new_unavailable = replicas(new) - available(new) if new else 0
    room = total - limits.minimum_available - new_unavailable
    if not old or room <= 0:
        return []
    sizes = {metadata.uid(rs): replicas(rs) for rs in old}
    steps: list[Scale] = []

    def shrink(rs: Obj, by: int) -> int:
        if by > 0:
            sizes[metadata.uid(rs)] -= by
            steps.append(Scale(rs, sizes[metadata.uid(rs)]))
        return max(by, 0)

    for rs in revisions.by_age(old):
        room -= shrink(rs, min(room, replicas(rs) - available(rs)))
    spare = sum(available(rs) for rs in old) + (available(new) if new else 0) - limits.minimum_available
    for rs in revisions.by_age(old):
        spare -= shrink(rs, min(spare, sizes[metadata.uid(rs)]))
    return steps


def proportional(limits: Limits, all_: Sequence[Obj], status_replicas: int) -> list[Scale]:
    """Sizes for a Deployment scaled in mid-rollout: each version keeps its share; the biggest takes the rest.

    Every version is listed, also those whose size stays, because their annotations change.
    """
    active = [rs for rs in all_ if replicas(rs) > 0]
    allowed = limits.maximum if limits.replicas > 0 else 0
    to_add = allowed - sum(replicas(rs) for rs in active)
    ages = revisions.by_age(active)
    ordered = sorted(reversed(ages) if to_add > 0 else ages, key=lambda rs: -replicas(rs))
    sizes: list[int] = []
    added = 0
    for rs in ordered:
        share = _proportion(limits, rs, to_add, added, status_replicas) if to_add else 0
        sizes.append(replicas(rs) + share)
        added += share
    if sizes and to_add:
        sizes[0] = max(sizes[0] + to_add - added, 0)
    return [Scale(rs, size) for rs, size in zip(ordered, sizes, strict=True)]


def _proportion(limits: Limits, rs: Obj, to_add: int, added: int, status_replicas: int) -> int:
    left = to_add - added
    if left == 0:
        return 0
    if limits.replicas == 0:
        share = -replicas(rs)
    else:
        annotation = metadata.annotations(rs).get(revisions.MAXIMUM, "")
        before = int(annotation) if annotation.isdecimal() and int(annotation) > 0 else status_replicas
        share = _round(replicas(rs) * limits.maximum / before) - replicas(rs) if before else 0
    return min(share, left) if to_add > 0 else max(share, left)


def _round(number: float) -> int:
    """Half away from zero, as the controller rounds; the numbers are never negative."""
    return math.floor(number + 0.5)


# ---- What a Deployment says of itself: counts, Available, Progressing
#
# Reasons, messages and their order are those a real cluster writes; see
# kubernetes.io/docs/concepts/workloads/controllers/deployment (Deployment status).

COMPLETE, TIMED_OUT, UPDATED = "NewReplicaSetAvailable", "ProgressDeadlineExceeded", "ReplicaSetUpdated"
NO_DEADLINE = 2**31 - 1


def has_deadline(deployment: Obj) -> bool:
    """Whether progress is watched at all."""
    return int(deployment["spec"].get("progressDeadlineSeconds", 600)) != NO_DEADLINE


def condition(type_: str, status: str, reason: str, message: str, now: float) -> Obj:
    """A Deployment's condition, as of now."""
    return {
        "type": type_,
        "status": status,
        "lastUpdateTime": rfc3339(now),
        "lastTransitionTime": rfc3339(now),
        "reason": reason,
        "message": message,
    }


def with_condition(rows: Sequence[Obj], new: Obj) -> list[Obj]:
    """The conditions with `new` as the last; one of the same status and reason stays as and where it is."""
    old = next((row for row in rows if row["type"] == new["type"]), None)
    if old is not None and (old["status"], old["reason"]) == (new["status"], new["reason"]):
        return list(rows)
    if old is not None and old["status"] == new["status"]:
        new = {**new, "lastTransitionTime": old["lastTransitionTime"]}
    return [*conditions.remove(rows, new["type"]), new]


def is_complete(deployment: Obj, status: Obj) -> bool:
    """Whether all pods are of the present template and available, and no others are left."""
    wanted = int(deployment["spec"].get("replicas", 1))
    counts = (status.get("updatedReplicas", 0), status.get("replicas", 0), status.get("availableReplicas", 0))
    seen = status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 0)
    return counts == (wanted, wanted, wanted) and seen


@dataclass(frozen=True, slots=True)
class RolloutProgress:
    """A Deployment, its versions with the sizes they are given in this run, and the moment.

    Attributes:
        deployment: As observed.
        new: The version of the present template, None before it is made.
        old: All other versions.
        now: Seconds since the epoch.
    """

    deployment: Obj
    new: Obj | None
    old: Sequence[Obj]
    now: float

    def counts(self) -> Obj:
        """The status with its counts and Available, Progressing left as it was."""
        before = self.deployment.get("status") or {}
        all_ = [*self.old, *([self.new] if self.new else [])]
        up = sum(available(rs) for rs in all_)
        numbers = {
            "availableReplicas": up,
            "readyReplicas": _sum(all_, "readyReplicas"),
            "replicas": _sum(all_, "replicas"),
            "unavailableReplicas": max(sum(replicas(rs) for rs in all_) - up, 0),
            "updatedReplicas": _sum([self.new] if self.new else [], "replicas"),
        }
        status: Obj = {name: number for name, number in numbers.items() if number}
        status["terminatingReplicas"] = _sum(all_, "terminatingReplicas")
        status["observedGeneration"] = self.deployment["metadata"].get("generation", 0)
        if "collisionCount" in before:
            status["collisionCount"] = before["collisionCount"]
        rows = before.get("conditions") or []
        enough = up >= Limits.of(self.deployment).minimum_available
        status["conditions"] = with_condition(rows, self._available(enough=enough))
        return status

    def status(self) -> Obj:
        """The whole status, Progressing and ReplicaFailure included."""
        status = self.counts()
        rows = status["conditions"]
        if not has_deadline(self.deployment):
            rows = conditions.remove(rows, "Progressing")
        elif not self._was_complete(status):
            rows = self._progressing(status, rows)
        failures = [row for rs in (self.new, *self.old) if rs and (row := conditions.get(rs, "ReplicaFailure"))]
        if failures:
            failed = failures[0]
            row = condition("ReplicaFailure", failed["status"], failed["reason"], failed.get("message", ""), self.now)
            row["lastTransitionTime"] = failed["lastTransitionTime"]
            rows = with_condition(rows, row)
        else:
            rows = conditions.remove(rows, "ReplicaFailure")
        return {**status, "conditions": rows}

    def seconds_to_deadline(self, status: Obj) -> float | None:
        """When an unfinished rollout must be looked at again; None where nothing is awaited."""
        row = conditions.get({"status": status}, "Progressing")
        if row is None or not has_deadline(self.deployment) or row["reason"] in (TIMED_OUT, COMPLETE):
            return None
        return max(self._deadline(row) - self.now, 0) + 1

    def _available(self, *, enough: bool) -> Obj:
        if enough:
            message = "Deployment has minimum availability."
            return condition("Available", "True", "MinimumReplicasAvailable", message, self.now)
        message = "Deployment does not have minimum availability."
        return condition("Available", "False", "MinimumReplicasUnavailable", message, self.now)

    def _was_complete(self, status: Obj) -> bool:
        same = status.get("replicas", 0) == status.get("updatedReplicas", 0)
        return same and conditions.reason(self.deployment, "Progressing") == COMPLETE

    def _progressing(self, status: Obj, rows: Sequence[Obj]) -> list[Obj]:
        before = conditions.get(self.deployment, "Progressing")
        if is_complete(self.deployment, status):
            message = f"{self._subject} has successfully progressed."
            return with_condition(rows, condition("Progressing", "True", COMPLETE, message, self.now))
        if self._moved(status):
            row = condition("Progressing", "True", UPDATED, f"{self._subject} is progressing.", self.now)
            if before is not None and before["status"] == "True":
                row["lastTransitionTime"] = before["lastTransitionTime"]
            return [*conditions.remove(rows, "Progressing"), row]
        if before is not None and self._timed_out(before):
            message = f"{self._subject} has timed out progressing."
            return with_condition(rows, condition("Progressing", "False", TIMED_OUT, message, self.now))
        return list(rows)

    def _moved(self, status: Obj) -> bool:
        before = self.deployment.get("status") or {}

        def older(counts: Obj) -> int:
            return int(counts.get("replicas", 0)) - int(counts.get("updatedReplicas", 0))

        grown = any(
            status.get(name, 0) > before.get(name, 0)
            for name in ("updatedReplicas", "readyReplicas", "availableReplicas")
        )
        return grown or older(status) < older(before)

    def _timed_out(self, row: Obj) -> bool:
        if row["reason"] in (COMPLETE, TIMED_OUT):
            return bool(row["reason"] == TIMED_OUT)
        return self._deadline(row) < self.now

    def _deadline(self, row: Obj) -> float:
        return from_rfc3339(row["lastUpdateTime"]) + int(self.deployment["spec"].get("progressDeadlineSeconds", 600))

    @property
    def _subject(self) -> str:
        if self.new is None:
            return f'Deployment "{metadata.name(self.deployment)}"'
        return f'ReplicaSet "{metadata.name(self.new)}"'


def _sum(replica_sets: Sequence[Obj], count: str) -> int:
    return sum(int((rs.get("status") or {}).get(count, 0)) for rs in replica_sets)
