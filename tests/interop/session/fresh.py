"""An embedded cluster that nobody has touched, in awaited pace."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode

__all__ = ["embedded_cluster"]


@contextmanager
def embedded_cluster() -> Iterator[tuple[Path, Path]]:
    """Its kubeconfig, and a folder for kubectl's cache."""
    cluster = EmbeddedCluster(PaceMode.AWAITED)
    with tempfile.TemporaryDirectory() as cache:
        try:
            yield cluster.kubeconfig, Path(cache)
        finally:
            cluster.close()
