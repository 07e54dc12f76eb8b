"""One attempt to place one pod: the pod, the cluster, and what is counted once for all nodes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from k8s_tutor.embedded.scheduler import resources, spread
from k8s_tutor.embedded.scheduler.cluster import ClusterState
from k8s_tutor.embedded.scheduler.podaffinity import Neighbours
from k8s_tutor.embedded.scheduler.resources import Amounts
from k8s_tutor.embedded.scheduler.spread import Spread
from k8s_tutor.embedded.scheduler.volumes import PodVolumes
from k8s_tutor.objects.selectors import Selector
from k8s_tutor.objects.types import Obj

__all__ = ["Attempt"]


@dataclass
class Attempt:
    """A pod to place in a cluster.

    Attributes:
        pod: Without a node yet.
        cluster: As it stands.
        kin: Selects the pods of the Services and the controller this pod belongs to; None for a pod alone.
        volumes: Its claims; None for a pod without any.
    """

    pod: Obj
    cluster: ClusterState
    kin: Selector | None = None
    volumes: PodVolumes | None = None

    @cached_property
    def requests(self) -> Amounts:
        """What the pod asks for."""
        return resources.requests(self.pod)

    @cached_property
    def scored(self) -> Amounts:
        """The same, with a little for containers that ask for nothing."""
        return resources.for_scoring(self.pod)

    @cached_property
    def neighbours(self) -> Neighbours:
        """Affinities between this pod and those placed."""
        return Neighbours(self.pod, self.cluster)

    @cached_property
    def hard_spread(self) -> Spread:
        """Constraints that must hold."""
        return Spread(self.pod, self.cluster, [row for row in spread.constraints(self.pod) if row.hard])

    @cached_property
    def soft_spread(self) -> Spread:
        """Constraints that should hold; the defaults where the pod has none of its own."""
        own = spread.constraints(self.pod)
        if own:
            return Spread(self.pod, self.cluster, [row for row in own if not row.hard])
        rows = spread.default_constraints(self.kin) if self.kin is not None else []
        return Spread(self.pod, self.cluster, rows, system_default=True)
