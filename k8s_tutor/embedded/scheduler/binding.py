"""Pods that have a node and wait there for their volumes; only then are they bound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from k8s_tutor.api.status import StatusError
from k8s_tutor.embedded.apiserver.local import Local
from k8s_tutor.embedded.core import Core
from k8s_tutor.embedded.scheduler.cluster import ClusterState
from k8s_tutor.embedded.scheduler.decision import Decision
from k8s_tutor.embedded.scheduler.queue import Waiting
from k8s_tutor.embedded.scheduler.volumes import Plan
from k8s_tutor.objects import metadata, volumes
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["Binding", "Bindings"]

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
