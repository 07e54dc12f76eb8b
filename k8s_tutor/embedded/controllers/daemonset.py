"""DaemonSet: one pod of a template on each node that takes it.

The scheduler places its pods, each bound to one node by its affinity.
See kubernetes.io/docs/concepts/workloads/controllers/daemonset.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from k8s_tutor.embedded.actions import Action, Create, Delete, EmitEvent, UpdateStatus
from k8s_tutor.embedded.controllers import pods
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View, own_key
from k8s_tutor.embedded.controllers.pods import claim, claimants
from k8s_tutor.embedded.controllers.revisions import HASH, History, history_of, surplus
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import msg
from k8s_tutor.objects import metadata, nodeselectors
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["DaemonSetController"]

_GENERATION = "deprecated.daemonset.template.generation"
_PREFIX = "node.kubernetes.io/"
_TOLERATED = (
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
)
_ON_HOST_NETWORK = (("network-unavailable", "NoSchedule"),)


class DaemonSetController:
    """Looks at every node: should one of its pods run there, and does one?"""

    name: ClassVar[str] = "daemonset-controller"
    watches: ClassVar[tuple[str, ...]] = ("daemonsets.apps", "pods", "controllerrevisions.apps", "nodes")

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The set itself; a pod's or revision's controller, before and now; all for a node that may have changed."""
        if change.resource == "daemonsets.apps":
            return own_key(change)
        if change.resource == "nodes":
            if change.previous is not None and _traits(change.obj) == _traits(change.previous):
                return ()
            return [metadata.key(owner) for owner in view.list("daemonsets.apps")]
        return claimants(change, view, "DaemonSet", "daemonsets.apps")

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Adds and removes pods node by node, renews old ones, and says how it stands."""
        owner = view.get("daemonsets.apps", key.namespace, key.name)
        if owner is None:
            return NOTHING_TO_DO
        claimed = claim(owner, view.list("pods", key.namespace))
        history = history_of(view, owner, HASH)
        hash_ = metadata.labels(history.present)[HASH]
        state = _State(owner, hash_, _list_slots(view, owner, claimed.kept), now)
        actions: list[Action] = [*claimed.patches, *history.actions]
        words = [
            msg(
                "{wanted} nodes want one, {there} are there.",
                wanted=sum(slot.wanted for slot in state.slots),
                there=len(claimed.kept),
            )
        ]
        if metadata.is_deleting(owner):
            words.append(msg("It is being deleted: its pods are left to the garbage collector."))
        else:
            actions += state.steps()
        status = state.status()
        if status != owner.get("status"):
            actions.append(UpdateStatus({**owner, "status": status}))
        actions += _forgotten(owner, history, claimed.kept)
        actions += pods.until_available(owner, claimed.kept, now)
        return Reconciled(actions, words)


@dataclass(frozen=True, slots=True)
class _Slot:
    """A node with the set's pods on it, oldest first.

    Attributes:
        node: Its name.
        wanted: Whether a pod should run there.
        tolerable: Whether one that runs there may go on.
        pods: Those of the set.
    """

    node: str
    wanted: bool
    tolerable: bool
    pods: tuple[Obj, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """A set, its present revision's hash, and its places."""

    owner: Obj
    hash: str
    slots: tuple[_Slot, ...]
    now: float

    def steps(self) -> list[Action]:
        """What to create and delete now."""
        found: list[Action] = []
        for slot in self.slots:
            active = [pod for pod in slot.pods if not metadata.is_deleting(pod)]
            failed = [pod for pod in active if pods.phase(pod) == "Failed"]
            found += [action for pod in failed for action in self._replaced(pod, slot)]
            living = [pod for pod in active if pod not in failed]
            if slot.wanted and not slot.pods:
                found.append(self._creation(slot.node))
            elif not slot.tolerable:
                found += [self._deletion(pod) for pod in living]
            elif not self._surge():
                found += [self._deletion(pod) for pod in living[1:]]
        strategy = self.owner["spec"].get("updateStrategy") or {}
        if found or strategy.get("type") != "RollingUpdate":
            return found
        return self._surging() if self._surge() else self._renewal()

    def status(self) -> Obj:
        """The status as it shall be; some counts of zero are left out, as the API does."""
        wanted = [slot for slot in self.slots if slot.wanted]
        first = [slot.pods[0] for slot in wanted if slot.pods]
        chosen = [self._best(slot) for slot in wanted if slot.pods]
        available = sum(self._available(pod) for pod in chosen)
        updated = [pod for pod in chosen if self._is_new(pod)]
        counts = {
            "numberAvailable": available,
            "numberUnavailable": len(wanted) - available,
            "updatedNumberScheduled": len(updated),
        }
        return {
            "currentNumberScheduled": len(first),
            "desiredNumberScheduled": len(wanted),
            "numberMisscheduled": sum(bool(slot.pods) and not slot.wanted for slot in self.slots),
            "numberReady": sum(pods.is_ready(pod) for pod in chosen),
            "observedGeneration": self.owner["metadata"].get("generation", 0),
            **{name: count for name, count in counts.items() if count},
        }

    def _available(self, pod: Obj) -> bool:
        return not metadata.is_deleting(pod) and pods.is_available(pod, pods.min_ready_seconds(self.owner), self.now)

    def _is_new(self, pod: Obj) -> bool:
        return metadata.labels(pod).get(HASH) == self.hash

    def _best(self, slot: _Slot) -> Obj:
        """The pod that speaks for its node: a new one before an old one."""
        return next((pod for pod in slot.pods if self._is_new(pod)), slot.pods[0])

    def _surge(self) -> int:
        return self._share("maxSurge", 0)

    def _share(self, field: str, default: int) -> int:
        rolling = (self.owner["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}
        value = rolling.get(field, default)
        if isinstance(value, str):
            return math.ceil(int(value.rstrip("%")) * sum(slot.wanted for slot in self.slots) / 100)
        return int(value)

    def _renewal(self) -> list[Action]:
        """Deletes old pods, as many at a time as may be missing; those that do not work anyway first."""
        candidates, broken, missing = [], [], 0
        for slot in self.slots:
            for pod in slot.pods if slot.wanted else ():
                if metadata.is_deleting(pod):
                    missing += 1
                elif self._is_new(pod):
                    missing += not self._available(pod)
                elif self._available(pod):
                    candidates.append(pod)
                else:
                    broken.append(pod)
                    missing += 1
        room = max(self._share("maxUnavailable", 1) - missing, 0)
        return [self._deletion(pod) for pod in [*broken, *candidates[:room]]]

    def _surging(self) -> list[Action]:
        """Adds new pods beside the old ones; an old one goes when the new one is available."""
        found: list[Action] = []
        room = self._surge()
        for slot in self.slots:
            new = [pod for pod in slot.pods if self._is_new(pod) and not metadata.is_deleting(pod)]
            old = [pod for pod in slot.pods if not self._is_new(pod) and not metadata.is_deleting(pod)]
            if any(map(self._available, new)) or not any(map(self._available, old)):
                found += [self._deletion(pod) for pod in old]
            elif new and old:
                room -= 1
            elif old and slot.wanted and room > 0:
                found.append(self._creation(slot.node))
                room -= 1
        return found

    def _creation(self, node: str) -> Create:
        return Create(
            _pod(self.owner, node, self.hash),
            EmitEvent(self.owner, "Normal", "SuccessfulCreate", "Created pod: {name}"),
            EmitEvent(self.owner, "Warning", "FailedCreate", "Error creating: {error}"),
            batch=1,
        )

    def _deletion(self, pod: Obj) -> Delete:
        words = f"Deleted pod: {metadata.name(pod)}"
        return Delete(pod, success=EmitEvent(self.owner, "Normal", "SuccessfulDelete", words))

    def _replaced(self, pod: Obj, slot: _Slot) -> list[Action]:
        words = f"Found failed daemon pod {metadata.namespace(pod)}/{metadata.name(pod)} on node {slot.node}, "
        words += "will try to kill it"
        return [EmitEvent(self.owner, "Warning", "FailedDaemonPod", words), self._deletion(pod)]


def _list_slots(view: View, owner: Obj, ours: Iterable[Obj]) -> tuple[_Slot, ...]:
    by_node: dict[str, list[Obj]] = {}
    for pod in sorted(ours, key=lambda pod: (pod["metadata"]["creationTimestamp"], metadata.name(pod))):
        by_node.setdefault(_node_of(pod), []).append(pod)
    found = []
    for node in view.list("nodes"):
        name = metadata.name(node)
        pod = _pod(owner, name, "")
        fits = nodeselectors.matches_required(pod, node)
        bad = nodeselectors.untolerated(pod, nodeselectors.taints_of(node, ("NoSchedule", "NoExecute")))
        wanted = fits and not bad
        tolerable = fits and all(taint["effect"] == "NoSchedule" for taint in bad)
        found.append(_Slot(name, wanted, tolerable, tuple(by_node.get(name, ()))))
    return tuple(found)


def _node_of(pod: Obj) -> str:
    """Where it runs, or where its affinity sends it."""
    if name := pod["spec"].get("nodeName"):
        return str(name)
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    terms = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms") or ()
    names = (row["values"] for term in terms for row in term.get("matchFields") or () if row["key"] == "metadata.name")
    return str(next(names, [""])[0])


def _pod(owner: Obj, node: str, hash_: str) -> Obj:
    template = owner["spec"]["template"]
    meta, spec = template.get("metadata") or {}, template["spec"]
    generation = metadata.annotations(owner).get(_GENERATION, "1")
    rows = _TOLERATED + (_ON_HOST_NETWORK if spec.get("hostNetwork") else ())
    daemons = [{"key": _PREFIX + short, "operator": "Exists", "effect": effect} for short, effect in rows]
    given = [row for row in spec.get("tolerations") or () if row not in daemons]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": f"{metadata.name(owner)}-",
            "namespace": metadata.namespace(owner),
            **{field: meta[field] for field in ("annotations", "finalizers") if meta.get(field)},
            "labels": {**(meta.get("labels") or {}), HASH: hash_, "pod-template-generation": generation},
            "ownerReferences": [metadata.owner_reference(owner)],
        },
        "spec": {**spec, "affinity": _affinity(spec, node), "tolerations": [*given, *daemons]},
    }


def _affinity(spec: Obj, node: str) -> Obj:
    """The template's own affinity, narrowed down to one node."""
    affinity = spec.get("affinity") or {}
    own = affinity.get("nodeAffinity") or {}
    required = own.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    here = [{"key": "metadata.name", "operator": "In", "values": [node]}]
    given: list[Obj] = required.get("nodeSelectorTerms") or [{}]
    terms = [{**term, "matchFields": here} for term in given]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    return {**affinity, "nodeAffinity": {**own, **required}}


def _traits(node: Obj) -> tuple[object, ...]:
    """What decides whether a pod may run there."""
    spec = node.get("spec") or {}
    return dict(metadata.labels(node)), spec.get("taints"), spec.get("unschedulable"), metadata.is_deleting(node)


def _forgotten(owner: Obj, history: History, ours: Iterable[Obj]) -> Iterable[Delete]:
    hashes = {metadata.labels(pod).get(HASH) for pod in ours}
    living = [metadata.name(row) for row in history.all if metadata.labels(row).get(HASH) in hashes]
    return surplus(owner, history, living)
