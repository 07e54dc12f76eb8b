"""Paces: who moves virtual time, and that nothing tears."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from k8s_tutor.clock import VirtualClock
from k8s_tutor.embedded.core import Loop
from k8s_tutor.embedded.runner.control import PaceClock
from k8s_tutor.embedded.runner.pace import Pace, PaceMode


class Bell:
    """Something that rings when its time has come."""

    def __init__(self, pace: Pace) -> None:
        self.changed = pace.condition()
        self.rung = False

    def ring(self) -> None:
        self.rung = True
        self.changed.notify_all()

    def __call__(self) -> bool:
        return self.rung


def paced(mode: PaceMode, speed: float = 1.0) -> tuple[Loop, Pace, Bell]:
    loop = Loop(VirtualClock(1000.0))
    pace = Pace(loop, mode, speed)
    return loop, pace, Bell(pace)


def test_awaited_time_stands_still_until_somebody_waits():
    loop, pace, bell = paced(PaceMode.AWAITED)
    loop.call_later(30, bell.ring)
    time.sleep(0.02)
    assert (pace.now(), bell.rung) == (1000.0, False)
    assert pace.wait(bell, 60, bell.changed)
    assert pace.now() == 1030.0


def test_awaited_time_stops_at_the_deadline():
    loop, pace, bell = paced(PaceMode.AWAITED)
    loop.call_later(30, bell.ring)
    assert not pace.wait(bell, 10, bell.changed)
    assert pace.now() == 1010.0


def test_waiting_an_hour_of_awaited_time_takes_no_time():
    _, pace, bell = paced(PaceMode.AWAITED)
    began = time.monotonic()
    pace.wait(bell, 3600, bell.changed)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("mode", [PaceMode.AWAITED, PaceMode.PAUSED])
def test_looking_on_does_not_move_time(mode):
    loop, pace, bell = paced(mode)
    loop.call_later(0.01, bell.ring)
    assert not pace.wait(bell, 0.05, bell.changed, passive=True)
    assert pace.now() == 1000.0


def test_a_passive_waiter_sees_what_an_active_one_makes_happen():
    loop, pace, bell = paced(PaceMode.AWAITED)
    loop.call_later(30, bell.ring)
    seen = []
    watcher = threading.Thread(target=lambda: seen.append(pace.wait(bell, 10, bell.changed, passive=True)))
    watcher.start()
    pace.run(30)
    watcher.join()
    assert seen == [True]


def test_realtime_runs_by_itself_at_its_speed():
    loop, pace, bell = paced(PaceMode.REALTIME, speed=100)
    with pace.hold():
        loop.call_later(5, bell.ring)
    began = time.monotonic()
    assert pace.wait(bell, 60, bell.changed)
    assert 0.02 < time.monotonic() - began < 0.5
    pace.close()


def test_realtime_clock_runs_between_events():
    _, pace, _ = paced(PaceMode.REALTIME, speed=1000)
    clock = PaceClock(pace)
    first = clock.now()
    time.sleep(0.02)
    assert clock.now() > first + 10
    pace.close()


def test_paused_time_moves_by_steps_alone():
    loop, pace, bell = paced(PaceMode.PAUSED)
    loop.call_later(1, lambda: None)
    loop.call_later(2, bell.ring)
    assert (pace.step(), pace.now(), bell.rung) == (1, 1001.0, False)
    assert (pace.step(), pace.now(), bell.rung) == (1, 1002.0, True)
    assert pace.step() == 0


def test_changing_the_pace_does_not_make_time_jump():
    _, pace, _ = paced(PaceMode.AWAITED)
    pace.run(500)
    pace.set(PaceMode.REALTIME)
    assert 1500 <= pace.now() < 1501
    pace.set(PaceMode.PAUSED)
    frozen = pace.now()
    time.sleep(0.02)
    assert pace.now() == frozen
    pace.close()


def test_awaited_time_flows_while_an_outsider_looks_on():
    loop, pace, bell = paced(PaceMode.AWAITED)
    loop.call_later(1, bell.ring)
    with pace.outsider():
        assert pace.wait(bell, 5, bell.changed, passive=True)
    frozen = pace.now()
    time.sleep(0.05)
    assert pace.now() == frozen
    pace.close()


def test_a_long_wait_does_not_starve_other_threads():
    loop, pace, bell = paced(PaceMode.AWAITED)

    def busy() -> None:
        time.sleep(0.0002)  # stands for work
        loop.call_later(0.001, busy)

    loop.call_later(0, busy)
    waits = []

    def other() -> None:
        for _ in range(5):
            began = time.monotonic()
            with pace.hold():
                waits.append(time.monotonic() - began)

    thread = threading.Thread(target=other)
    with pace.hold():
        thread.start()
    pace.wait(bell, 1, bell.changed)
    thread.join()
    assert len(waits) == 5
    assert max(waits) < 0.3


def test_a_bug_in_a_callback_does_not_stop_time(caplog):
    loop, pace, bell = paced(PaceMode.REALTIME)
    with pace.hold():
        loop.call_later(0.01, lambda: 1 / 0)
        loop.call_later(0.02, bell.ring)
    assert pace.wait(bell, 5, bell.changed)
    assert "bug" in caplog.text
    pace.close()


@pytest.fixture
def heeds_ctrl_c():
    """A shell's background job is started with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_ends_a_wait_between_events_never_inside_one():
    loop, pace, bell = paced(PaceMode.AWAITED)
    halves = []

    def event() -> None:
        halves.append("begun")
        if len(halves) == 21:
            os.kill(os.getpid(), signal.SIGINT)
        halves.append("done")
        loop.call_later(1, event)

    loop.call_later(1, event)
    with pytest.raises(KeyboardInterrupt):
        pace.wait(bell, 1e9, bell.changed)
    assert len(halves) % 2 == 0
    assert pace.step() == 1


def test_whoever_waits_does_not_run_ahead_of_programs_that_look_on():
    loop, pace, bell = paced(PaceMode.AWAITED)
    with pace.outsider():
        loop.call_later(1, bell.ring)
        assert pace.wait(bell, 60, bell.changed)
    assert pace.now() < 1030.0
    pace.close()


def test_whoever_waits_moves_time_again_once_the_others_are_gone():
    loop, pace, bell = paced(PaceMode.AWAITED)
    loop.call_later(3600, bell.ring)
    outsider = pace.outsider()
    outsider.__enter__()
    threading.Timer(0.1, outsider.__exit__, (None, None, None)).start()
    assert pace.wait(bell, 7200, bell.changed)
    pace.close()


def test_while_a_callback_is_out_in_the_world_others_enter_and_time_stands_still():
    loop, pace, bell = paced(PaceMode.AWAITED)
    pace.patient = lambda: True
    out, back = threading.Event(), threading.Event()

    def ask_outside() -> None:
        with pace.released():
            out.set()
            assert back.wait(5)

    loop.call_later(1, ask_outside)
    loop.call_later(2, bell.ring)
    waiter = threading.Thread(target=lambda: pace.wait(bell, 10, bell.changed))
    waiter.start()
    assert out.wait(5)
    with pace.hold():
        assert pace.step() == 0
        pace.let_pass(5)
        assert (pace.now(), bell.rung) == (1001.0, False)
    back.set()
    waiter.join()
    assert (pace.now(), bell.rung) == (1002.0, True)
