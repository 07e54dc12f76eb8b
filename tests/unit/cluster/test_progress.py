"""Progress of long things, as a bar and as lines."""

from __future__ import annotations

import threading

import pytest

from k8s_tutor.cluster import progress
from k8s_tutor.cluster.progress import Bar, Lines


def run(it, names, *, done=True):
    it.start("making", 3)
    for name in names:
        it.step(name)
    it.finish(done=done)
    it.finish(done=done)


def test_lines_count_steps(capsys):
    run(Lines(), ["one", "two", "three", "one more"])
    assert capsys.readouterr().err.splitlines() == [
        "making [1/3] 0 s  one",
        "making [2/3] 0 s  two",
        "making [3/3] 0 s  three",
        "making [4/4] 0 s  one more",
        "making: ready (0 s)",
    ]


def test_lines_say_when_it_broke_off(capsys):
    run(Lines(), ["one"], done=False)
    assert capsys.readouterr().err.splitlines()[-1] == "making: not finished (0 s)"


def test_nothing_begun_says_nothing(capsys):
    Lines().finish(done=True)
    Bar().finish(done=True)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("names", [["one", "two"], ["one", "two", "three"], ["one", "two", "three", "four", "five"]])
def test_a_bar_is_full_when_it_is_done(capsys, names):
    run(Bar(), names)
    last = capsys.readouterr().err.rstrip("\n").rpartition("\r")[2]
    assert f"{len(names)}/{len(names)}" in last
    assert "ready" in last


def test_a_bar_that_broke_off_stays_where_it_was(capsys):
    run(Bar(), ["one", "two"], done=False)
    last = capsys.readouterr().err.rstrip("\n").rpartition("\r")[2]
    assert "1/3" in last
    assert "two" in last


def test_logs_get_lines(monkeypatch):
    monkeypatch.delitem(progress.sys.modules, "ipykernel", raising=False)
    assert isinstance(progress.choose_report(), Lines)


class Passing:
    """A clock on which as many seconds have passed as one says."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Passing()
    monkeypatch.setattr(progress, "RealClock", lambda: clock)
    return clock


def test_a_step_that_takes_long_says_how_long_it_has_been_and_what_it_waits_for(clock, capsys):
    lines = Lines()
    lines.start("making", 2)
    lines.step("nodes", "their containers")
    clock.seconds = 3
    lines._beat()  # what the heartbeat calls
    clock.seconds = 20
    lines._beat()
    lines.wait_for("node b")
    clock.seconds = 30
    lines._beat()
    lines.finish(done=True)
    lines._beat()
    assert capsys.readouterr().err.splitlines() == [
        "making [1/2] 0 s  nodes",
        "making [1/2] 20 s  still: nodes, waits for their containers",
        "making [1/2] 30 s  still: nodes, waits for node b",
        "making: ready (30 s)",
    ]


def test_a_bar_shows_the_seconds_of_its_step(clock, capsys):
    bar = Bar()
    bar.start("making", 2)
    bar.step("nodes", "their containers")
    clock.seconds = 7
    bar._beat()
    assert "nodes, waits for their containers (7 s)" in capsys.readouterr().err
    bar.finish(done=False)


def test_a_heart_beats_until_it_is_stopped():
    beats = threading.Semaphore(0)
    pulse = progress.Heartbeat(0.01, beats.release)
    assert beats.acquire(timeout=5)
    assert beats.acquire(timeout=5)
    pulse.stop()
    pulse.stop()
