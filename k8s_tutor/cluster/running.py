"""Clusters that run already, found from another process: the kind cluster, and embedded ones in notebooks' kernels."""

from __future__ import annotations

from k8s_tutor.cluster.connect import choose, connect_cluster
from k8s_tutor.cluster.embedded_files import embedded_kubeconfigs
from k8s_tutor.cluster.protocol import Cluster
from k8s_tutor.errors import UsageError

__all__ = ["embedded_kubeconfigs", "running_cluster"]


def running_cluster() -> Cluster:
    """The cluster that a notebook works on, as `connect()` would choose it, but never a new one.

    Raises:
        UsageError: none runs.
        ClusterUnavailable: it does not answer.
    """
    choice = choose().cluster
    if choice == "kind":
        from k8s_tutor.cluster.kind_status import kind_status  # noqa: PLC0415  only where it is chosen

        if kind_status().containers:
            return connect_cluster(choice, announce=lambda _: None)
        choice = "embedded"
    if choice != "embedded":
        return connect_cluster(choice, announce=lambda _: None)
    running = embedded_kubeconfigs()
    if not running:
        raise UsageError(
            "no cluster is running",
            why="an embedded cluster lives in the kernel of the notebook that connected to it",
            next_step="open a lesson with `k8s-tutor lab` and run its first cell; `k8s-tutor up` makes a kind cluster",
        )
    from k8s_tutor.cluster.context import ContextCluster  # noqa: PLC0415
    from k8s_tutor.cluster.embedded import CONTEXT  # noqa: PLC0415

    return ContextCluster(CONTEXT, [running[-1]])
