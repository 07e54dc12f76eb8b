"""What every kind of cluster offers."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Protocol

from k8s_tutor.api.protocol import KubeAPI
from k8s_tutor.clock import Clock
from k8s_tutor.cluster.loadbalancer import LoadBalancers
from k8s_tutor.observe.runs import Run

__all__ = ["Cluster", "Feature", "RecordsRuns"]


class Feature(StrEnum):
    """What a cluster can do beyond the Kubernetes API.

    Lessons and pictures ask for these, never for a cluster's name.
    """

    TIME_TRAVEL = "time-travel"
    TRAFFIC_TRACE = "traffic-trace"
    REAL_CONTAINERS = "real-containers"
    REACHABLE_LOAD_BALANCER = "host-reachable-load-balancer"
    DETERMINISTIC = "deterministic"
    CONTROLLER_RUNS = "controller-runs"  # it is a `RecordsRuns`


class RecordsRuns(Protocol):
    """A cluster that remembers what its own controllers did (`Feature.CONTROLLER_RUNS`)."""

    def controller_runs(self, controller: str, namespace: str, name: str) -> tuple[Run, ...]:
        """The latest runs of one controller about one object, oldest first.

        Args:
            controller: `replicaset-controller`.
            namespace: Of the object.
            name: Of the object.
        """
        ...


class Cluster(Protocol):
    """A cluster we are connected to.

    Attributes:
        name: `embedded`, `kind` or `context`.
        title: For people: `embedded (in-process Kubernetes 1.37, 3 nodes)`.
        api: The door to its API server.
        clock: The cluster's own time: virtual on the embedded one. Deadlines of waits are counted on it.
        features: What it can do.
        load_balancers: Who gives Services of type LoadBalancer their addresses; off until asked for.
        kubeconfig: Our own kubeconfig file for it; never the user's.
        context: The context in that file.
    """

    name: str
    title: str
    api: KubeAPI
    clock: Clock
    load_balancers: LoadBalancers
    kubeconfig: Path
    context: str

    @property
    def features(self) -> frozenset[Feature]:
        """See above; a property, as finding out may take a moment."""
        ...

    def close(self) -> None:
        """Lets go of it: threads, sockets, temporary files. Never deletes a kind cluster."""
        ...

    def delete(self) -> None:
        """Removes what we provisioned; a cluster we did not make is left as it is, and an error says so.

        Raises:
            UsageError: we did not create this cluster.
        """
        ...
