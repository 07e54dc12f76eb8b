"""Real kubectl top on the embedded cluster."""

from __future__ import annotations

import pytest

from k8s_tutor.api.client import Client

pytestmark = pytest.mark.kubectl


def test_nodes(k):
    head, *rows = k("top", "nodes").splitlines()
    assert head.split() == ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"]
    assert [row.split()[0] for row in rows] == ["k8s-tutor-control-plane", "k8s-tutor-worker", "k8s-tutor-worker2"]


def test_pods(k, web, embedded_cluster):
    k("apply", "-f", "-", stdin=web)
    k("rollout", "status", "deployment/web", "--timeout=60s")
    with Client(embedded_cluster.api).watch("nodes") as quiet:  # the cluster's time passes while somebody waits
        while k("top", "pods", code=None).startswith("error: "):
            quiet.next(15)
    head, *rows = k("top", "pods", "--containers").splitlines()
    assert head.split() == ["POD", "NAME", "CPU(cores)", "MEMORY(bytes)"]
    assert [row.split()[1:] for row in rows] == [["podinfo", "1m", "13Mi"]] * 2


def test_metrics_are_resources_like_others(k):
    assert k("get", "nodes.metrics").splitlines()[0].split() == ["NAME", "CPU", "MEMORY", "WINDOW"]
    listed = k("api-resources", "--api-group=metrics.k8s.io", "--no-headers").splitlines()
    assert [line.split()[-1] for line in listed] == ["NodeMetrics", "PodMetrics"]
