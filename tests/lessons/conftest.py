"""A session on both kinds of cluster; each test brings it to the lesson it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from k8s_tutor.session import Session


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("embedded"),
        pytest.param("kind", marks=pytest.mark.kind),
    ],
)
def t(request: pytest.FixtureRequest) -> Iterator[Session]:
    """The session, as a lesson's cells call it."""
    from k8s_tutor.session import Session  # noqa: PLC0415  heavy
    from k8s_tutor.session.catalog import LESSONS  # noqa: PLC0415
    from k8s_tutor.session.ground import Ground  # noqa: PLC0415

    session = Session(request.getfixturevalue(f"{request.param}_cluster"))
    yield session
    for lesson in LESSONS:
        Ground(session.client, session.cluster.clock, lesson.namespace).remove()
