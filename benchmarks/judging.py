"""How many API requests one look of a check sends, and how long it takes: untouched, solved and gone wrong."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.measurement import Measurement
from k8s_tutor.cluster.connect import connect_cluster
from k8s_tutor.course.catalog import list_exercises, list_lessons
from k8s_tutor.exercises.exercise import Exercise
from k8s_tutor.exercises.state import MOST_REQUESTS, take_state
from k8s_tutor.session import Session


def measurements() -> Iterator[Measurement]:
    """One row an exercise, then the most of all."""
    cluster = connect_cluster("embedded", announce=lambda _: None)
    session = Session(cluster)
    counts: list[int] = []
    for lesson in list_lessons():
        for exercise in list_exercises(lesson):
            looks = [_look(session, exercise, cell) for cell in _cells(exercise)]
            requests = [count for count, _ in looks]
            counts += requests
            milliseconds = statistics.median(seconds for _, seconds in looks) * 1000
            name = f"a look at {exercise.id}"
            values = tuple(sorted(map(float, requests)))
            note = f"requests; median of {len(looks)} states, each {milliseconds:.1f} ms"
            yield Measurement(name, statistics.median(requests), "", None, values, note)
    yield Measurement("the most requests of one look", float(max(counts)), "", MOST_REQUESTS)
    cluster.close()


def _cells(exercise: Exercise) -> list[str]:
    return ["", exercise.solution, exercise.alternative, *(mistake.cell for mistake in exercise.mistakes)]


def _look(session: Session, exercise: Exercise, cell: str) -> tuple[int, float]:
    """Requests and seconds of one look, when a whole check has let the cluster settle."""
    session.lesson(exercise.lesson)
    session.exercise(exercise.id)
    exec(compile(cell, "cell", "exec"), {"t": session})
    session.check(exercise.id)
    api = session.client.api
    send, count = api.send, 0

    def counting(request: Any) -> Any:
        nonlocal count
        count += 1
        return send(request)

    api.send = counting  # type: ignore[method-assign]
    try:
        began = time.perf_counter()
        exercise.judge(take_state(session.client, session.namespace, exercise.kinds, time=session.cluster.clock.now()))
        return count, time.perf_counter() - began
    finally:
        api.send = send  # type: ignore[method-assign]
