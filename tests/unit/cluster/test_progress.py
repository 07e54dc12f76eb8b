"""Progress of long things, as a bar and as lines."""

from __future__ import annotations

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
        "making [1/3] one",
        "making [2/3] two",
        "making [3/3] three",
        "making [4/4] one more",
        "making: ready",
    ]


def test_lines_say_when_it_broke_off(capsys):
    run(Lines(), ["one"], done=False)
    assert capsys.readouterr().err.splitlines()[-1] == "making: not finished"


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
