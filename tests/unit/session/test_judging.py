"""Judging in time: a look, and more of them while that may change the verdict; for so long and no longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import WatchClosed
from k8s_tutor.clock import VirtualClock
from k8s_tutor.course.progress import Progress
from k8s_tutor.exercises import Exercise, Outcome, Seen, State, Verdict, failed, keep, see
from k8s_tutor.session.display import ProgressLine
from k8s_tutor.session.exercising import LIMIT, Exercises


class _Watch:
    """Waiting on it moves the clock, as on the embedded cluster in awaited pace."""

    def __init__(self, clock: VirtualClock, closes: bool) -> None:
        self._clock = clock
        self._closes = closes

    def next(self, timeout: float) -> None:
        self._clock.advance_to(self._clock.now() + timeout)
        if self._closes:
            raise WatchClosed("gone")

    def close(self) -> None:
        pass


class _Client(Client):
    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.watches = 0
        self.closes = False

    def watch(self, *_: Any, **__: Any) -> Any:
        self.watches += 1
        return _Watch(self.clock, self.closes)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(0.0)


@pytest.fixture
def client(clock: VirtualClock) -> _Client:
    return _Client(clock)


@pytest.fixture
def judge(client: _Client, clock: VirtualClock, tmp_path: Path) -> Callable[..., Verdict]:
    """Judges an exercise of one check, which is given the time."""

    def judged(look: Callable[[float], Seen | Verdict], seconds: float = 0) -> Verdict:
        def check(state: State) -> Seen | Verdict:
            return look(state.time)

        checks = (keep(check, seconds) if seconds else check,)
        chosen = Exercise("demo-1", "", "", checks, "done", (), "", "", ())
        judging = Exercises(client, clock, Progress(tmp_path / "progress.json"), lambda _: chosen)
        return judging.check("demo-1", "demo", {})

    return judged


def test_what_is_so_at_the_first_look_takes_no_time(judge: Callable[..., Verdict], clock: VirtualClock) -> None:
    assert judge(lambda _: see("so")).passed
    assert clock.now() == 0


def test_what_settles_is_waited_for(judge: Callable[..., Verdict], clock: VirtualClock) -> None:
    assert judge(lambda time: see("so") if time >= 7 else failed("not yet", settling=True)).passed
    assert clock.now() == pytest.approx(7, abs=0.5)


def test_what_does_not_settle_is_waited_for_up_to_the_limit(
    judge: Callable[..., Verdict], clock: VirtualClock, client: _Client
) -> None:
    verdict = judge(lambda _: failed("not yet", settling=True))
    assert verdict.outcome is Outcome.FAILED
    assert [str(fact) for fact in verdict.evidence] == [f"looked at for {LIMIT:.0f} s"]
    assert clock.now() == pytest.approx(LIMIT)
    assert client.watches == 1


def test_what_is_wrong_for_good_ends_it_at_once(judge: Callable[..., Verdict], clock: VirtualClock) -> None:
    assert judge(lambda _: failed("wrong")).outcome is Outcome.FAILED
    assert clock.now() == 0


def test_what_has_to_last_is_watched(judge: Callable[..., Verdict], clock: VirtualClock) -> None:
    verdict = judge(lambda _: see("it answers"), seconds=10)
    assert verdict.passed
    assert [str(fact) for fact in verdict.evidence] == ["it answers", "watched for 10 s: it stayed so"]
    assert clock.now() == pytest.approx(10)


def test_a_good_moment_is_not_taken_for_the_whole(judge: Callable[..., Verdict]) -> None:
    verdict = judge(lambda time: failed("it ended") if 4 < time < 5 else see("it runs"), seconds=10)
    assert verdict.outcome is Outcome.FAILED


def test_watching_begins_anew_after_a_bad_moment(judge: Callable[..., Verdict], clock: VirtualClock) -> None:
    assert judge(lambda time: failed("not now", settling=True) if 4 < time < 5 else see("so"), seconds=10).passed
    assert clock.now() == pytest.approx(15, abs=0.6)


def test_what_was_not_so_for_long_enough_cannot_be_told(judge: Callable[..., Verdict]) -> None:
    verdict = judge(lambda time: failed("not now", settling=True) if time < 15 else see("so"), seconds=10)
    assert verdict.outcome is Outcome.CANNOT_TELL


def test_a_watch_that_is_closed_is_opened_again(judge: Callable[..., Verdict], client: _Client) -> None:
    client.closes = True
    assert judge(lambda time: see("so") if time >= 3 else failed("not yet", settling=True)).passed
    assert client.watches > 1


def test_how_far_it_is_is_shown(judge: Callable[..., Verdict], monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(ProgressLine, "update", lambda _, text: shown.append(str(text)))
    judge(lambda _: failed("no pod is ready", settling=True))
    assert shown[0] == "checking demo-1, 0 of 20 s: no pod is ready"
    assert "checking demo-1, 10 of 20 s: no pod is ready" in shown


def test_longer_than_judging_lasts_nothing_can_be_watched() -> None:
    with pytest.raises(ValueError, match="up to 15 s"):
        keep(lambda _: see(), 60)
