"""StatefulSet: pods with names and claims that stay, made and removed in order, one revision after the other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, UpdateStatus
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.controllers.pods import claim, claimants, would_adopt
from k8s_tutor.embedded.controllers.revisions import HASH, History, history_of, surplus, template_of
from k8s_tutor.embedded.controllers.volume_protection import CLAIMS, Retention
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import Wording, msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["StatefulSetController"]

_ORDINAL = re.compile(r"(.*)-([0-9]+)")
_HASH = "controller.kubernetes.io/hash"  # on its revisions; pods carry the revision's name


class StatefulSetController:
    """Fills the places from the first to the last, empties them from the last to the first."""

    name: ClassVar[str] = "statefulset-controller"
    watches: ClassVar[tuple[str, ...]] = ("statefulsets.apps", "pods", "controllerrevisions.apps", CLAIMS)

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The set itself; a pod's or revision's controller, before and now; for an orphan, who might take it in.

        When a claim is gone, the sets whose pod may wait for that.
        """
        if change.resource == "statefulsets.apps":
            return own_key(change)
        if change.resource == CLAIMS:
            return _waiting(view, change.obj) if change.type == "DELETED" else ()
        return claimants(change, view, "StatefulSet", "statefulsets.apps", _takes)

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """One step of what is left to do, as far as the order allows, and the status."""
        owner = view.get("statefulsets.apps", key.namespace, key.name)
        if owner is None:
            return NOTHING_TO_DO
        ours = [pod for pod in view.list("pods", key.namespace) if _ordinal(owner, pod) is not None]
        claimed = claim(owner, ours)
        history = history_of(view, owner, _HASH)
        state = _State(owner, history, {_ordinal_of(owner, pod): pod for pod in claimed.kept}, now)
        words: list[Wording] = [msg("{wanted} wanted, {there} there.", wanted=state.wanted, there=len(claimed.kept))]
        actions: list[Action] = [*claimed.patches, *history.actions]
        if metadata.is_deleting(owner):
            words.append(msg("It is being deleted: its pods are left to the garbage collector."))
        else:
            retention = Retention(owner, view)
            actions += _owners(state, retention)
            steps, why = _steps(state, retention)
            actions += steps
            words += why
        status = state.status()
        if status != owner.get("status"):
            actions.append(UpdateStatus({**owner, "status": status}))
        in_use = [metadata.labels(pod).get(HASH, "") for pod in claimed.kept]
        actions += surplus(owner, history, [*in_use, status["currentRevision"]])
        actions += pods.until_available(owner, claimed.kept, now)
        return Reconciled(actions, words)


@dataclass(frozen=True, slots=True)
class _State:
    """A set and its pods.

    Attributes:
        owner: The StatefulSet.
        history: Its revisions.
        by_ordinal: Its pods by ordinal.
        now: Seconds since the epoch.
    """

    owner: Obj
    history: History
    by_ordinal: dict[int, Obj]
    now: float

    @property
    def wanted(self) -> int:
        return int(self.owner["spec"].get("replicas", 1))

    @property
    def ordinals(self) -> range:
        start = int((self.owner["spec"].get("ordinals") or {}).get("start", 0))
        return range(start, start + self.wanted)

    @property
    def update(self) -> str:
        return metadata.name(self.history.present)

    @property
    def current(self) -> str:
        return str((self.owner.get("status") or {}).get("currentRevision") or self.update)

    @property
    def in_order(self) -> bool:
        return bool(self.owner["spec"].get("podManagementPolicy") != "Parallel")

    @property
    def rolling(self) -> Obj | None:
        strategy = self.owner["spec"].get("updateStrategy") or {}
        return (strategy.get("rollingUpdate") or {}) if strategy.get("type") == "RollingUpdate" else None

    @property
    def partition(self) -> int:
        return self.ordinals.start + int((self.rolling or {}).get("partition", 0))

    def is_open(self, ordinal: int) -> bool:
        """Whether there is something to do about a place, or to wait for."""
        pod = self.by_ordinal.get(ordinal)
        return pod is None or self.has_ended(pod) or (self.in_order and not self.available(pod))

    def has_ended(self, pod: Obj) -> bool:
        """Whether its pod has to make room for another."""
        return pods.is_terminal(pod) and not metadata.is_deleting(pod)

    def available(self, pod: Obj) -> bool:
        """Whether the next pod may be touched: this one is ready, and has been for long enough."""
        return not metadata.is_deleting(pod) and pods.is_available(pod, pods.min_ready_seconds(self.owner), self.now)

    def status(self) -> Obj:
        """The status as it shall be; some counts of zero are left out, as the API does."""
        there = [pod for pod in self.by_ordinal.values() if pods.phase(pod)]
        staying = [metadata.labels(pod).get(HASH) for pod in there if not metadata.is_deleting(pod)]
        ready = [pod for pod in there if pods.phase(pod) == "Running" and pods.is_ready(pod)]
        updated, current = staying.count(self.update), self.current
        done = self.rolling is not None and updated == len(ready) == len(there) == self.wanted
        if done:
            current = self.update
        counts = {"currentReplicas": staying.count(current), "readyReplicas": len(ready), "updatedReplicas": updated}
        return {
            "availableReplicas": sum(
                pods.is_available(pod, pods.min_ready_seconds(self.owner), self.now) for pod in ready
            ),
            "collisionCount": int((self.owner.get("status") or {}).get("collisionCount") or 0),
            "currentRevision": current,
            "observedGeneration": self.owner["metadata"].get("generation", 0),
            "replicas": len(there),
            "updateRevision": self.update,
            **{name: count for name, count in counts.items() if count},
        }


