"""Twenty thousand hostile inputs: no crash, no hang, no traceback, no 5xx, and no memory that stays.

`make fuzz SECONDS=3600` goes on with other seeds.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from tests.unit.hostile.fuzz import Fuzz

SEEDS, INPUTS = range(4), 5000
GROWTH = 64 << 20  # bytes
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedCluster]:
    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path))
    cluster = EmbeddedCluster(PaceMode.AWAITED)
    cluster.pace.run(5)
    yield cluster
    cluster.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_comes_the_cluster_stands(
    cluster: EmbeddedCluster, seed: int, capfd: pytest.CaptureFixture[str]
) -> None:
    fuzz = Fuzz(cluster, seed)
    for _ in range(INPUTS // 5):
        fuzz.one()
    before = _size()
    for _ in range(INPUTS - INPUTS // 5):
        fuzz.one()
    assert fuzz.alive()
    assert _size() - before < GROWTH
    assert "Traceback" not in "".join(capfd.readouterr())


def _size() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)
