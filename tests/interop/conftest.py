"""Clients that others wrote, on the embedded cluster, through nothing but its kubeconfig."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.client import Client

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster

_numbers = itertools.count(1)

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: podinfo
          image: ghcr.io/stefanprodan/podinfo:6.9.2
          ports: [{containerPort: 9898}]
"""

SHELL = """
apiVersion: v1
kind: Pod
metadata: {name: shell}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: shell
      image: busybox:1.35
      command: [sh, -c, 'for i in 1 2 3; do echo line $i; done; sleep 3600']
"""


@pytest.fixture
def namespace(embedded_cluster: Cluster) -> Iterator[str]:
    """A fresh namespace with its service account."""
    client = Client(embedded_cluster.api)
    name = f"interop-{next(_numbers)}"
    client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    with client.watch("serviceaccounts", name) as watch:
        while (event := watch.next(30)) is not None and event.type == "BOOKMARK":
            pass
        assert event is not None
    yield name
    client.delete("namespaces", name)


@dataclass(frozen=True)
class Kubectl:
    """A real kubectl in one namespace."""

    path: str
    kubeconfig: Path
    namespace: str
    cache: Path
    editor: str = ""

    def with_editor(self, command: str) -> Kubectl:
        """The same with an editor that is a command given a file."""
        return replace(self, editor=command)

    def start(self, *arguments: str, **options: object) -> subprocess.Popen[str]:
        """kubectl as a process, its output a pipe."""
        command = [self.path, "--kubeconfig", str(self.kubeconfig), "--cache-dir", str(self.cache)]
        command += ["--namespace", self.namespace, *arguments]
        environment = {key: value for key, value in os.environ.items() if key != "KUBECONFIG"}
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env=environment | {"KUBECTL_EXTERNAL_DIFF": "diff -u -N", "KUBE_EDITOR": self.editor},
            **options,
        )

    def __call__(self, *arguments: str, stdin: str = "", code: int | None = 0) -> str:
        """What kubectl prints; fails unless it ends with `code`."""
        with self.start(*arguments) as process:
            try:
                said, _ = process.communicate(stdin, timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        if code is not None and process.returncode != code:
            pytest.fail(f"kubectl {' '.join(arguments)} ended with {process.returncode}:\n{said}")
        return said


@pytest.fixture(scope="session")
def kubectl_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Discovery is read once."""
    return tmp_path_factory.mktemp("kubectl-cache")


@pytest.fixture
def k(kubectl: str, embedded_cluster: Cluster, namespace: str, kubectl_cache: Path) -> Callable[..., str]:
    """A real kubectl in a fresh namespace."""
    return Kubectl(kubectl, embedded_cluster.kubeconfig, namespace, kubectl_cache)


@pytest.fixture
def web() -> str:
    """A Deployment of two."""
    return WEB


@pytest.fixture
def shell() -> str:
    """A Pod that prints three lines and stays."""
    return SHELL
