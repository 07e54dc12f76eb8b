from __future__ import annotations

import asyncio
from typing import Any

import pytest

from k8s_tutor.api.protocol import WatchEvent
from k8s_tutor.api.runs import Act, Run
from k8s_tutor.session.steps import Steps


@pytest.fixture
def steps() -> Steps:
    return Steps("EtcdCluster db")


def facts(run: Run) -> dict[str, str]:
    return {fact.name: fact.value for fact in run.observed}


def pod(name: str) -> dict[str, Any]:
    return {"kind": "Pod", "metadata": {"name": name}}


def test_a_run_is_what_stands_in_the_block(steps: Steps) -> None:
    with steps.run("Pod db-1 deleted"):
        steps.observe("spec.size", wanted=3, running=["db-0", "db-2"])
        steps.analyse("db-1 is missing", because="quorum holds")
        steps.act("create Pod db-1")
    (run,) = steps.runs
    assert (run.number, run.cause, run.sources, run.because) == (1, "Pod db-1 deleted", "spec.size", "quorum holds")
    assert facts(run) == {"wanted": "3", "running": "db-0, db-2"}
    assert (run.analysis, run.acts) == (("db-1 is missing",), (Act("create Pod db-1"),))


def test_a_decorated_function_is_a_run_a_call_and_keeps_its_answer(steps: Steps) -> None:
    @steps
    def reconcile(name: str, event: object = None) -> str:
        steps.observe(name=name)
        return name.upper()

    assert reconcile("db", event=WatchEvent("DELETED", pod("db-1"))) == "DB"
    assert reconcile("db") == "DB"
    assert [run.cause for run in steps.runs] == ["Pod db-1 deleted"]
    assert steps.runs[0].times == 2


def test_handlers_that_run_side_by_side_do_not_mix_their_runs(steps: Steps) -> None:
    @steps
    async def handle(name: str, turn: asyncio.Event, done: asyncio.Event) -> None:
        steps.observe(name=name)
        done.set()
        await turn.wait()
        steps.act(f"create {name}")

    async def both() -> None:
        one, two = asyncio.Event(), asyncio.Event()
        await asyncio.gather(handle("a", one, two), handle("b", two, one))

    asyncio.run(both())
    assert sorted((facts(run)["name"], run.acts[0].words) for run in steps.runs) == [
        ("a", "create a"),
        ("b", "create b"),
    ]


def test_without_blocks_an_observation_after_a_decision_begins_the_next_run(steps: Steps) -> None:
    steps.observe(wanted=3)
    steps.observe(running=[])
    steps.act("create Pod db-0")
    steps.observe(wanted=3)
    assert [(run.number, facts(run), len(run.acts)) for run in steps.runs] == [
        (1, {"wanted": "3", "running": "none"}, 1),
        (2, {"wanted": "3"}, 0),
    ]


def test_a_failed_deed_is_written_down_and_goes_on_its_way(steps: Steps) -> None:
    with pytest.raises(RuntimeError, match="already exists"), steps.run(), steps.act("create Pod db-0"):
        raise RuntimeError('pods "db-0" already exists\nmore')
    assert steps.runs[0].acts == (Act("create Pod db-0", 'pods "db-0" already exists'),)
    assert steps.runs[0].error == ""


def test_a_run_that_breaks_off_says_so(steps: Steps) -> None:
    @steps
    def reconcile(spec: dict[str, int]) -> None:
        steps.observe(wanted=3)
        steps.act(f"create {spec['size']}")

    with pytest.raises(KeyError):
        reconcile({})
    assert steps.runs[0].error == "'size'"
    assert "acted: broke off: 'size'" in repr(steps)


def test_idle_runs_that_saw_the_same_are_told_once(steps: Steps) -> None:
    for running in (["a"], ["a"], ["a"], ["a", "b"]):
        with steps.run("a second has passed"):
            steps.observe(running=running)
            steps.analyse("all well")
    assert [(run.number, run.times) for run in steps.runs] == [(1, 3), (4, 1)]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3, "3"),
        (True, "yes"),
        (None, "none"),
        ([], "none"),
        ({"app": "db"}, "app=db"),
        ([pod("db-0"), pod("db-1")], "db-0, db-1"),
        (pod("db-0"), "Pod db-0"),
        ({"b", "a"}, "a, b"),
    ],
)
def test_values_are_said_as_people_say_them(steps: Steps, value: object, words: str) -> None:
    steps.observe(it=value)
    assert facts(steps.runs[0]) == {"it": words}


def test_listeners_hear_of_each_finished_run(steps: Steps) -> None:
    heard: list[int] = []
    unsubscribe = steps.subscribe(lambda: heard.append(len(steps.runs)))
    for number in range(2):
        with steps.run():
            steps.act(f"deed {number}")
    unsubscribe()
    steps.act("not heard of")
    with steps:
        pass
    assert heard == [1, 2]


def test_the_block_shows_what_was_recorded_at_its_end(steps: Steps, capsys: pytest.CaptureFixture[str]) -> None:
    with steps:
        steps.observe(wanted=1)
        steps.act("create Pod db-0")
    assert capsys.readouterr().out.splitlines() == [
        "EtcdCluster db, run 1 of 1",
        "  observed: wanted 1",
        "  analysed: nothing said",
        "  acted: create Pod db-0",
    ]
