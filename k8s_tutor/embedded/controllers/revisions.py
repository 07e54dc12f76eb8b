"""A Deployment's versions: which ReplicaSet holds which template, and what it is called.

See kubernetes.io/docs/concepts/workloads/controllers/deployment (Pod-template-hash label; revision history).
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = [
    "DESIRED",
    "HASH_LABEL",
    "MAXIMUM",
    "REVISION",
    "annotated",
    "by_age",
    "find_new",
    "new_replica_set",
    "next_revision",
    "revision_of",
    "template_hash",
]

HASH_LABEL = "pod-template-hash"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
REVISION = "deployment.kubernetes.io/revision"
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


def revision_of(obj: Obj) -> int:
    """The revision annotation as a number; 0 for none."""
    text = metadata.annotations(obj).get(REVISION, "0")
    return int(text) if text.isdecimal() else 0


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
