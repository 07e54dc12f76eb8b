from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.api.runs import Act, Fact, Run, merged
from k8s_tutor.render.steps import describe_runs, run_picture
from k8s_tutor.render.text import width, wrapped

RUNS = (
    Run(1, "EtcdCluster db created", (Fact("wanted", "3 members"), Fact("running", "none")), "spec.size · Pods app=db",
        ("− db-0 is missing",), "the first member begins alone", (Act("create Pod db-0"),)),
    Run(2, "Pod db-0 changed", (Fact("wanted", "3 members"),), "", ("− db-1 is missing",), "",
        (Act("create Pod db-1", 'pods "db-1" is forbidden: exceeded quota: members, requested: pods=1'),)),
    Run(3, "Pod db-1 changed", (Fact("wanted", "3 members"),), "", (), "", (), "timed out"),
    Run(4, "Pod db-2 changed", (Fact("running", ", ".join(f"db-{n}" for n in range(30))),), "", ("nothing to change",),
        times=3),
)  # fmt: skip


def test_the_last_run_that_did_something_is_shown() -> None:
    assert (
        run_picture("EtcdCluster db", RUNS).alt_text.splitlines()[0] == "EtcdCluster db, run 3 of 4: Pod db-1 changed"
    )


def test_a_run_told_with_others_is_found_by_each_of_their_numbers() -> None:
    assert run_picture("EtcdCluster db", RUNS, 6).alt_text.startswith(
        "EtcdCluster db, run 4 of 4 (and 3 times in a row)"
    )


def test_a_failure_stands_beside_its_deed() -> None:
    assert "acted: create Pod db-1 (pods" in run_picture("EtcdCluster db", RUNS, 2).alt_text


def test_of_many_runs_the_last_are_told() -> None:
    told = describe_runs("X y", [Run(number, acts=(Act("a"),)) for number in range(1, 31)])
    assert told.startswith("… 18 earlier runs\nX y, run 19 of 30\n")


def test_before_the_first_run_there_is_a_picture_too() -> None:
    assert run_picture("X y", ()).alt_text == "X y: no run yet"


@given(st.text(min_size=1, max_size=300), st.integers(80, 300))
def test_broken_lines_fit_and_lose_no_short_word(text: str, room: int) -> None:
    lines = wrapped(text, 13, room, bold=True)
    assert all(width(line, 13, bold=True) <= room for line in lines)
    kept = " ".join(lines).split()
    assert [word for word in text.split() if width(word, 13, bold=True) <= room] == [
        word for word in kept if "…" not in word or word in text.split()
    ]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2))))
def test_merging_keeps_count_and_every_run_that_acts(story: list[tuple[bool, int]]) -> None:
    runs = [
        Run(number, observed=(Fact("saw", str(seen)),), acts=(Act("deed"),) if acts else ())
        for number, (acts, seen) in enumerate(story, 1)
    ]
    told = merged(runs)
    assert sum(run.times for run in told) == len(runs)
    assert [run for run in told if run.acts] == [run for run in runs if run.acts]


def test_the_widget_holds_a_frame_a_run_and_follows() -> None:
    pytest.importorskip("anywidget")
    from k8s_tutor.render.steps import Stepper  # noqa: PLC0415

    class Source:
        subject = "EtcdCluster db"
        runs = RUNS[:1]
        listeners: list[Callable[[], None]] = []  # noqa: RUF012

        def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
            self.listeners.append(listener)
            return lambda: self.listeners.remove(listener)

    source = Source()
    widget = Stepper(source)
    assert [frame["head"] for frame in widget.frames] == ["EtcdCluster db, run 1 of 1: EtcdCluster db created"]
    assert widget.frames[0]["act"] == "acted: create Pod db-0"
    source.runs = RUNS
    source.listeners[0]()
    assert len(widget.frames) == 4
    data, _metadata = widget._repr_mimebundle_()
    assert data["text/plain"] == run_picture("EtcdCluster db", RUNS).alt_text
    assert "<style>" not in widget.frames[0]["svg"]
    widget.close()
    assert source.listeners == []
