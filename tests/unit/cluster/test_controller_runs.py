from __future__ import annotations

import pytest

from k8s_tutor.api.cluster import Feature
from k8s_tutor.cluster.context import ContextCluster
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.errors import UsageError
from k8s_tutor.session import Session

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.22"}]}
"""


def test_the_clusters_own_controllers_tell_their_three_steps(embedded_cluster: EmbeddedCluster) -> None:
    session = Session(embedded_cluster, say=lambda _: None)
    session.apply(DEPLOYMENT)
    session.wait("deploy/web", "Available")
    steps = session.steps("deploy/web", "deployment-controller")
    first = steps.runs[0]
    assert (steps.subject, first.number, first.cause) == ("Deployment web", 1, "Deployment web created")
    assert ("deployments", "web") in [(fact.name, fact.value) for fact in first.observed]
    assert first.analysis
    assert any(act.words.startswith("create ReplicaSet web-") for act in first.acts)
    assert "acted: create ReplicaSet web-" in steps.picture(1).alt_text
    session.delete("deploy/web")


def test_a_cluster_that_cannot_tell_says_so(embedded_cluster: EmbeddedCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Feature.CONTROLLER_RUNS not in getattr(ContextCluster, "features", ())
    monkeypatch.setattr(EmbeddedCluster, "features", frozenset())
    with pytest.raises(UsageError, match="does not tell"):
        Session(embedded_cluster, say=lambda _: None).steps("deploy/web", "deployment-controller")
