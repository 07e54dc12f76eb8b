"""A pod's volume claims, as the scheduler sees them: which nodes reach them, and what to ask for on a chosen node.

See kubernetes.io/docs/concepts/storage/storage-classes (Volume Binding Mode); words as pkg/scheduler/framework/plugins
and component-helpers/storage of k8s.io/kubernetes 1.37.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from k8s_tutor.api.protocol import StatusError
from k8s_tutor.api.runs import Decision
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.core import Core
from k8s_tutor.embedded.scheduler.cluster import ClusterState, Waiting
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects import metadata, nodeselectors, volumes
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["Binding", "Bindings", "Plan", "PodVolumes"]

GONE = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"
OUT_OF_REACH = "node(s) didn't match PersistentVolume's node affinity"
NONE_TO_BIND = "node(s) didn't find available persistent volumes to bind"
_NOBODY = ("", "kubernetes.io/no-provisioner")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written before a pod can run on its node.

    Attributes:
        bound: Claims, and the volumes they get.
        provided: Claims for which volumes are to be made there.
    """

    bound: tuple[tuple[Obj, Obj], ...] = ()
    provided: tuple[Obj, ...] = ()

    @property
    def claims(self) -> tuple[Obj, ...]:
        """All that have to be bound before the pod can run."""
        return (*(claim for claim, _ in self.bound), *self.provided)


class PodVolumes:
    """The claims of one pod, looked up once an attempt.

    Attributes:
        problem: Why no node at all will do; `""` where it depends on the node.
        alone: Claims that only one pod at a time may use.
    """

    def __init__(self, pod: Obj, store: Store) -> None:
        self._store = store
        self._bound: list[Obj] = []
        self._delayed: list[Obj] = []
        self.alone: list[str] = []
        self.problem = self._look_up(pod)

    def refusals(self, node: Obj) -> tuple[str, ...]:
        """Why the pod's volumes cannot be had on a node."""
        reasons = []
        for claim in self._bound:
            volume = self._store.get("persistentvolumes", "", claim["spec"]["volumeName"])
            if volume is None:
                return (GONE,)
            if not nodeselectors.reaches(volume, node):
                reasons.append(OUT_OF_REACH)
        if self._delayed and self.plan(node) is None:
            reasons.append(NONE_TO_BIND)
        return tuple(dict.fromkeys(reasons))

    def plan(self, node: Obj) -> Plan | None:
        """What the claims that wait for this pod get on a node; None where one gets nothing."""
        if not self._delayed:
            return Plan()
        free = self._store.list("persistentvolumes")
        bound: list[tuple[Obj, Obj]] = []
        provided: list[Obj] = []
        for claim in sorted(self._delayed, key=volumes.storage_of):
            chosen = metadata.annotations(claim).get(volumes.SELECTED_NODE)
            volume = None if chosen else volumes.best_match(claim, free, node=node, delayed=True)
            if volume is not None:
                bound.append((claim, volume))
                free = [other for other in free if other is not volume]
            elif chosen in (None, metadata.name(node)) and self._can_be_made(claim):
                provided.append(claim)
            else:
                return None
        return Plan(tuple(bound), tuple(provided))

    def _look_up(self, pod: Obj) -> str:
        namespace = metadata.namespace(pod)
        ephemeral = {row["name"] for row in pod["spec"].get("volumes") or () if "ephemeral" in row}
        immediate = False
        for volume, name in volumes.used_claims(pod).items():
            claim = self._store.get("persistentvolumeclaims", namespace, name)
            if claim is None and volume in ephemeral:
                return f'waiting for ephemeral volume controller to create the persistentvolumeclaim "{name}"'
            if claim is None:
                return f'persistentvolumeclaim "{name}" not found'
            if problem := _broken(claim):
                return problem
            if "ReadWriteOncePod" in claim["spec"].get("accessModes", ()):
                self.alone.append(name)
            if volumes.is_bound(claim):
                self._bound.append(claim)
            elif self._waits(claim):
                self._delayed.append(claim)
            else:
                immediate = True
        return "pod has unbound immediate PersistentVolumeClaims" if immediate else ""

    def _waits(self, claim: Obj) -> bool:
        mode = (self._class(claim) or {}).get("volumeBindingMode")
        return mode == "WaitForFirstConsumer" and not claim["spec"].get("volumeName")

    def _can_be_made(self, claim: Obj) -> bool:
        return (self._class(claim) or {}).get("provisioner", "") not in _NOBODY

    def _class(self, claim: Obj) -> Obj | None:
        name = volumes.class_of(claim)
        return self._store.get("storageclasses.storage.k8s.io", "", name) if name else None


