"""What kr8s' tests expect around them: pytest-kind's `k8s_cluster`, and a fixture of the folder above the package."""

from __future__ import annotations

import base64
import gc
import os
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import httpx
import pytest
import yaml


class EmbeddedCluster:
    """As much of pytest-kind's cluster as kr8s' fixtures ask for."""

    kubectl_path = "kubectl"

    @property
    def kubeconfig_path(self) -> Path:
        return Path(os.environ["KUBECONFIG"])

    def kubectl(self, *arguments: str) -> str:
        """kubectl's output. Namespaces, two for each test, without a process for each."""
        match arguments:
            case ("create", "namespace", name):
                body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
                return self._http.post("/api/v1/namespaces", json=body).raise_for_status().text
            case ("delete", "namespace", name, "--wait=false"):
                return self._http.delete(f"/api/v1/namespaces/{name}").raise_for_status().text
        return subprocess.run([self.kubectl_path, *arguments], check=True, capture_output=True, text=True).stdout

    @cached_property
    def _http(self) -> httpx.Client:
        config = yaml.safe_load(self.kubeconfig_path.read_text(encoding="utf-8"))
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        tls = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        with tempfile.TemporaryDirectory() as folder:
            pair = Path(folder) / "client.pem"
            pair.write_bytes(b"".join(base64.b64decode(user[f"client-{part}-data"]) for part in ("certificate", "key")))
            tls.load_cert_chain(pair)
        return httpx.Client(base_url=cluster["server"], verify=tls)


@pytest.fixture(scope="session")
def k8s_cluster() -> EmbeddedCluster:
    return EmbeddedCluster()


@pytest.fixture
def ensure_gc() -> Iterator[None]:
    """Classes made for a test are gone before the next one looks for classes."""
    gc.collect()
    yield
    gc.collect()


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "kubectl_proxy" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("port 8001"))
