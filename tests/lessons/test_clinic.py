"""The clinic: each fault alone, and cases by the hundred; on real Kubernetes a sample, or all of them.

Broken is judged broken, mended by the faults' own cures is judged well, and a cure by deleting everything is refused.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.course.catalog import find_clinic
from k8s_tutor.course.finding import find_own_course
from k8s_tutor.exercises.clinic import LEVELS, Case
from k8s_tutor.exercises.exercise import Exercise, record_start
from k8s_tutor.exercises.verdict import Outcome, Verdict
from k8s_tutor.session.exercising import Beginner, _Waiting
from k8s_tutor.session.learner import find_offers

if TYPE_CHECKING:
    from k8s_tutor.session import Session

COURSE, CLINIC = find_clinic()
CASES = [(1 + number % len(LEVELS), number) for number in range(200)]
MOST_REQUESTS = 20  # a look at a case: 15 for an exercise, but this is a whole application
_BROKEN_AFTER = 10.0  # seconds of the cluster's time: what is to be seen of a fault is there by then
_PATIENCE = 180.0
_BEAT = 4.0
_DELETE = "deployments,services,configmaps,secrets,persistentvolumeclaims,poddisruptionbudgets"


class Ward:
    """A place where cases are brought about, and looked at, on one cluster."""

    def __init__(self, t: Session) -> None:
        self.t = t
        self.inside = t._desk._enter_empty(COURSE)
        self.offers = find_offers(t.client, self.inside.name, own=True)

    def admit(self, case: Case) -> None:
        """Breaks a fresh application, and waits until that is to be seen."""
        inside = self.t._desk._enter_empty(COURSE)
        self.t._desk._break(case, inside)
        self.t.namespace = inside.name
        self.wait(_BROKEN_AFTER)

    def look(self, case: Case) -> Verdict:
        """One look, as if something had been tried."""
        chosen = replace(case.exercise(), objects=())
        state = self.t._exercises.look(chosen, self.inside.name)
        verdict = chosen.judge(state)
        assert state.requests <= MOST_REQUESTS
        return verdict

    def look_until(self, case: Case) -> Verdict:
        """Looks again as long as the cluster is on its way."""
        until = self.t.cluster.clock.now() + _PATIENCE
        while not (verdict := self.look(case)).passed and verdict.settling and self.t.cluster.clock.now() < until:
            self.wait(_BEAT)
        return verdict

    def wait(self, seconds: float) -> None:
        """Lets time pass on the cluster."""
        with _Waiting(self.t.client, self.t.cluster.clock, self.inside.name) as waiting:
            waiting.wait(seconds)

    def run(self, cell: str) -> None:
        """What a learner types."""
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(cell, "cell", "exec"), {"t": self.t})


@pytest.fixture(scope="module")
def ward(t: Session) -> Iterator[Ward]:
    place = Ward(t)
    yield place
    t._desk.release()
    t.leave()


def prove(ward: Ward, case: Case) -> None:
    ward.admit(case)
    broken = ward.look(case)
    assert broken.outcome in (Outcome.FAILED, Outcome.CANNOT_TELL), broken
    assert broken.settling or "thrown away" not in str(broken), broken
    ward.run("\n".join(line for fault in case.faults for line in fault.cures))
    well = ward.look_until(case)
    assert well.passed, well
    ward.run(f"t.kubectl('delete {_DELETE} -l part-of=shop --wait=false')")
    refused = ward.look(case)
    assert refused.outcome is Outcome.FAILED, refused


@pytest.mark.parametrize("fault", [fault.id for fault in CLINIC.faults])
def test_a_fault_is_seen_and_mended_and_deleting_everything_is_no_cure(ward: Ward, fault: str) -> None:
    case = CLINIC.case_of([fault], ward.offers)
    if not set(case.faults[0].needs) <= ward.offers:
        pytest.skip("this cluster cannot have it")
    prove(ward, case)


@pytest.mark.parametrize(("level", "seed"), CASES)
def test_a_case_is_seen_and_mended_and_deleting_everything_is_no_cure(ward: Ward, level: int, seed: int) -> None:
    case = CLINIC.draw(level, seed, ward.offers)
    assert len(case.faults) == LEVELS[level]
    prove(ward, case)


# ---- The challenge that is drawn from the clinic, for some learners


def _challenge(learner: str) -> Exercise:
    folder = find_own_course() / "11_map" / "exercises"
    spec = spec_from_file_location("clinic_challenge", folder / "challenge.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    drawn: Exercise = module.EXERCISE.draw(CLINIC, learner)
    return drawn


LEARNERS = ("", "anna", "li-wei")
ATTEMPTS = [
    (learner, name, cell, says)
    for learner in LEARNERS
    for chosen in [_challenge(learner)]
    for name, cell, says in (
        ("untouched", "", "not attempted"),
        ("solution", chosen.solution, "6 of 6 faults are mended"),
        ("alternative", chosen.alternative, "6 of 6 faults are mended"),
        *((one.name, one.cell, one.says) for one in chosen.mistakes),
    )
]


@pytest.mark.parametrize(("learner", "name", "cell", "says"), ATTEMPTS, ids=[f"{one[0]}-{one[1]}" for one in ATTEMPTS])
def test_the_challenge_says_how_much_of_it_is_mended(ward: Ward, learner: str, name: str, cell: str, says: str) -> None:
    chosen = _challenge(learner)
    inside = ward.t._desk._enter_empty(COURSE)
    ward.t.namespace = inside.name
    Beginner(ward.t.client, ward.t.cluster.clock, inside).begin(chosen)
    record_start(ward.t.client, inside.name, chosen.start)
    ward.run(cell)
    judge = replace(ward.t._exercises, find=lambda _: chosen)
    verdict = judge.check(chosen.id, inside.name, {})
    assert verdict.passed is name.endswith(("solution", "alternative")), verdict
    assert says in str(verdict), verdict


def test_a_challenge_is_another_for_each_learner_and_the_same_for_one() -> None:
    starts = [_challenge(f"learner-{number}").start for number in range(20)]
    assert len(set(starts)) > 15
    assert starts == [_challenge(f"learner-{number}").start for number in range(20)]
    assert all(len(_challenge(f"learner-{number}").solution.splitlines()) <= 14 for number in range(40))
