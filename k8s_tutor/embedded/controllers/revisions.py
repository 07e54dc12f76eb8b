"""A Deployment's versions: which ReplicaSet holds which template, and what it is called.

See kubernetes.io/docs/concepts/workloads/controllers/deployment (Pod-template-hash label; revision history).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k8s_tutor.embedded.actions import Action, Create, Delete, Patch
from k8s_tutor.embedded.controllers.controller import View
from k8s_tutor.objects import metadata
from k8s_tutor.objects.deployments import HASH_LABEL, REVISION, revision_of
from k8s_tutor.objects.types import Obj

__all__ = [
    "DESIRED",
    "HASH",
    "MAXIMUM",
    "History",
    "annotated",
    "by_age",
    "find_new",
    "history_of",
    "new_replica_set",
    "next_revision",
    "surplus",
    "template_hash",
    "template_of",
]

DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
HISTORY = "deployment.kubernetes.io/revision-history"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
NOT_COPIED = (LAST_APPLIED, REVISION, HISTORY, DESIRED, MAXIMUM, "deprecated.deployment.rollback.to")

SAFE = "bcdfghjklmnpqrstvwxz2456789"
"""Letters and digits that spell no words."""


def template_hash(template: Obj, collisions: int = 0) -> str:
    """The name's second half: a 32-bit FNV-1a of the template, its digits written in safe letters.

    Kubernetes hashes a dump of Go structures, so its values differ; the form is the same.
    """
    value = 0x811C9DC5
    text = json.dumps(template, sort_keys=True, separators=(",", ":"))
    for byte in (f"{text}{collisions}" if collisions else text).encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return "".join(SAFE[ord(digit) % len(SAFE)] for digit in str(value))


def by_age(replica_sets: Iterable[Obj]) -> list[Obj]:
    """Oldest first; names decide between those of one second."""
    return sorted(replica_sets, key=lambda rs: (rs["metadata"]["creationTimestamp"], metadata.name(rs)))


def find_new(deployment: Obj, replica_sets: Iterable[Obj]) -> Obj | None:
    """The oldest ReplicaSet that holds the Deployment's present template."""
    wanted = _without_hash(deployment["spec"]["template"])
    return next((rs for rs in by_age(replica_sets) if _without_hash(rs["spec"]["template"]) == wanted), None)


def next_revision(old: Iterable[Obj]) -> int:
    """One more than the latest of the old ones."""
    return max((revision_of(rs) for rs in old), default=0) + 1


def annotated(deployment: Obj, rs: Obj, revision: int) -> dict[str, str]:
    """The annotations a ReplicaSet of the present template carries: the Deployment's own, and its revision."""
    rows = dict(metadata.annotations(rs))
    rows |= {key: value for key, value in metadata.annotations(deployment).items() if key not in NOT_COPIED}
    before = rows.get(REVISION, "")
    if revision_of(rs) < revision:
        rows[REVISION] = str(revision)
        if before:
            rows[HISTORY] = ",".join([*filter(None, rows.get(HISTORY, "").split(",")), before])
    return rows


def new_replica_set(deployment: Obj, revision: int, replicas: int, maximum: int) -> Obj:
    """A ReplicaSet for the present template."""
    spec = deployment["spec"]
    template = spec["template"]
    collisions = int((deployment.get("status") or {}).get("collisionCount", 0))
    hash_ = template_hash(template, collisions)
    meta = template.get("metadata") or {}
    labels = {**(meta.get("labels") or {}), HASH_LABEL: hash_}
    selector = spec.get("selector") or {}
    new: Obj = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{metadata.name(deployment)}-{hash_}",
            "namespace": metadata.namespace(deployment),
            "labels": labels,
            "annotations": {},
            "ownerReferences": [metadata.owner_reference(deployment)],
        },
        "spec": {
            "replicas": replicas,
            "selector": {**selector, "matchLabels": {**(selector.get("matchLabels") or {}), HASH_LABEL: hash_}},
            "template": {**template, "metadata": {**meta, "labels": labels}},
        },
    }
    if wait := spec.get("minReadySeconds"):
        new["spec"]["minReadySeconds"] = wait
    sizes = {DESIRED: str(spec.get("replicas", 1)), MAXIMUM: str(maximum)}
    new["metadata"]["annotations"] = {**annotated(deployment, new, revision), **sizes}
    return new