def _broken(claim: Obj) -> str:
    name = metadata.name(claim)
    if volumes.phase(claim) == "Lost":
        volume = claim["spec"].get("volumeName", "")
        return f'persistentvolumeclaim "{name}" bound to non-existent persistentvolume "{volume}"'
    return f'persistentvolumeclaim "{name}" is being deleted' if metadata.is_deleting(claim) else ""


# ---- Pods that have a node and wait there for their volumes; only then are they bound

LOOK = 1.0  # seconds between two looks at the claims
PATIENCE = 600.0  # seconds until the pod is tried anew
_FAILED = 'running PreBind plugin "VolumeBinding": '


@dataclass(frozen=True, slots=True)
class Binding:
    """A pod whose volumes are under way.

    Attributes:
        since: Seconds since the epoch.
    """

    pod: Obj
    waiting: Waiting
    decision: Decision
    plan: Plan
    since: float


class Bindings:
    """All such pods.

    Args:
        core: The cluster's shared ground.
        local: Writes as the scheduler.
        cluster: Where they count as placed meanwhile.
        done: Told when all volumes of a pod are there.
        failed: Told why that will not happen.
    """

    def __init__(
        self,
        core: Core,
        local: Local,
        cluster: ClusterState,
        done: Callable[[Binding], None],
        failed: Callable[[Binding, str], None],
    ) -> None:
        self._core = core
        self._local = local
        self._cluster = cluster
        self._done = done
        self._failed = failed
        self._open: dict[Key, Binding] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._open

    def begin(self, binding: Binding) -> None:
        """Writes the plan down, and waits until others have carried it out."""
        node = binding.decision.node
        self._open[binding.waiting.key] = binding
        self._cluster.assume(binding.pod, node)
        try:
            for claim, volume in binding.plan.bound:
                self._local.update(volumes.reserve(volume, claim))
            for claim in binding.plan.provided:
                if metadata.annotations(claim).get(volumes.SELECTED_NODE) != node:
                    self._local.update(_placed(claim, node))
            self._local.patch(binding.pod, {"status": {"nominatedNodeName": node}}, "status")
        except StatusError as error:
            self._end(binding, _FAILED + error.what)
            return
        self._look_later(binding)

    def drop(self, key: Key) -> None:
        """The pod is gone."""
        binding = self._open.pop(key, None)
        if binding is not None:
            self._cluster.forget(binding.pod, binding.decision.node)

    def _look_later(self, binding: Binding) -> None:
        self._core.loop.call_later(LOOK, partial(self._look, binding), f"scheduler {binding.waiting.key}")

    def _look(self, binding: Binding) -> None:
        if self._open.get(binding.waiting.key) is not binding:
            return
        problem, ready = "", True
        for planned in binding.plan.claims:
            claim = self._core.store.get("persistentvolumeclaims", *metadata.key(planned))
            ready = ready and claim is not None and volumes.is_bound(claim)
            problem = problem or _problem(claim, planned, binding)
        if ready:
            del self._open[binding.waiting.key]
            self._done(binding)
        elif problem or self._core.loop.now() - binding.since > PATIENCE:
            self._end(binding, f"{_FAILED}binding volumes: {problem or 'context deadline exceeded'}")
        else:
            self._look_later(binding)

    def _end(self, binding: Binding, why: str) -> None:
        self.drop(binding.waiting.key)
        self._failed(binding, why)


def _problem(claim: Obj | None, planned: Obj, binding: Binding) -> str:
    """Why a claim will not get its volume."""
    if claim is None:
        return f'failed to check provisioning pvc: persistentvolumeclaims "{metadata.key(planned)}" not found'
    node = metadata.annotations(claim).get(volumes.SELECTED_NODE)
    if planned in binding.plan.provided and not volumes.is_bound(claim) and node != binding.decision.node:
        return f'provisioning failed for PVC "{metadata.name(claim)}"'
    return ""


def _placed(claim: Obj, node: str) -> Obj:
    notes = {**metadata.annotations(claim), volumes.SELECTED_NODE: node}
    return {**claim, "metadata": {**claim["metadata"], "annotations": notes}}
