"""Many learners at once on one cluster: each does all of lesson 01, solved, and nobody sees or loses another's things.

Every learner is a process of their own, as a notebook's kernel is. On real Kubernetes four are a sample, and
`K8S_TUTOR_TEST_LEARNERS=20` is a class; on the embedded cluster, which all reach by its kubeconfig, three always come.
The closing account says how many there were. A node holds 110 Pods, and a learner has ten: a class wants two nodes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from k8s_tutor import kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.course.catalog import find_lesson, list_exercises
from k8s_tutor.objects import metadata
from tests import real_cluster, sample
from tests.limited_user import CONTEXT, limited_kubeconfig

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster

SAMPLE = 4
ON_KIND = int(os.environ.get(sample.LEARNERS, SAMPLE))
ON_EMBEDDED = 3
LESSON = "pods"
WITHIN = 1500  # seconds for a whole class: twenty kernels on two cores
EXERCISES = [exercise.id for exercise in list_exercises(find_lesson(LESSON))]

Seat = Callable[[str], dict[str, str]]

pytestmark = [pytest.mark.lesson, pytest.mark.timeout(WITHIN + 300)]


@pytest.fixture(scope="module", params=["embedded", pytest.param("kind", marks=pytest.mark.kind)])
def classroom(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The cluster all learners are on."""
    if request.param == "kind":
        yield request.getfixturevalue("kind_cluster")
        return
    from k8s_tutor.embedded.runner.cluster import EmbeddedCluster  # noqa: PLC0415  heavy
    from k8s_tutor.embedded.runner.pace import PaceMode  # noqa: PLC0415

    cluster = EmbeddedCluster(PaceMode.REALTIME, speed=4)
    yield cluster
    cluster.close()


@pytest.fixture
def learners(classroom: Cluster) -> list[str]:
    """Who comes."""
    number = ON_EMBEDDED if classroom.name == "embedded" else ON_KIND
    who = f"{number} learners at once on {classroom.name}"
    real_cluster.note(f"lesson 01 by {who}; K8S_TUTOR_TEST_LEARNERS=20 is a whole class")
    return [f"learner{one:02}" for one in range(1, number + 1)]


@pytest.fixture
def admins_seat(classroom: Cluster) -> Seat:
    """Everybody has all rights, and says who they are."""

    def sit(learner: str) -> dict[str, str]:
        context = f"context:{classroom.context}"
        return {
            "KUBECONFIG": os.fspath(classroom.kubeconfig),
            "K8S_TUTOR_CLUSTER": context,
            "K8S_TUTOR_LEARNER": learner,
        }

    return sit


@pytest.fixture
def limited_seat(classroom: Cluster, tmp_path: Path) -> Seat:
    """Everybody has rights on one namespace only, a RoleBinding to `admin`, and something in it that is not ours."""

    def sit(learner: str) -> dict[str, str]:
        where = f"class-{learner}"
        path = limited_kubeconfig(classroom, where, tmp_path / f"{learner}.kubeconfig")
        note = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "homework"}, "data": {"of": learner}}
        Client(classroom.api).apply(note, where)
        return {"KUBECONFIG": os.fspath(path), "K8S_TUTOR_CLUSTER": f"context:{CONTEXT}", "K8S_TUTOR_LEARNER": learner}

    return sit


@pytest.fixture(params=["admins_seat", "limited_seat"], ids=["all rights", "one namespace each"])
def seat(request: pytest.FixtureRequest) -> Seat:
    """Where a learner sits: the variables of their kernel."""
    found: Seat = request.getfixturevalue(request.param)
    return found


def test_a_class_does_lesson_01_at_once(seat: Seat, classroom: Cluster, learners: list[str], tmp_path: Path) -> None:
    processes = {learner: _begin(learner, seat(learner), tmp_path) for learner in learners}
    results = {learner: _result(process, tmp_path / f"{learner}.txt") for learner, process in processes.items()}
    assert {learner: result for learner, result in results.items() if result != _whole(learner)} == {}
    admin = Client(classroom.api)
    names = [metadata.name(one) for one in admin.list("namespaces")]
    assert [name for name in names if name.startswith(f"lesson-{LESSON}")] == []
    for learner in [one for one in learners if f"class-{one}" in names]:
        assert admin.list("pods", f"class-{learner}") == []
        assert admin.get("configmaps", "homework", f"class-{learner}")["data"] == {"of": learner}
        admin.delete("namespaces", f"class-{learner}")


def _whole(learner: str) -> dict[str, object]:
    """What a learner reports whose lesson went as it should."""
    return {"solved": EXERCISES, "progress": EXERCISES, "strangers": [], "learner": learner}


def _begin(learner: str, seat: dict[str, str], tmp_path: Path) -> subprocess.Popen[bytes]:
    """A learner's process; all share one settings folder, as on one machine with one account."""
    mine = {key: value for key, value in os.environ.items() if key not in ("KUBECONFIG", kubeconfig.TERMINALS)}
    environment = {**mine, **seat, "K8S_TUTOR_HOME": os.fspath(tmp_path / "home"), "K8S_TUTOR_USER_KUBECONFIG": ""}
    with (tmp_path / f"{learner}.txt").open("w", encoding="utf-8") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.lessons.one_learner", LESSON],
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).resolve().parents[2],
        )


def _result(process: subprocess.Popen[bytes], said: Path) -> object:
    """What a learner reports; of one who broke off, the last of what they saw."""
    try:
        process.wait(WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    lines = said.read_text(encoding="utf-8").splitlines()
    return json.loads(lines[-1]) if process.returncode == 0 else "\n".join(lines[-25:])
