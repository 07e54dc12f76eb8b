"""The committed notebooks on real Kubernetes: the same outputs, normalised; and with solutions every check passes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.exercises.catalog import exercises
from k8s_tutor.lessons.execution import Stage, execute
from k8s_tutor.lessons.factory import load
from k8s_tutor.lessons.normalise import differences, texts
from k8s_tutor.lessons.notebooks import Notebook, with_solutions
from tests import real_cluster

if TYPE_CHECKING:
    from k8s_tutor.cluster.protocol import Cluster

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "lessons" / "en").glob("[0-9]*.ipynb"))

pytestmark = [
    pytest.mark.kind,
    pytest.mark.lesson,
    pytest.mark.timeout(900),
    pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem),
]


@pytest.fixture
def stage(path: Path, kind_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A kernel finds the cluster by name where the library provisioned it, else by its context."""
    if kind_cluster.name == "kind":
        name = kind_cluster.context.removeprefix("kind-")
        return Stage({"K8S_TUTOR_CLUSTER": "kind", "K8S_TUTOR_KIND_NAME": name}, timeout=400)
    if any(exercise.load_balancers for exercise in exercises(path.stem.partition("_")[2])):
        pytest.skip("whether a cluster of somebody else's gives addresses is not ours to say")
    monkeypatch.delenv("K8S_TUTOR_USER_KUBECONFIG", raising=False)
    variables = {
        "K8S_TUTOR_CLUSTER": f"context:{kind_cluster.context}",
        "KUBECONFIG": os.fspath(kind_cluster.kubeconfig),
    }
    return Stage(variables, timeout=400)


@pytest.fixture(autouse=True)
def _from_nothing(path: Path, kind_cluster: Cluster) -> None:
    """What an attempt that broke off has left is said by the next one; a second try is to begin as the first did."""
    real_cluster.remove_lesson(kind_cluster, path.stem.partition("_")[2])


def test_says_the_same_as_on_the_embedded_cluster(path: Path, stage: Stage) -> None:
    committed = load(path)
    found = differences(committed, execute(_emptied(committed), stage))
    assert not found, "\n\n".join(found)


def test_every_check_passes_once_solved(path: Path, stage: Stage) -> None:
    lesson = path.stem.partition("_")[2]
    solutions = {exercise.id: exercise.solution for exercise in exercises(lesson)}
    solved = execute(with_solutions(_emptied(load(path)), solutions), stage)
    checks = [cell for cell in solved["cells"] if cell["source"].startswith("t.check(")]
    assert len(checks) == len(solutions)
    for cell in checks:
        assert "solved" in texts(cell)[0], texts(cell)


def _emptied(notebook: Notebook) -> Notebook:
    """As a learner opens it: no outputs yet."""
    fresh = [
        {**cell, "outputs": [], "execution_count": None} if cell["cell_type"] == "code" else cell
        for cell in notebook["cells"]
    ]
    return {**notebook, "cells": fresh}
