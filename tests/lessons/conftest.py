"""A session on both kinds of cluster; each test brings it to the lesson it is about."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import real_cluster

if TYPE_CHECKING:
    from k8s_tutor.api.cluster import Cluster
    from k8s_tutor.session import Session

_TOGETHER = {"loadbalancers": "services"}
"""Lessons that go into another's lane: both have Services that wait for an address, or have one."""


_WHOLE = os.environ.get("K8S_TUTOR_TEST_LESSONS") == "all"
_EACH_TIME = ("pods", "services", "loadbalancers", "operators")
"""Lessons that a run plays on real Kubernetes whole: every proof, both ways. Of the others, a sample of proofs."""
_FOUNDING = ("operators-4", "operators-5", "operators-6")
"""Exercises of theirs each of whose proofs founds a database or an operator's home, a minute apiece: a sample."""
_IN_CHINESE = ("services",)
"""Those of them that it plays there in Chinese, too."""
_EVERY = 8
"""Of the other lessons' proofs, every so many."""
_FAULTS = ("image-tag", "service-selector", "claim-class", "quota", "liveness-kills", "binding-subject")
"""Faults of the clinic that a run brings about on real Kubernetes."""
_CASES = 40
"""Cases of the clinic, of 200, that a run plays on the embedded cluster."""


@pytest.hookimpl(tryfirst=True)  # before the hook for all tests
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each lesson has its own namespace, so each is a lane on the real cluster; and a sample is played there."""
    _take_sample(config, items)
    _take_cases(config, items)
    for item in items:
        if "lessons" in item.path.parent.parts[-1:] and item.get_closest_marker("kind"):
            lesson = _lesson(item)
            item.add_marker(pytest.mark.xdist_group(f"kind-lesson-{_TOGETHER.get(lesson, lesson)}"))


def _take_sample(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what need not run on real Kubernetes each time; the closing account says how much that is."""
    real = [item for item in items if item.path.parent.name == "lessons" and item.get_closest_marker("kind")]
    proofs = [item for item in real if item.path.stem == "test_exercises"]
    lessons = [item for item in real if item.path.stem == "test_on_kind"]
    others = [item for item in proofs if _lesson(item) not in _EACH_TIME or _exercise(item) in _FOUNDING]
    whole = {item for item in proofs if _lesson(item) in _EACH_TIME and _exercise(item) not in _FOUNDING}
    played = {item for item in lessons if _lesson(item) in (_EACH_TIME if _language(item) == "en" else _IN_CHINESE)}
    kept = whole | played | set(others[::_EVERY])
    left_out = [] if _WHOLE else [item for item in (*proofs, *lessons) if item not in kept]
    if not left_out:
        return
    items[:] = [item for item in items if item not in set(left_out)]
    config.hook.pytest_deselected(items=left_out)
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        real_cluster.note(
            f"real Kubernetes was asked for {len(kept.intersection(proofs))} of {len(proofs)} proofs of exercises; of "
            f"lessons it played {', '.join(_EACH_TIME)} in both ways, {', '.join(_IN_CHINESE)} in Chinese, too; "
            "K8S_TUTOR_TEST_LESSONS=all asks for all"
        )


def _exercise(item: pytest.Item) -> str:
    return str(item.callspec.params["proof"].exercise.id)  # type: ignore[attr-defined]


def _language(item: pytest.Item) -> str:
    path: Path = item.callspec.params["path"]  # type: ignore[attr-defined]
    return path.parent.name


def _take_cases(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the clinic: each fault on the embedded cluster, and some cases; on real Kubernetes some faults."""
    clinic = [item for item in items if item.path.stem == "test_clinic" and item.path.parent.name == "lessons"]
    left_out = [] if _WHOLE else [item for item in clinic if not _is_each_time(item)]
    if not left_out:
        return
    items[:] = [item for item in items if item not in set(left_out)]
    config.hook.pytest_deselected(items=left_out)
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        real_cluster.note(
            f"of the clinic's 200 cases {_CASES} were played, and of its faults {len(_FAULTS)} on real Kubernetes; "
            "K8S_TUTOR_TEST_LESSONS=all asks for all"
        )


def _is_each_time(item: pytest.Item) -> bool:
    params = item.callspec.params if hasattr(item, "callspec") else {}
    if item.get_closest_marker("kind"):
        return params.get("fault") in _FAULTS
    return int(params.get("seed", 0)) < _CASES


def _lesson(item: pytest.Item) -> str:
    if item.path.stem == "test_clinic":
        return "clinic"
    params = item.callspec.params  # type: ignore[attr-defined]
    if "proof" in params:
        return str(params["proof"].lesson.name)
    if "path" not in params:
        return "pods"  # of a whole class
    path: Path = params["path"]
    return path.stem.partition("_")[2].replace("_", "-")


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
