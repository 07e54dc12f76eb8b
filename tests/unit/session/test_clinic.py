"""The clinic as a learner meets it: cases, hints, giving up, what comes back, and the way home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from k8s_tutor.course.catalog import find_clinic
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.errors import UsageError
from k8s_tutor.exercises.clinic import choose_seed
from k8s_tutor.language.choice import use_language
from k8s_tutor.session import Session
from k8s_tutor.session.learner import NOBODY, who_learns

CLINIC = find_clinic()[1]
OFFERS = ("autoscaler", "quotas", "rights", "volumes", "tainted", "metrics")


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedCluster]:
    chosen = EmbeddedCluster(PaceMode.AWAITED)
    yield chosen
    chosen.close()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def arrive(
    cluster: EmbeddedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> Callable[..., Session]:
    """Somebody connects; nothing is known of anybody yet."""
    monkeypatch.setenv("K8S_TUTOR_HOME", str(tmp_path))
    monkeypatch.setenv("K8S_TUTOR_KUBECTL", "builtin")
    return lambda name="": Session(cluster, who_learns(name) if name else NOBODY, say=said.append)


@pytest.fixture
def t(arrive: Callable[..., Session]) -> Iterator[Session]:
    session = arrive()
    yield session
    if session._whereabouts.visiting:
        session.leave()


def _cure(t: Session) -> None:
    exec(t._desk.exercise().solution, {"t": t})


def test_there_are_faults_enough() -> None:
    assert len(CLINIC.faults) >= 30
    assert len({fault.id for fault in CLINIC.faults}) == len(CLINIC.faults)
    assert len({str(fault.title) for fault in CLINIC.faults}) == len(CLINIC.faults)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_the_same_seed_breaks_the_same_things_to_the_byte(level: int) -> None:
    starts = [CLINIC.draw(level, seed, OFFERS).start for seed in range(30)]
    assert starts == [CLINIC.draw(level, seed, OFFERS).start for seed in range(30)]
    assert len(set(starts)) > 10


def test_a_cluster_that_cannot_have_a_fault_is_given_another_in_its_place() -> None:
    for seed in range(40):
        case = CLINIC.draw(3, seed, ())
        assert len(case.faults) == 3
        assert not any(fault.needs for fault in case.faults)


def test_faults_of_a_case_touch_different_spots() -> None:
    for seed in range(100):
        spots = [spot for fault in CLINIC.draw(3, seed, OFFERS).faults for spot in fault.spots]
        assert len(spots) == len(set(spots))


def test_the_hardest_level_has_a_fault_that_hides() -> None:
    for seed in range(40):
        assert any(fault.level == 3 for fault in CLINIC.draw(3, seed, OFFERS).faults)


def test_hints_lead_from_the_symptom_to_the_field() -> None:
    for fault in CLINIC.faults:
        assert len(fault.hints) == 3
        assert "ield" in str(fault.hints[2]) or "`code`" in str(fault.hints[2]) or "`command`" in str(fault.hints[2])
        assert "spec." not in str(fault.hints[0])


def test_each_learner_and_each_case_has_a_seed_of_its_own() -> None:
    def draw(seed: int) -> object:
        return CLINIC.draw(1, seed, OFFERS)

    seeds = [choose_seed(draw, who, number) for who in ("", "anna", "li-wei") for number in range(4)]  # type: ignore[arg-type]
    assert len(set(seeds)) == len(seeds)


def test_a_case_from_the_first_look_to_the_debrief(t: Session, capsys: pytest.CaptureFixture[str]) -> None:
    card = str(t.clinic(seed=1))
    assert "case 1, level 1" in card
    assert "Something is broken." in card
    assert t.namespace == "lesson-clinic"
    assert "not attempted yet" in str(t.check("clinic"))
    assert str(t.hint("clinic")).startswith("Hint 1 of 4")
    _cure(t)
    verdict = t.check("clinic")
    assert verdict.passed, verdict
    shown = capsys.readouterr().out
    assert "found faster with: `kubectl" in shown
    assert "what mends it: `t.kubectl" in shown


def test_a_case_left_open_is_told_and_shown_as_it_stands(t: Session) -> None:
    t.clinic(level=1, seed=1)
    with pytest.raises(UsageError) as told:
        t.clinic(level=2)
    assert "A case is open: seed 1, level 1." in str(told.value)
    t.kubectl("scale deploy/web --replicas=3")
    card = str(t.clinic())
    assert "case 1, level 1" in card
    assert "As it stands:" in card


@pytest.mark.parametrize(("level", "seed"), [(4, None), (0, None), ("hard", None), (1, "x"), (1, True), (1, 1.5)])
def test_what_is_no_level_or_seed_is_told(t: Session, level: object, seed: object) -> None:
    with pytest.raises(UsageError, match=r"no level|a whole number"):
        t.clinic(level, seed)  # type: ignore[arg-type]


@pytest.mark.parametrize("ask", ["check", "hint", "exercise"])
def test_without_a_case_one_is_offered(t: Session, ask: str) -> None:
    with pytest.raises(UsageError, match="There is no case"):
        getattr(t, ask)("clinic")


def test_giving_up_tells_and_what_was_missed_comes_back(t: Session) -> None:
    t.clinic(seed=1)
    [missed] = [fault.id for fault in t._desk._case(t._desk._required()).faults]
    debrief = t.clinic(give_up=True)
    assert "What it was, case 1 of level 1:" in str(debrief)
    t.clinic()
    case = t._desk._case(t._desk._required())
    assert missed in [fault.id for fault in case.faults]
    _cure(t)
    assert t.check("clinic").passed
    t.clinic()
    assert t._desk.progress.entry(f"clinic/{missed}")["mended"] == 1
    assert not any(t._desk._is_due(fault) for fault in CLINIC.faults)


def test_whoever_needed_the_last_hint_meets_it_again(t: Session) -> None:
    t.clinic(seed=1)
    hints = [str(t.hint("clinic")) for _ in range(5)]
    assert [hint[:11] for hint in hints] == [f"Hint {number} of 4" for number in (1, 2, 3, 4, 4)]
    assert "give_up=True" in hints[-1]
    _cure(t)
    assert "All that was broken is mended" in str(t.hint("clinic"))
    assert t.check("clinic").passed
    assert [fault.id for fault in CLINIC.faults if t._desk._is_due(fault)] == ["image-name"]


def test_a_cure_by_removal_is_refused(t: Session) -> None:
    t.clinic(seed=1)
    t.kubectl("delete deployments,services --all")
    verdict = t.check("clinic")
    assert "was thrown away" in str(verdict)
    assert "not attempted" in str(t.exercise("clinic") and t.check("clinic"))


def test_leaving_leads_back_to_the_lesson_which_is_as_it_was(t: Session, said: list[str]) -> None:
    t.lesson("pods")
    t.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}})
    t.clinic(seed=1)
    t.reset()
    assert t.get("deployment/web")
    t.leave()
    assert "You are back in lesson Pods." in said
    assert t.namespace == "lesson-pods"
    assert t.get("configmap/mine")
    assert t.client.find("namespaces", "lesson-clinic") is None
    t.leave()
    assert t.client.find("namespaces", "lesson-pods") is None


def test_a_case_outlives_the_kernel_and_belongs_to_its_learner(arrive: Callable[..., Session]) -> None:
    anna = arrive("anna")
    anna.clinic(level=2, seed=5)
    anna.hint("clinic")
    again = arrive("anna")
    assert "case 5, level 2" in str(again.clinic())
    assert str(again.hint("clinic")).startswith("Hint 2 of 4")
    namespace = again.client.get("namespaces", again.namespace)
    assert namespace["metadata"]["labels"]["k8s-tutor.dev/learner"] == "anna"
    other = arrive("li-wei")
    with pytest.raises(UsageError, match="There is no case"):
        other.check("clinic")
    again.leave()
    with pytest.raises(UsageError, match="There is no case"):
        again.check("clinic")


def test_a_finalizer_of_a_case_holds_nobody_up(t: Session) -> None:
    seed = next(one for one in range(500) if "finalizer" in {f.id for f in CLINIC.draw(3, one, OFFERS).faults})
    t.clinic(level=3, seed=seed)
    assert t.client.get("configmaps", "settings", t.namespace)["metadata"]["deletionTimestamp"]
    t.leave()
    assert t.client.find("namespaces", "lesson-clinic") is None


def test_all_of_it_is_said_in_chinese(t: Session) -> None:
    use_language("zh")
    try:
        assert "一家商店" in str(t.clinic(seed=1))
        assert "镜像" in str(t.hint("clinic"))
        assert "症状" in str(t.clinic(give_up=True))
    finally:
        use_language("en")
