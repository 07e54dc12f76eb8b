"""ControllerRevisions: the templates that a StatefulSet or DaemonSet has had, numbered; `kubectl rollout` reads them.

See kubernetes.io/docs/tasks/manage-daemon/rollback-daemon-set (Understanding DaemonSet revisions).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k8s_tutor.embedded.actions import Action, Create, Delete, Patch
from k8s_tutor.embedded.controllers.revisions import template_hash
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = ["HASH", "History", "history_of", "surplus", "template_of"]

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
