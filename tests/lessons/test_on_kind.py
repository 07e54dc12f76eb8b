"""The committed notebooks on real Kubernetes: the same outputs, normalised; and with solutions every check passes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.authoring.factory import load
from k8s_tutor.authoring.outputs import differences, texts
from k8s_tutor.authoring.proving import Stage, execute
from k8s_tutor.authoring.source import Notebook, emptied, with_solutions
from k8s_tutor.course.catalog import find_lesson, list_exercises
from k8s_tutor.language.choice import VARIABLE
from k8s_tutor.session.learner import LEARNER, NOBODY, who_learns
from tests import real_cluster

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "lessons").glob("[ez][nh]/[0-9]*.ipynb"))

SOLVED = {"en": "solved", "zh": "已完成"}

VISITOR = "visitor"
"""Who learns where the cluster is somebody else's."""

pytestmark = [
    pytest.mark.kind,
    pytest.mark.lesson,
    pytest.mark.timeout(900),
    pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}"),
]


def _lesson(path: Path) -> str:
    return path.stem.partition("_")[2].replace("_", "-")


_PULLS_A_PLUG = "start-four"
"""A lesson that switches a machine off where it may: not while other lessons are played on the same cluster."""


def _is_ours(path: Path, cluster: Cluster) -> bool:
    """Whether the lesson is told that the cluster is one person's."""
    return cluster.name == "kind" and _lesson(path) != _PULLS_A_PLUG


@pytest.fixture
def stage(path: Path, kind_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A kernel finds the cluster by name where the library provisioned it, else by its context."""
    speaks = {VARIABLE: path.parent.name}
    if _is_ours(path, kind_cluster):
        name = kind_cluster.context.removeprefix("kind-")
        return Stage({**speaks, "K8S_TUTOR_CLUSTER": "kind", "K8S_TUTOR_KIND_NAME": name}, timeout=400)
    if find_lesson(_lesson(path)).load_balancers:
        pytest.skip("whether a cluster of somebody else's gives addresses is not ours to say")
    monkeypatch.delenv("K8S_TUTOR_USER_KUBECONFIG", raising=False)
    variables = {
        **speaks,
        "K8S_TUTOR_CLUSTER": f"context:{kind_cluster.context}",
        "KUBECONFIG": os.fspath(kind_cluster.kubeconfig),
        LEARNER: VISITOR,
    }
    return Stage(variables, timeout=400)


@pytest.fixture(autouse=True)
def _from_nothing(path: Path, kind_cluster: Cluster) -> None:
    """What an attempt that broke off has left is said by the next one; a second try is to begin as the first did."""
    learner = NOBODY if _is_ours(path, kind_cluster) else who_learns(VISITOR)
    real_cluster.remove_lesson(kind_cluster, _lesson(path), learner)


def test_says_the_same_as_on_the_embedded_cluster(path: Path, stage: Stage) -> None:
    committed = load(path)
    found = differences(committed, _as_nobodys(execute(emptied(committed), stage)))
    assert not found, "\n\n".join(found)


def test_every_check_passes_once_solved(path: Path, stage: Stage) -> None:
    lesson = _lesson(path)
    learner = who_learns(None, stage.environment).label
    solutions = {exercise.id: exercise.solution for exercise in list_exercises(find_lesson(lesson), learner)}
    solved = execute(with_solutions(emptied(load(path)), solutions), stage)
    checks = [cell for cell in solved["cells"] if cell["source"].startswith("t.check(")]
    assert len(checks) == len(solutions)
    for cell in checks:
        assert SOLVED[path.parent.name] in texts(cell)[0], texts(cell)


def _as_nobodys(notebook: Notebook) -> Notebook:
    """As if the cluster were one person's: there, namespaces carry no learner, and nobody is introduced."""
    text = re.sub(rf"(lesson-[a-z-]+?)-{VISITOR}\b", r"\1", json.dumps(notebook, ensure_ascii=False))
    plain: Notebook = json.loads(re.sub(r"(Learner |学习者)[^\n]*?connect\(learner=[^\n]*?\)\\n", "", text))
    return plain
