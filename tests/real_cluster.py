"""The real clusters of a run: provisioned by whoever needs one first, found by the others, removed at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster
    from k8s_tutor.session.learner import Learner

__all__ = ["GIVEN", "NAME", "answers", "note", "notes", "opened", "remove_all", "remove_lesson", "why_none"]

GIVEN = "K8S_TUTOR_TEST_KUBECONFIG"
"""The kubeconfig of a real cluster that tests use; none is made then, and without it one is."""

NAME = "K8S_TUTOR_KIND_NAME"
"""Environment variable by which the library names its cluster."""

_TESTED = "registry.k8s.io/e2e-test-images/agnhost:2.66.1"
"""Kubernetes' own test image: what tests run on a real cluster beside the images of the course."""

_PURPOSES = ("", "-lessons")
"""What the names of this run's clusters end in: that of most tests, that of the lessons."""


def why_none() -> str:
    """Why this machine has no real Kubernetes; empty where it has."""
    if os.environ.get(GIVEN):
        return ""
    if not shutil.which("kind"):
        return "kind is not installed"
    if not any(answers(engine, "info") for engine in ("docker", "podman", "nerdctl") if shutil.which(engine)):
        return "no container engine answers"
    return ""


def answers(*command: str) -> bool:
    """Whether a command ends well."""
    try:
        return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@contextmanager
def opened(purpose: str = "") -> Iterator[Cluster]:
    """The real cluster for a purpose, made now or by another worker; skips the test where there can be none."""
    if reason := why_none():
        pytest.skip(reason)
    given = os.environ.get(GIVEN)
    if given:
        from k8s_tutor.cluster.context import ContextCluster  # noqa: PLC0415  heavy, and not needed by most tests

        cluster: Cluster = ContextCluster(_current_context(given), [Path(given)])
    else:
        assert purpose in _PURPOSES
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(NAME, os.environ[NAME] + purpose)
            cluster = _at_the_second_try()
    yield cluster
    cluster.close()


def _at_the_second_try() -> Cluster:
    """A cluster through the library; one that fails to come up is tried once more, and the closing account says so."""
    from k8s_tutor.cluster.connect import connect_cluster  # noqa: PLC0415
    from k8s_tutor.course.finding import list_images  # noqa: PLC0415
    from k8s_tutor.errors import ClusterUnavailable  # noqa: PLC0415

    def images() -> list[str]:
        return [*list_images(), _TESTED]

    try:
        return connect_cluster("kind", announce=print, images=images)
    except ClusterUnavailable as error:
        note(f"the kind cluster failed to come up once and was tried again: {error}")
    return connect_cluster("kind", announce=print, images=images)


def remove_all() -> None:
    """Removes the clusters this run has made: its own home knows them."""
    from k8s_tutor.cluster.engine import require_engine, require_kind  # noqa: PLC0415
    from k8s_tutor.cluster.kind import take_down  # noqa: PLC0415
    from k8s_tutor.cluster.kind_cli import KindCli  # noqa: PLC0415
    from k8s_tutor.cluster.ownership import Note  # noqa: PLC0415

    for name in (os.environ[NAME] + purpose for purpose in _PURPOSES):
        if (made := Note(name)).covers(()):
            take_down(KindCli(require_kind(), require_engine(), name), made)


def remove_lesson(cluster: Cluster, name: str, learner: Learner | None = None) -> None:
    """Takes everything a learner's lesson has made off a cluster, as its last cell does."""
    from k8s_tutor.course.catalog import find_lesson  # noqa: PLC0415
    from k8s_tutor.session.belongings import OwnedClient  # noqa: PLC0415
    from k8s_tutor.session.learner import who_learns  # noqa: PLC0415
    from k8s_tutor.session.whereabouts import namespace_for  # noqa: PLC0415

    namespace_for(OwnedClient(cluster.api), cluster, learner or who_learns(), find_lesson(name)).remove()


def note(text: str) -> None:
    """Something the closing account is to say."""
    with notes().open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def notes() -> Path:
    """Where those are kept: workers are processes of their own."""
    return Path(os.environ["K8S_TUTOR_HOME"]) / "notes.txt"


def _current_context(kubeconfig: str) -> str:
    import yaml  # noqa: PLC0415

    return str(yaml.safe_load(Path(kubeconfig).read_text(encoding="utf-8"))["current-context"])
