"""What a run asks real Kubernetes: a sample, chosen by rules; everything where it is asked for.

Every test of behaviour runs on the embedded cluster each time, and its answer there is what real Kubernetes once gave.
On real Kubernetes a pod takes seconds and all of it together more than an hour, so a run asks for a part: each file of
tests but one is in it, and what only asks the API server is in it whole. The closing account says how much was asked.
"""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests import real_cluster

__all__ = ["ALL", "EXPLAIN", "FUZZ", "LEARNERS", "SESSION", "is_whole", "lesson_of", "take"]

ALL = "K8S_TUTOR_TEST_ALL"
"""Set to anything, a run asks real Kubernetes for everything, not for a sample."""
EXPLAIN = "K8S_TUTOR_TEST_EXPLAIN"
"""`all` asks real Kubernetes for every cause that `t.explain` knows, not for every eighth."""
FUZZ = "K8S_TUTOR_FUZZ"
"""How many times as many hostile inputs are sent, with other seeds; without it, once."""
LEARNERS = "K8S_TUTOR_TEST_LEARNERS"
"""How many learners share a real cluster; without it, four. `20` is a class."""
SESSION = "K8S_TUTOR_TEST_SESSION"
"""`all` plays every chapter of the long session with kubectl on real Kubernetes, too."""

CASES = 40
"""Cases of the clinic, of 200, that a run plays on the embedded cluster."""

_QUICK = (
    "test_access",
    "test_admission_words",
    "test_api_semantics",
    "test_api_words",
    "test_apply",
    "test_hostile_bodies",
    "test_hostile_questions",
)
"""Files that ask nothing but the API server: whole."""
_OURS = ("test_kind_cluster", "test_kubeconfig", "test_session", "test_way")
"""Files about what this library does with a real cluster: whole."""
_EVERY = 6
"""Of any other file, every so many tests."""
_DEFECTS = 12
"""Of defects planted in a course of a stranger's, each a run of pytest, every so many."""
_PROOFS = 16
"""Of the exercises' proofs, every so many: of each kind of proof some."""
_PLAYED = {
    "test_says_the_same_as_on_the_embedded_cluster": (("pods", "en"), ("operators", "zh")),
    "test_every_check_passes_once_solved": (("loadbalancers", "en"), ("services", "zh")),
}
"""Lessons that are played as they stand, and solved."""
_FAULTS = ("service-selector", "claim-class", "binding-subject")
"""Faults of the clinic that are brought about."""


def is_whole() -> bool:
    """Whether this run asks for everything."""
    return bool(os.environ.get(ALL))


def take(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out of a run what is not in the sample, and notes for the closing account what was asked."""
    if is_whole():
        return
    real = [item for item in items if item.get_closest_marker("kind")]
    kept = set().union(*(_chosen(list(of_file)) for _, of_file in groupby(real, key=lambda item: item.path)))
    defects = [item for item in items if _name(item) == "test_a_planted_defect_is_named"]
    left_out = {item for item in real if item not in kept} | {item for item in items if _is_late_case(item)}
    left_out |= set(defects) - set(defects[::_DEFECTS])
    if not left_out:
        return
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=list(left_out))
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        played = ", ".join(f"{lesson} ({language})" for those in _PLAYED.values() for lesson, language in those)
        real_cluster.note(
            f"A sample: real Kubernetes was asked for {len(kept)} of {len(real)} tests; of lessons it was {played}; "
            f"of the clinic's 200 cases on the embedded cluster {CASES}; of {len(defects)} defects planted in a course "
            f"of a stranger's every {_DEFECTS}th, each a run of pytest. {ALL}=1 asks for all."
        )


def _is_late_case(test: pytest.Item) -> bool:
    """Whether it is a case of the clinic beyond those that each run plays."""
    is_case = test.path.parts[-2:] == ("lessons", "test_clinic.py")
    return is_case and int(_params(test).get("seed", 0)) >= CASES


def _chosen(tests: list[pytest.Item]) -> set[pytest.Item]:
    """What of a file's tests on real Kubernetes is in the sample."""
    file = tests[0].path
    if file.stem in (*_QUICK, *_OURS):
        return set(tests)
    if file.stem == "test_exercises":
        return set(tests[::_PROOFS])
    if file.stem == "test_on_kind":
        return {test for test in tests if (lesson_of(test), _params(test)["path"].parent.name) in _PLAYED[_name(test)]}
    if file.stem == "test_many_learners":
        return set()  # a kernel a learner: five minutes of two cores. On the embedded cluster three come each time
    if file.stem == "test_clinic":
        return {test for test in tests if _params(test).get("fault") in _FAULTS}
    return set(tests[::_EVERY])


def lesson_of(test: pytest.Item) -> str:
    """The lesson that a test in `tests/lessons` is about."""
    if test.path.stem == "test_clinic":
        return "clinic"
    params = _params(test)
    if "proof" in params:
        return str(params["proof"].lesson.name)
    if "path" not in params:
        return "pods"  # of a whole class
    path: Path = params["path"]
    return path.stem.partition("_")[2].replace("_", "-")


def _name(test: pytest.Item) -> str:
    """Of its function."""
    return test.name.partition("[")[0]


def _params(test: pytest.Item) -> dict[str, Any]:
    return test.callspec.params if hasattr(test, "callspec") else {}
