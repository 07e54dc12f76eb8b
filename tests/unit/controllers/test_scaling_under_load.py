"""The whole way: requests cost CPU time, the kubelet measures it, and the autoscaler brings another pod."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.session import Session

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "ghcr.io/stefanprodan/podinfo:6.9.2", resources: {requests: {cpu: 10m}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 9898}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 6
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
"""
LOAD = """
apiVersion: v1
kind: Pod
metadata: {name: load}
spec:
  containers:
  - name: load
    image: busybox:1.35
    command: [sh, -c, "while sleep 0.05; do wget -q -O- http://web > /dev/null; done"]
"""


def _silent(text: str) -> None: ...


@pytest.fixture
def t() -> Iterator[Session]:
    cluster = EmbeddedCluster(PaceMode.AWAITED)
    yield Session(cluster, say=_silent)
    cluster.close()


def test_a_loop_of_requests_brings_a_second_pod(t: Session) -> None:
    t.apply(WEB)
    t.wait("deployment/web")
    t.apply(LOAD)
    t.wait("deployment/web", lambda web: web["status"].get("readyReplicas") == 2, timeout=180)
    assert t.client.get("horizontalpodautoscalers", "web")["status"]["desiredReplicas"] == 2
    assert "above target" in str(t.events("hpa/web"))
