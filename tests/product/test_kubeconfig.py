"""The person's own kubeconfig: read where they ask for a context of it, never written, whatever we do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MINE = "# mine, by hand\napiVersion: v1\nkind: Config\ncurrent-context:   work\nclusters: []\nusers: []\ncontexts: []\n"
USE = """
import os, subprocess, sys
from k8s_tutor import connect
t = connect(sys.argv[1])
t.namespace = t.client.namespace = sys.argv[2]
t.apply("apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: note}\\ndata: {a: b}")
t.kubectl("config set-context --current --namespace=default")
t.kubectl("get configmaps")
from kubernetes import client, config
config.load_kube_config()
assert client.CoreV1Api().read_namespaced_config_map("note", sys.argv[2]).data == {"a": "b"}
t.client.delete("configmaps", "note", sys.argv[2])
t.close()
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person's home with a kubeconfig in the usual place."""
    path = tmp_path / ".kube" / "config"
    path.parent.mkdir()
    path.write_text(MINE, encoding="utf-8", newline="\n")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    return tmp_path


def _environment(home: Path) -> dict[str, str]:
    mine = {key: value for key, value in os.environ.items() if not key.startswith(("KUBECONFIG", "K8S_TUTOR_USER"))}
    return {**mine, "HOME": str(home), "USERPROFILE": str(home)}


def _assert_untouched(home: Path) -> None:
    folder = home / ".kube"
    assert (folder / "config").read_text(encoding="utf-8") == MINE
    assert (folder / "config").stat().st_mtime == 1_000_000_000
    assert [path.name for path in folder.iterdir() if path.name != "cache"] == ["config"]  # kubectl keeps a cache there


def test_the_embedded_cluster_leaves_it_alone(home: Path) -> None:
    subprocess.run([sys.executable, "-c", USE, "embedded", "default"], env=_environment(home), check=True, timeout=100)
    _assert_untouched(home)


@pytest.mark.kind
@pytest.mark.usefixtures("kind_cluster")
def test_a_kind_cluster_of_ours_leaves_it_alone(home: Path) -> None:
    if os.environ.get("K8S_TUTOR_TEST_KUBECONFIG"):
        pytest.skip("the real cluster of this run is somebody else's")
    environment = _environment(home)
    subprocess.run([sys.executable, "-m", "k8s_tutor", "up"], env=environment, check=True, timeout=300)
    subprocess.run([sys.executable, "-c", USE, "kind", "default"], env=environment, check=True, timeout=200)
    subprocess.run([sys.executable, "-m", "k8s_tutor", "status"], env=environment, check=True, timeout=100)
    _assert_untouched(home)
