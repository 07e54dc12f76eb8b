"""Suites that others wrote, on embedded clusters: as many pass as `floor.toml` says, and it names the rest."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from k8s_tutor.api.client import Client
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from tests.interop.suites import environment
from tests.interop.suites.suite import Outcome, Suite, clusters, run

FLOOR = Path(__file__).parent / "suites" / "floor.toml"
SYSTEM = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec:
  replicas: 2
  selector: {matchLabels: {k8s-app: kube-dns}}
  template:
    metadata: {labels: {k8s-app: kube-dns}}
    spec:
      containers: [{name: coredns, image: "registry.k8s.io/pause:3.10.2"}]
"""
CONTROL_PLANE = "node-role.kubernetes.io/control-plane"

pytestmark = [pytest.mark.suite, pytest.mark.timeout(900), pytest.mark.xdist_group("suites")]


@pytest.fixture
def holds(tmp_path: Path, record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Runs a suite and holds it to its floor; tells the closing account."""

    def hold(suite: Suite, prepare: Callable[[EmbeddedCluster], None] = lambda cluster: None) -> None:
        floor = tomllib.loads(FLOOR.read_text(encoding="utf-8"))[suite.name]
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        with clusters(suite) as running:
            for cluster in running:
                prepare(cluster)
            kubeconfigs = [cluster.kubeconfig for cluster in running]
            outcome = run(suite, environment.python(), kubeconfigs, list(floor["fails"]), scratch)
        record_property("suite", summary(suite.name, floor, outcome))
        unlisted = outcome.failed.keys() - floor["fails"].keys()
        for word in surprises(floor, outcome):
            record_property("suite", f"{suite.name}: {word}")
        assert not unlisted, f"fail and are not listed: {sorted(unlisted)}\n{outcome.said}"
        assert len(outcome.passed) >= floor["floor"], outcome.said

    return hold


def summary(name: str, floor: dict[str, Any], outcome: Outcome) -> str:
    """One line of the closing account."""
    counts = f"{len(outcome.passed)} of {len(outcome)} passed (floor {floor['floor']})"
    rest = f"{len(outcome.failed)} failed, {len(outcome.skipped)} skipped"
    return f"{name}: {counts}, {rest}, {outcome.seconds:.0f} s"


def surprises(floor: dict[str, Any], outcome: Outcome) -> list[str]:
    """What the floor file should say now, loudly."""
    words = [f"LISTED AS FAILING, AND PASSES: {name}" for name in sorted(floor["fails"].keys() & outcome.passed)]
    missing = floor["fails"].keys() - outcome.passed - outcome.failed.keys()
    words += [f"LISTED AS FAILING, AND DID NOT RUN: {name}" for name in sorted(missing)]
    if len(outcome.passed) > floor["floor"]:
        words.append(f"RAISE THE FLOOR to {len(outcome.passed)}")
    return words


def a_cluster_in_use(cluster: EmbeddedCluster) -> None:
    """As kr8s' authors run it: something lives in kube-system, and the first node takes every pod."""
    client = Client(cluster.api)
    client.apply(yaml.safe_load(SYSTEM))
    node = client.list("nodes")[0]
    taints = [taint for taint in node["spec"].get("taints", []) if taint["key"] != CONTROL_PLANE]
    client.patch("nodes", node["metadata"]["name"], {"spec": {"taints": taints}})


def test_the_floor_has_never_sunk() -> None:
    """Read from the file's history: the floors of the same cluster (`on`)."""
    log = ["git", "log", "--format=%H", "--", FLOOR.name]
    versions = subprocess.run(log, cwd=FLOOR.parent, capture_output=True, text=True, check=False).stdout.split()
    now = tomllib.loads(FLOOR.read_text(encoding="utf-8"))
    for version in versions:
        show = ["git", "show", f"{version}:./{FLOOR.name}"]
        before = subprocess.run(show, cwd=FLOOR.parent, capture_output=True, check=False).stdout
        for name, then in tomllib.loads(before.decode("utf-8")).items():
            if then.get("on") == now[name].get("on"):
                assert now[name]["floor"] >= then["floor"], f"{name}: the floor may only rise"


def test_kr8s(holds: Callable[..., None], kubectl: str) -> None:
    environment.python()
    folder = environment.installed("kr8s")
    settings = "[pytest]\nasyncio_mode=auto\ntimeout=30\nxfail_strict=true\n"
    holds(Suite("kr8s", "for_kr8s", folder, ["tests"], 2, settings), a_cluster_in_use)


def test_kopf(holds: Callable[..., None], kubectl: str, tmp_path: Path) -> None:
    environment.python()
    folder = environment.kopf_source(tmp_path)
    holds(Suite("kopf", "for_kopf", folder, ["tests/e2e"], 4, options=["--only-e2e", "--timeout=120"]))


def test_kubernetes(holds: Callable[..., None]) -> None:
    environment.python()
    folder = environment.installed("kubernetes")
    tests = ["dynamic", "aio/dynamic"]
    settings = "[pytest]\ntimeout=60\npython_files=test_*.py *_test.py\n"
    holds(Suite("kubernetes", "for_kubernetes", folder, tests, 1, settings))
