"""Snapshots and recordings as a real cluster (kind, Kubernetes 1.37.2) gave them; see data/."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from k8s_tutor.observe.recording import Recording
from k8s_tutor.observe.snapshot import Snapshot

DATA = Path(__file__).parent / "data"


def snapshot_of(name: str) -> Snapshot:
    objects = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return Snapshot(objects, namespace="demo")


@pytest.fixture(scope="session")
def unready() -> Snapshot:
    """Deployment shop with three pods, one of them not ready; Services shop, front and lonely; eight bare pods."""
    return snapshot_of("three-of-which-one-unready")


@pytest.fixture(scope="session")
def seven() -> Snapshot:
    """The same later: seven pods, all ready."""
    return snapshot_of("seven-pods")


@pytest.fixture(scope="session")
def moving() -> Snapshot:
    """Deployment web on its way from podinfo 6.9.1 to 6.9.2, four wanted, as far as it may go for now."""
    return snapshot_of("rollout-moving")


@pytest.fixture(scope="session")
def stuck() -> Snapshot:
    """Deployment web on its way to an image that does not exist, past its deadline."""
    return snapshot_of("rollout-stuck")


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], Recording]:
    """The recorded life of a pod: web, pair, once, failing, crash, typo, big, sleepy."""
    return lambda name: Recording.load(DATA / "lives" / f"{name}.jsonl")
