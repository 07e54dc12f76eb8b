"""`t.images()` tells what runs here, and a stand-in has its mark on the picture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.session.session import Session

DATABASE = """
apiVersion: v1
kind: Pod
metadata: {name: db}
spec:
  containers: [{name: c, image: 'mysql:8', readinessProbe: {exec: {command: [mysqladmin, ping]}}}]
"""


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(EmbeddedCluster(PaceMode.AWAITED), say=lambda text: None)
    yield session
    session.close()


def test_images_are_simulated_or_stood_in_for(session: Session) -> None:
    simulated, _, others = session.images().partition("◫ stand-in")
    assert "nginx " in simulated
    assert " mysql," in others
    assert " mysql" not in simulated


def test_a_stand_in_becomes_ready_and_has_a_mark_on_the_picture(session: Session) -> None:
    session.apply(DATABASE)
    session.wait("pod/db", "ready")
    assert "◫ stand-in" in str(session.graph("pod/db").alt_text)
    assert "◫ stand-in" in session.graph().svg
    assert "StandIn" in str(session.events("pod/db"))