def _owners(state: _State, retention: Retention) -> list[Action]:
    """Lets the claims of its pods belong to whom the retention policy says."""
    actions: list[Action] = []
    for ordinal, pod in state.by_ordinal.items():
        staying = ordinal in state.ordinals
        updates = [] if staying and metadata.is_deleting(pod) else retention.corrections(pod, surplus=not staying)
        actions += updates
        if updates and staying:
            words = f"Update Pod {metadata.name(pod)} in StatefulSet {metadata.name(state.owner)} successful"
            actions.append(EmitEvent(state.owner, "Normal", "SuccessfulUpdate", words))
    return actions


def _steps(state: _State, retention: Retention) -> tuple[list[Action], list[Wording]]:
    """Fill places, then empty those that are too many, then renew; in order, one that is not ready ends it."""
    actions: list[Action] = []
    for ordinal in islice(filter(state.is_open, state.ordinals), pods.BURST):
        pod = state.by_ordinal.get(ordinal)
        if pod is None and retention.is_stale(_name(state.owner, ordinal)):
            return actions, [msg("Its next pod waits until an earlier one's claim is gone.")]
        if pod is None:
            actions += _creation(state, ordinal, retention)
        elif state.has_ended(pod):
            actions.append(_deletion(state.owner, pod))
        else:
            return actions, [msg("Pod {name} is not ready: the next one waits for it.", name=metadata.name(pod))]
        if state.in_order:
            return actions, [msg("One step at a time, in order.")]
    shrinking, why = _shrinking(state)
    actions += shrinking
    if why:
        return actions, why
    if actions or state.rolling is None:
        return actions, []
    return _renewal(state)


def _shrinking(state: _State) -> tuple[list[Action], list[Wording]]:
    """Deletes the pods that are too many, the last first; in order, one that is not ready holds up all behind it.

    It does not hold up itself: the first unhealthy pod is deleted when its turn comes (`processCondemned`).
    """
    actions: list[Action] = []
    condemned = sorted((ordinal for ordinal in state.by_ordinal if ordinal not in state.ordinals), reverse=True)
    unready = min((one for one in condemned if not state.available(state.by_ordinal[one])), default=None)
    for ordinal in condemned:
        pod = state.by_ordinal[ordinal]
        leaving = metadata.is_deleting(pod)
        if state.in_order and unready not in (None, ordinal) and not leaving and not state.available(pod):
            name = _name(state.owner, unready)
            return actions, [msg("Pod {name} is not ready: the next one waits for it.", name=name)]
        if not leaving:
            actions.append(_deletion(state.owner, pod))
        if state.in_order:
            return actions, [msg("Pod {name} is one too many: the last goes first.", name=metadata.name(pod))]
    return actions, []


def _renewal(state: _State) -> tuple[list[Action], list[Wording]]:
    """Deletes pods of older revisions from the last place down, `maxUnavailable` at a time."""
    limit = (state.rolling or {}).get("maxUnavailable", 1)
    if isinstance(limit, str):
        limit = int(limit.rstrip("%")) * state.wanted // 100
    room = max(int(limit), 1)
    actions: list[Action] = []
    for ordinal in reversed(state.ordinals):
        pod = state.by_ordinal[ordinal]
        old = metadata.labels(pod).get(HASH) != state.update
        if ordinal >= state.partition and old and not metadata.is_deleting(pod):
            actions.append(_deletion(state.owner, pod))
        elif state.available(pod):
            continue
        room -= 1
        if room <= 0:
            name = metadata.name(pod)
            return actions, [
                msg("Pod {name} is of an older revision: renew it.", name=name)
                if old
                else msg("Pod {name} is not ready.", name=name)
            ]
    return actions, []


