"""The snapshots of the graph's tests: what a real cluster gave."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from k8s_tutor.observe.recording import Recording
from k8s_tutor.observe.snapshot import Snapshot

DATA = Path(__file__).parents[1] / "graph" / "data"


def snapshot_of(name: str) -> Snapshot:
    return Snapshot(json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")), namespace="demo")


@pytest.fixture(scope="session")
def unready() -> Snapshot:
    """Deployment shop with three pods, one of them not ready; Services shop, front and lonely; eight bare pods."""
    return snapshot_of("three-of-which-one-unready")


@pytest.fixture(scope="session")
def seven() -> Snapshot:
    """The same later: seven pods, all ready."""
    return snapshot_of("seven-pods")


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], Recording]:
    """The recorded life of a pod: web, pair, once, failing, crash, typo, big, sleepy."""
    return lambda name: Recording.load(DATA / "lives" / f"{name}.jsonl")
