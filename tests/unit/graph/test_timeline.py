from __future__ import annotations

from collections.abc import Callable

import pytest

from k8s_tutor.graph.timeline import timeline_of
from k8s_tutor.language import say
from k8s_tutor.observe.recording import Recording


def states(recording: Recording, name: str) -> list[str]:
    steps = timeline_of(recording.about("Pod", name), name).steps
    return list(dict.fromkeys(say(step.pod.word) for step in steps))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("web", "Pending → ContainerCreating → Running (not ready) → Ready → Terminating → Deleted"),
        ("pair", "Pending → ContainerCreating → Running"),
        ("once", "Pending → Init:0/1 → PodInitializing → Running → Completed"),
        ("failing", "Pending → ContainerCreating → Running → Error"),
        ("crash", "Pending → ContainerCreating → Running → Error → CrashLoopBackOff"),
        ("typo", "Pending → ContainerCreating → ErrImagePull → ImagePullBackOff"),
        ("big", "Pending"),
    ],
)
def test_a_life_lists_its_states_in_order_also_those_that_no_watch_was_fast_enough_to_see(
    recorded: Callable[[str], Recording], name: str, expected: str
) -> None:
    assert " → ".join(states(recorded(name), name)) == expected


def test_time_never_runs_backwards(recorded: Callable[[str], Recording]) -> None:
    times = [step.time for step in timeline_of(recorded("crash").about("Pod", "crash"), "crash").steps]
    assert times == sorted(times)


def test_each_run_of_a_container_is_told_once(recorded: Callable[[str], Recording]) -> None:
    recording = recorded("sleepy")
    steps = timeline_of(recording.about("Pod", "sleepy"), "sleepy").steps
    runs = [step for step in steps if say(step.pod.word) == "Running"]
    seen = {
        state["startedAt"]
        for change in recording.changes
        for status in change.object["status"].get("containerStatuses", [])
        for state in (status["state"].get("running"), status.get("lastState", {}).get("terminated"))
        if state
    }
    assert len(runs) == len(seen)


def test_a_pod_that_was_never_seen_has_no_life() -> None:
    assert timeline_of([], "web").steps == ()


def test_a_namesake_that_came_later_is_another_pod(recorded: Callable[[str], Recording]) -> None:
    first = recorded("web").changes
    pod = first[0].object
    later = {**pod, "metadata": {**pod["metadata"], "uid": "another"}}
    changes = [*first, type(first[0]).of(first[-1].time, "ADDED", later)]
    assert [say(step.pod.word) for step in timeline_of(changes, "web").steps] == ["Pending"]
