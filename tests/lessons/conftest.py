"""A session on both kinds of cluster; each test brings it to the lesson it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests import real_cluster
from tests.sample import lesson_of

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster
    from k8s_tutor.session import Session

_TOGETHER = {"loadbalancers": "services", "pods": "services"}
"""Lessons that go into another's lane: two have Services that wait for an address, or have one; and `test_judgements`
begins, as one lane, the first two in turn."""


@pytest.hookimpl(tryfirst=True)  # before the hook for all tests
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each lesson has its own namespace, so each is a lane on the real cluster."""
    for item in items:
        if item.path.parent.name == "lessons" and item.get_closest_marker("kind"):
            lesson = lesson_of(item)
            item.add_marker(pytest.mark.xdist_group(f"kind-lesson-{_TOGETHER.get(lesson, lesson)}"))


@pytest.fixture(scope="session")
def kind_cluster() -> Iterator[Cluster]:
    """The lessons' own real cluster: they switch load balancers on and off, and other tests count on theirs."""
    with real_cluster.opened("-lessons") as cluster:
        yield cluster


@pytest.fixture(scope="module")
def begun() -> set[str]:
    """The lessons that this module's tests have begun here; other workers may be in others."""
    return set()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("embedded"),
        pytest.param("kind", marks=pytest.mark.kind),
    ],
)
def t(request: pytest.FixtureRequest, begun: set[str]) -> Iterator[Session]:
    """The session, as a lesson's cells call it."""
    from k8s_tutor.session import Session  # noqa: PLC0415  heavy

    session = Session(request.getfixturevalue(f"{request.param}_cluster"))
    yield session
    for lesson in sorted(begun):
        real_cluster.remove_lesson(session.cluster, lesson)
