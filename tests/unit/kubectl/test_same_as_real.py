"""The built-in kubectl prints what the real one prints, on both kinds of cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.kubectl.builtin import Builtin
from k8s_tutor.kubectl.errors import KubectlError
from k8s_tutor.kubectl.real import Real
from k8s_tutor.session.sources import read

if TYPE_CHECKING:
    from k8s_tutor.session import Session

pytestmark = [pytest.mark.kubectl, pytest.mark.timeout(120)]

NAMESPACE = "kubectl-words"
MANIFEST = """
apiVersion: v1
kind: Pod
metadata: {name: duo, labels: {app: duo, a: b}}
spec:
  containers:
  - {name: app, image: "ghcr.io/stefanprodan/podinfo:6.9.2"}
  - {name: shell, image: "busybox:1.35", command: [sh, -c, "echo one; echo two; sleep 3600"]}
---
apiVersion: v1
kind: Pod
metadata: {name: huge}
spec:
  containers:
  - {name: web, image: "nginx:1.22", resources: {requests: {memory: 1Ti}}}
---
apiVersion: v1
kind: Service
metadata: {name: duo}
spec:
  selector: {app: duo}
  ports: [{port: 80, targetPort: 9898}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.22"}]}
"""
READING = [
    "get pods",
    "get po -o wide",
    "get pods --show-labels",
    "get pods --no-headers",
    "get pods -l app=duo",
    "get pods -l app=nobody",
    "get pods --field-selector status.phase=Pending",
    "get pods -A -l app=duo",
    "get pod duo huge",
    "get pod/duo svc/duo",
    "get pods,svc",
    "get all",
    "get deploy -o wide",
    "get nodes",
    "get ns kubectl-words",
    "get pods -o name",
    "get deploy,svc -o name",
    "get pod duo -o yaml",
    "get pod duo -o json",
    "get pods huge duo -o yaml",
    "get pods -o jsonpath={.items[*].metadata.name}",
    "get pod duo -o jsonpath='{.spec.containers[0]}'",
    "get pod duo -o jsonpath='{.metadata.name}{\"\\n\"}{.metadata.labels.app}'",
    "logs duo -c shell",
    "logs duo shell --tail=1",
    "exec duo -c shell -- echo hello",
    "exec duo -c shell -- sh -c 'exit 3'",
    "exec duo -- hostname",
    "get pod nobody",
    "get nonsense",
    "delete pod nobody",
    "delete pod",
    "logs nobody",
    "logs duo -c nobody",
    "scale deploy/nobody --replicas=2",
]
CHANGING = [
    "label pod duo a=b",
    "label pod duo a=c",
    "label pod duo c=d",
    "label pod duo a=c --overwrite",
    "label pod duo a-",
    "label pod duo z-",
    "annotate pod duo x=y",
    "annotate deploy/web x=y",
    "scale deploy/web --replicas=1",
    "scale deploy web --replicas=1",
]
AGES = re.compile(r"\d+[smh](?:\d+[smh])?| ago|resourceVersion: .*|\"resourceVersion\": .*")


@dataclass
class Pair:
    """The same cluster through both."""

    t: Session
    builtin: Builtin
    real: Real

    def outputs(self, line: str) -> tuple[str, str]:
        return _said(self.builtin, line), _said(self.real, line)

    def restore(self) -> None:
        """What changing lines begin with: the labels and annotations of the manifest alone."""
        wanted = {"metadata": {"labels": {"app": "duo", "a": "b", "c": None}, "annotations": {"x": None}}}
        self.t.client.patch("pods", "duo", wanted, NAMESPACE)


def _said(kubectl: Builtin | Real, line: str) -> str:
    try:
        output = kubectl.run(line)
    except KubectlError as error:
        return "failed: " + error.what
    return "\n".join([*output.notes, output.text])


@pytest.fixture(
    scope="module",
    params=["embedded", pytest.param("kind", marks=pytest.mark.kind)],
)
def pair(request: pytest.FixtureRequest, kubectl: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    from k8s_tutor.session import Session  # noqa: PLC0415  heavy

    cluster = request.getfixturevalue(f"{request.param}_cluster")
    t = Session(cluster)
    t.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    t.namespace = t.client.namespace = NAMESPACE
    t.wait("serviceaccount/default", "exists")
    t.apply(MANIFEST)
    t.wait("pod/duo", "Ready")
    t.wait("deploy/web", "Available")
    t.wait("pod/huge", "Unschedulable")
    cache: Path = tmp_path_factory.mktemp("cache")
    real = Real(kubectl, cluster.kubeconfig, cluster.context, NAMESPACE, cache)
    builtin = Builtin(t.client, NAMESPACE, read, lambda *_: None)
    yield Pair(t, builtin, real)
    t.client.delete("namespaces", NAMESPACE)


@pytest.mark.parametrize("line", READING)
def test_reading(pair: Pair, line: str) -> None:
    builtin, real = pair.outputs(line)
    assert AGES.sub("", builtin).split() == AGES.sub("", real).split()


@pytest.mark.parametrize("line", CHANGING)
def test_changing(pair: Pair, line: str) -> None:
    pair.restore()
    builtin = _said(pair.builtin, line)
    pair.restore()
    assert builtin == _said(pair.real, line)


def test_columns_stand_where_the_real_one_puts_them(pair: Pair) -> None:
    builtin, real = pair.outputs("get nodes -o wide")
    assert builtin == real