def _without_hash(template: Obj) -> Obj:
    meta = template.get("metadata") or {}
    labels = {key: value for key, value in (meta.get("labels") or {}).items() if key != HASH_LABEL}
    kept = {field: value for field, value in meta.items() if field != "creationTimestamp" and value}
    return {**template, "metadata": {**kept, "labels": labels}}


# ---- ControllerRevisions: the templates that a StatefulSet or DaemonSet has had, numbered; `kubectl rollout` reads
# them
#
# See kubernetes.io/docs/tasks/manage-daemon/rollback-daemon-set (Understanding DaemonSet revisions).

HASH = "controller-revision-hash"
"""The label that tells a pod's revision."""


@dataclass(frozen=True, slots=True)
class History:
    """A workload's revisions.

    Attributes:
        present: The revision that holds the present template.
        all: All of them, oldest first, the present one among them.
        actions: What makes the present one there and the latest.
    """

    present: Obj
    all: tuple[Obj, ...]
    actions: tuple[Action, ...]

    def named(self, name: str) -> Obj | None:
        """A revision by its name."""
        return next((row for row in self.all if metadata.name(row) == name), None)


def history_of(view: View, owner: Obj, label: str) -> History:
    """Reads the revisions of a workload and finds the present one, or makes it.

    Args:
        view: The store.
        owner: A StatefulSet or DaemonSet.
        label: Under which the revision tells its hash.
    """
    everything = view.list("controllerrevisions.apps", metadata.namespace(owner))
    owned = sorted(
        (row for row in everything if metadata.is_controlled_by(row, owner)),
        key=lambda row: (row["revision"], row["metadata"]["creationTimestamp"], metadata.name(row)),
    )
    latest = max((int(row["revision"]) for row in owned), default=0)
    data = {"spec": {"template": {"$patch": "replace", **owner["spec"]["template"]}}}
    same = next((row for row in reversed(owned) if row.get("data") == data), None)
    if same is None:
        new = _new(owner, data, latest + 1, label)
        return History(new, (*owned, new), (Create(new),))
    if same["revision"] == latest:
        return History(same, tuple(owned), ())
    again = {**same, "revision": latest + 1}
    others = [row for row in owned if row is not same]
    return History(again, (*others, again), (Patch(same, {"revision": latest + 1}),))


def template_of(revision: Obj) -> Obj:
    """The pod template that a revision holds."""
    template = revision["data"]["spec"]["template"]
    return {key: value for key, value in template.items() if key != "$patch"}


def surplus(owner: Obj, history: History, living: Iterable[str]) -> Sequence[Delete]:
    """The oldest revisions beyond `revisionHistoryLimit`, those in use (by name) not counted."""
    used = {*living, metadata.name(history.present)}
    idle = [row for row in history.all if metadata.name(row) not in used]
    return [Delete(row) for row in idle[: max(len(idle) - int(owner["spec"].get("revisionHistoryLimit", 10)), 0)]]


def _new(owner: Obj, data: Obj, number: int, label: str) -> Obj:
    hash_ = template_hash(owner["spec"]["template"], int((owner.get("status") or {}).get("collisionCount") or 0))
    meta: Obj = {
        "name": f"{metadata.name(owner)}-{hash_}",
        "namespace": metadata.namespace(owner),
        "labels": {**(owner["spec"]["template"]["metadata"].get("labels") or {}), label: hash_},
        "ownerReferences": [metadata.owner_reference(owner)],
    }
    if notes := metadata.annotations(owner):
        meta["annotations"] = dict(notes)
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": meta,
        "data": data,
        "revision": number,
    }
