"""What pytest has with k8s-tutor installed: `pytest --k8s-lessons DIR`, and fixtures for those who write operators.

Law: pytest loads this module in every run of everybody who has the package, so it imports nothing of weight: what an
option or a fixture needs is imported once somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.language import msg

if TYPE_CHECKING:
    from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
    from k8s_tutor.embedded.runner.control import PaceClock

__all__ = ["clock", "embedded_cluster", "kubeconfig", "pytest_addoption", "pytest_configure"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `pytest --help`."""
    group = parser.getgroup("k8s-tutor", str(msg("k8s-tutor: lessons and clusters")))
    group.addoption(
        "--k8s-lessons",
        action="append",
        default=[],
        metavar="DIR",
        help=str(
            msg("check a course, or one lesson of it: run its notebooks twice, prove its exercises, count what ran")
        ),
    )
    group.addoption(
        "--k8s-cluster",
        choices=("embedded", "kind"),
        default="embedded",
        help=str(msg("where --k8s-lessons does so: embedded (default), or kind, which is real Kubernetes")),
    )


def pytest_configure(config: pytest.Config) -> None:
    """Lessons are tests where `--k8s-lessons` names some; then nothing else is, but what is named beside them."""
    if folders := config.getoption("--k8s-lessons"):
        from k8s_tutor.authoring.pytest_lessons import prepare  # noqa: PLC0415  the law

        prepare(config, [Path(folder) for folder in folders], config.getoption("--k8s-cluster"))


@pytest.fixture
def embedded_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    """A Kubernetes of this test's own: fresh, inside this process, the same in every run.

    Its time moves only while somebody waits for something on it, or by the fixture `clock`; while another program holds
    a watch, ten times as fast as the wall clock. What is kept of it goes with the test.
    """
    from k8s_tutor.embedded.runner.cluster import EmbeddedCluster  # noqa: PLC0415  the law
    from k8s_tutor.embedded.runner.pace import PaceMode  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("K8S_TUTOR_HOME", str(tmp_path_factory.mktemp("k8s-tutor")))
        cluster = EmbeddedCluster(PaceMode.AWAITED)
        try:
            yield cluster
        finally:
            cluster.close()


@pytest.fixture
def kubeconfig(embedded_cluster: EmbeddedCluster, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file by which any client reaches this test's cluster; `KUBECONFIG` names it until the test ends."""
    monkeypatch.setenv("KUBECONFIG", str(embedded_cluster.kubeconfig))
    return embedded_cluster.kubeconfig


@pytest.fixture
def clock(embedded_cluster: EmbeddedCluster) -> PaceClock:
    """The time of this test's cluster: `clock.now()` tells it, `clock.advance(3600)` moves it by an hour."""
    from k8s_tutor.embedded.runner.control import PaceClock  # noqa: PLC0415  the law

    return PaceClock(embedded_cluster.pace)
