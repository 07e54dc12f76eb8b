from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from k8s_tutor.clock import VirtualClock
from k8s_tutor.embedded.controllers.queue import WorkQueue
from k8s_tutor.embedded.core import Loop


@pytest.fixture
def loop() -> Loop:
    return Loop(VirtualClock(0))


def at_once(note: Callable[[str, str], object]) -> Callable[[str, str], Iterator[float]]:
    """Work without a pause."""

    def work(key: str, cause: str) -> Iterator[float]:
        note(key, cause)
        yield from ()

    return work


def test_a_key_added_twice_is_worked_on_once_with_its_first_cause(loop: Loop) -> None:
    done: list[tuple[str, str]] = []
    queue: WorkQueue[str] = WorkQueue(loop, at_once(lambda key, cause: done.append((key, cause))))
    queue.add("a", "first")
    queue.add("a", "second")
    loop.run_until(1)
    assert done == [("a", "first")]


def test_a_key_added_while_it_is_worked_on_comes_again(loop: Loop) -> None:
    done: list[str] = []

    def work(key: str, cause: str) -> None:
        done.append(cause)
        if cause == "first":
            queue.add(key, "meanwhile")

    queue: WorkQueue[str] = WorkQueue(loop, at_once(work))
    queue.add("a", "first")
    loop.run_until(1)
    assert done == ["first", "meanwhile"]


def test_keys_are_worked_on_in_order_of_arrival(loop: Loop) -> None:
    done: list[str] = []
    queue: WorkQueue[str] = WorkQueue(loop, at_once(lambda key, _: done.append(key)))
    for key in "cab":
        queue.add(key, "")
    loop.run_until(1)
    assert done == ["c", "a", "b"]


def test_failures_back_off_from_5_ms_to_1000_s_and_start_anew_after_a_success(loop: Loop) -> None:
    queue: WorkQueue[str] = WorkQueue(loop, at_once(lambda *_: None))
    waits = [queue.retry("a", "") for _ in range(20)]
    assert waits[:4] == [0.005, 0.01, 0.02, 0.04]
    assert waits[-1] == 1000
    queue.forget("a")
    assert queue.retry("a", "") == 0.005


def test_of_several_later_moments_the_earliest_counts(loop: Loop) -> None:
    done: list[float] = []
    queue: WorkQueue[str] = WorkQueue(loop, at_once(lambda *_: done.append(round(loop.now()))))
    queue.add_after("a", 30, "")
    queue.add_after("a", 10, "")
    queue.add_after("a", 20, "")
    loop.run_until(60)
    assert done == [10]


def test_while_work_pauses_other_keys_get_their_turn(loop: Loop) -> None:
    done: list[tuple[str, int]] = []

    def work(key: str, _: str) -> Iterator[float]:
        if key == "long":
            yield 10
        done.append((key, round(loop.now())))

    queue: WorkQueue[str] = WorkQueue(loop, work)
    for key in ("long", "short"):
        queue.add(key, "")
    loop.run_until(1)
    queue.add("long", "and again")  # it is still being worked on
    loop.run_until(60)
    assert done == [("short", 0), ("long", 10), ("long", 20)]