def _creation(state: _State, ordinal: int, retention: Retention) -> list[Action]:
    owner = state.owner
    name = _name(owner, ordinal)
    before = state.history.named(state.current) if ordinal < state.partition else None
    revision = before or state.history.present
    pod = _pod(owner, template_of(revision), name, ordinal, metadata.name(revision))
    words = f"Create Pod {name} in StatefulSet {metadata.name(owner)}"
    there = {metadata.name(claim): claim for claim in retention.there(name)}
    going = [claim for claim, row in there.items() if metadata.is_deleting(row)]
    if going:
        why = f"{words} failed error: pvc {going[0]} is being deleted"
        return [EmitEvent(owner, "Warning", "FailedCreate", why)]
    missing = [claim for claim in retention.wanted(name) if metadata.name(claim) not in there]
    return [
        *(_claim_creation(owner, claim, name) for claim in missing),
        Create(
            pod,
            EmitEvent(owner, "Normal", "SuccessfulCreate", f"{words} successful"),
            EmitEvent(owner, "Warning", "FailedCreate", f"{words} failed error: {{error}}"),
            then=lambda created: retention.corrections(created, surplus=False),
        ),
    ]


def _claim_creation(owner: Obj, claim: Obj, pod: str) -> Create:
    name, set_ = metadata.name(claim), metadata.name(owner)
    done = f"Create Claim {name} Pod {pod} in StatefulSet {set_} success"
    failed = f"Create Claim {name} for Pod {pod} in StatefulSet {set_} failed error: {{error}}"
    return Create(
        claim,
        EmitEvent(owner, "Normal", "SuccessfulCreate", done),
        EmitEvent(owner, "Warning", "FailedCreate", failed),
    )


def _name(owner: Obj, ordinal: int) -> str:
    return f"{metadata.name(owner)}-{ordinal}"


def _waiting(view: View, claim: Obj) -> list[Key]:
    """The sets that make claims of such a name."""
    sets = view.list("statefulsets.apps", metadata.namespace(claim))
    return [
        metadata.key(owner)
        for owner in sets
        for template in owner["spec"].get("volumeClaimTemplates") or ()
        if metadata.name(claim).startswith(f"{template['metadata']['name']}-{metadata.name(owner)}-")
    ]


def _pod(owner: Obj, template: Obj, name: str, ordinal: int, revision: str) -> Obj:
    meta = template.get("metadata") or {}
    labels = {
        **(meta.get("labels") or {}),
        "apps.kubernetes.io/pod-index": str(ordinal),
        HASH: revision,
        "statefulset.kubernetes.io/pod-name": name,
    }
    spec = {**template["spec"], "hostname": name, "subdomain": owner["spec"].get("serviceName", "")}
    claims = [metadata.name(row) for row in owner["spec"].get("volumeClaimTemplates") or ()]
    if claims:
        kept = [row for row in spec.get("volumes") or () if row["name"] not in claims]
        claimed = [{"name": row, "persistentVolumeClaim": {"claimName": f"{row}-{name}"}} for row in claims]
        spec["volumes"] = [*kept, *claimed]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "generateName": f"{metadata.name(owner)}-",
            "namespace": metadata.namespace(owner),
            **{field: meta[field] for field in ("annotations", "finalizers") if meta.get(field)},
            "labels": labels,
            "ownerReferences": [metadata.owner_reference(owner)],
        },
        "spec": spec,
    }


def _deletion(owner: Obj, pod: Obj) -> Delete:
    words = f"Delete Pod {metadata.name(pod)} in StatefulSet {metadata.name(owner)}"
    return Delete(
        pod,
        success=EmitEvent(owner, "Normal", "SuccessfulDelete", f"{words} successful"),
        failure=EmitEvent(owner, "Warning", "FailedDelete", f"{words} failed error: {{error}}"),
    )


def _takes(owner: Obj, pod: Obj) -> bool:
    return would_adopt(owner, pod) and _ordinal(owner, pod) is not None


def _ordinal(owner: Obj, pod: Obj) -> int | None:
    """The place that a pod's name gives it in this set."""
    found = _ORDINAL.fullmatch(metadata.name(pod))
    return int(found[2]) if found and found[1] == metadata.name(owner) else None


def _ordinal_of(owner: Obj, pod: Obj) -> int:
    ordinal = _ordinal(owner, pod)
    assert ordinal is not None
    return ordinal
