"""A workshop of three on real Kubernetes, from the instructor's command line and in a learner's own process.

One story, one test: a workshop takes a while to make. What of it needs no real cluster is in `tests/unit/workshop`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from k8s_tutor import cli, kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import StatusError
from k8s_tutor.clock import RealClock
from k8s_tutor.course.progress import WORKSHOP
from k8s_tutor.objects import metadata
from k8s_tutor.workshop.classroom import read_definitions

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster
    from k8s_tutor.objects.types import Obj

NAME = "lore"
SHOWN_WITHIN = 5.0  # seconds from a solved exercise to the board
PASSING = {"events", "leases", "endpointslices", "endpoints", "pods", "podmetrics", "nodemetrics", "apiservices"}
"""Kinds whose objects come and go by themselves on a cluster that others use, too."""
ROOT = Path(__file__).resolve().parents[2]
SOLVES = """
import sys
from k8s_tutor import connect
from k8s_tutor.course.catalog import find_exercise
from k8s_tutor.errors import TutorError
t = connect()
t.lesson("pods")
t.exercise("pods-1")
try:
    exec(find_exercise("pods-1").solution, {"t": t})
except TutorError as slow:  # a Pod on a busy machine; the check below asks again
    print(slow)
for _ in range(10):
    verdict = t.check("pods-1")
    if verdict.passed:
        break
print(verdict, flush=True)
sys.stdin.readline()
t.close()
"""


def everything(client: Client) -> set[tuple[str, str, str]]:
    """All objects there are: kind, namespace, name. What is in others' namespaces is others', too."""
    client.refresh_kinds()
    kinds = [kind for kind in client.kinds if "list" in kind.verbs and kind.plural not in PASSING]
    found: list[tuple[str, Obj]] = []
    for kind in kinds:
        try:
            found += [(kind.plural, obj) for obj in client.list(kind)]
        except StatusError as error:
            if error.code != 404:  # a definition that has just gone: real servers list its kind for a moment more
                raise
    return {(kind, metadata.namespace(obj), metadata.name(obj)) for kind, obj in found if is_a_workshops(obj)}


def is_a_workshops(obj: Obj) -> bool:
    where = metadata.namespace(obj) or metadata.name(obj)
    ours = where.startswith((f"{NAME}-", "k8s-tutor")) or where.endswith("tutor.example")
    return ours or WORKSHOP in metadata.labels(obj)  # tests beside it make namespaces and volumes of their own


@pytest.fixture
def run(kind_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What every command of the instructor's ends in; whatever happens, the workshop goes."""
    monkeypatch.delenv("K8S_TUTOR_USER_KUBECONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    copy = tmp_path / "instructor.kubeconfig"  # not among our own files: it is the person's
    [entry] = kubeconfig.contexts([kind_cluster.kubeconfig]).values()
    kubeconfig.write(copy, replace(entry, context="instructor"))
    monkeypatch.setenv("KUBECONFIG", str(copy))
    ending = ["--context", "instructor", "--name", NAME]
    yield ending
    cli.main(["workshop", "remove", "--yes", *ending])


@pytest.mark.kind
@pytest.mark.usefixtures("kubectl")
def test_a_workshop_of_three(
    kind_cluster: Cluster, run: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = Client(kind_cluster.api)
    before = everything(admin)
    assert cli.main(["workshop", "create", "--learners", "3", "--hours", "2", *run]) == 0
    assert "They work until" in capsys.readouterr().out
    mine = tmp_path / "k8s-tutor-workshop" / "learner-01.kubeconfig"
    assert_rights(mine)
    seen, took = solve(mine, run, capsys)
    assert (seen["lesson"], seen["solved"], seen["state"]) == ("pods", 1, "working")
    assert took <= SHOWN_WITHIN
    assert cli.main(["workshop", "remove", "--yes", *run]) == 0
    assert everything(admin) == before
    assert not mine.exists()


def assert_rights(key: Path) -> None:
    """What kubectl says that a learner may: all that `admin` has here, elsewhere what everybody who is known has."""
    here, elsewhere = (can(key, *where) for where in ((), ("-n", "default")))
    for what in ("pods", "deployments.apps", "services", "leases.coordination.k8s.io", "*.tutor.example"):
        rights = " ".join(line for line in here if line.split()[:1] == [what])
        assert "create" in rights or "[*]" in rights, what
        assert not any(line.split()[:1] == [what] for line in elsewhere), what
    named = [one for one in elsewhere if one.startswith("customresourcedefinitions")]
    prepared = sorted(metadata.name(one) for one in read_definitions())
    assert sorted(name for one in named for name in prepared if f"[{name}]" in one) == prepared
    assert len(named) == len(prepared)
    assert all(line.endswith("[get list watch]") for line in named)
    resources = {one.split()[0] for one in elsewhere if one[:1].isalpha()}
    assert {one for one in resources if not one.startswith("self")} <= {
        "Resources", "customresourcedefinitions.apiextensions.k8s.io", "clustertrustbundles.certificates.k8s.io",
    }  # fmt: skip


def can(key: Path, *where: str) -> list[str]:
    command = ["kubectl", "--kubeconfig", str(key), "auth", "can-i", "--list", *where]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


def solve(key: Path, run: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, object], float]:
    """A learner solves an exercise in a process of their own; what the board says then, and after how long."""
    seat = {
        "KUBECONFIG": str(key), "K8S_TUTOR_CLUSTER": f"context:{NAME}-learner-01", "K8S_TUTOR_LEARNER": "Anna",
        "K8S_TUTOR_HOME": str(key.parent.parent / "learner's"),
    }  # fmt: skip
    learner = subprocess.Popen(
        [sys.executable, "-c", SOLVES], env={**os.environ, **seat}, cwd=ROOT, text=True, encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with learner:
        assert learner.stdout is not None
        said = next((line for line in learner.stdout if "pods-1" in line and line[:1] in "✓✗○?"), "")
        solved = RealClock().monotonic()
        assert said.startswith("✓"), said
        capsys.readouterr()
        assert cli.main(["workshop", "status", "--json", *run]) == 0
        took = RealClock().monotonic() - solved
        row = json.loads(capsys.readouterr().out)["learners"][0]
        assert learner.stdin is not None
        learner.stdin.close()
    return row, took
