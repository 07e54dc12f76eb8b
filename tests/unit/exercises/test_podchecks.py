"""Checks of pods: what goes on and what only seems to."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.clock import rfc3339
from k8s_tutor.exercises import Outcome, Seen, State, Verdict, is_not_broken, is_ready, prints, runs_for, uses_image

NOW = 1000.0


def _pod(**status: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "web", "image": "docker.io/library/nginx:1.22"}]}
    return {
        "kind": "Pod",
        "metadata": {"name": "a", "uid": "a"},
        "spec": spec,
        "status": {"phase": "Running", **status},
    }


def _running(since: float, restarts: int = 0, last: tuple[float, float] | None = None, code: int = 0) -> dict[str, Any]:
    row: dict[str, Any] = {"name": "web", "restartCount": restarts, "state": {"running": {"startedAt": rfc3339(since)}}}
    if last:
        ended = {"startedAt": rfc3339(last[0]), "finishedAt": rfc3339(last[1]), "exitCode": code}
        row["lastState"] = {"terminated": ended}
    return _pod(containerStatuses=[row])


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        (_running(NOW - 11), "seen"),
        (_running(NOW - 4), "cannot tell"),
        (_running(NOW - 11, 2, (NOW - 40, NOW - 22)), "failed"),
        (_running(NOW - 11, 7, (NOW - 15, NOW - 13)), "failed"),
        (_running(NOW - 100, 7, (NOW - 300, NOW - 101)), "seen"),
        (_running(NOW - 11, 1, (NOW - 14, NOW - 12)), "seen"),
        (_running(NOW - 11, 1, (NOW - 30, NOW - 12)), "cannot tell"),
        (_pod(phase="Pending"), "cannot tell"),
    ],
    ids=[
        "long enough",
        "not yet",
        "a slow crash loop in a good moment",
        "a fast one",
        "trouble of long ago",
        "an image changed in place",
        "as long as the run before it",
        "not started",
    ],
)
def test_whether_it_keeps_running(pod: dict[str, Any], expected: str) -> None:
    found = runs_for("pod/a", 10)(State.of([pod], time=NOW))
    assert ("seen" if isinstance(found, Seen) else found.outcome.value) == expected


def _log(*ages: float) -> dict[str, str]:
    stamps = (rfc3339(NOW - age).replace("Z", ".123456789Z") for age in ages)
    return {"a/web": "".join(f"{stamp} <title>Welcome</title>\n{stamp} <h1>Welcome</h1>\n" for stamp in stamps)}


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ((), "failed"),
        ((5,), "failed"),
        ((9, 4), "seen"),
        ((200, 100), "failed"),
        ((100, 4), "failed"),
        ((10, 5, 1), "seen"),
    ],
)
def test_whether_it_prints_again_and_again(ages: tuple[float, ...], expected: str) -> None:
    state = State.of([_pod()], logs=_log(*ages), time=NOW)
    found = prints("pod/a", "Welcome", "web", again_within=30)(state)
    assert ("seen" if isinstance(found, Seen) else found.outcome.value) == expected
    if isinstance(found, Seen):
        assert str(found.facts[0]) == f"container `web` printed it {len(ages)} times so far"
    else:
        assert found.settling


def test_an_image_may_be_written_out() -> None:
    found = uses_image("pod/a", "nginx:1.22")(State.of([_pod()]))
    assert [str(fact) for fact in found.facts] == ["pod/a, container web, runs docker.io/library/nginx:1.22"]


def test_what_a_probe_gets_is_evidence() -> None:
    event = {"kind": "Event", "metadata": {"name": "e"}, "involvedObject": {"uid": "a"}, "reason": "Unhealthy"}
    state = State.of([_pod(), {**event, "message": "HTTP probe failed with statuscode: 404"}])
    verdict = is_ready("pod/a")(state)
    assert verdict.evidence == ("HTTP probe failed with statuscode: 404",)
    assert verdict.settling


def test_an_image_that_is_not_there_ends_it() -> None:
    waiting = {"name": "web", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no"}}}
    verdict = is_not_broken("pod/a")(State.of([_pod(containerStatuses=[waiting])]))
    assert verdict.outcome is Outcome.FAILED
    assert not verdict.settling


@pytest.mark.parametrize(
    ("generation", "seen", "changed", "settling"),
    [(1, 1, 1, False), (2, 1, 60, True), (2, 2, 1, True), (2, 2, 60, False), (2, 2, -60, False)],
    ids=["new", "not seen yet", "changed just now", "changed long ago", "another computer's clock"],
)
def test_what_was_said_before_a_change_is_not_held_against_it(
    generation: int, seen: int, changed: float, settling: bool
) -> None:
    waiting = {"name": "web", "state": {"waiting": {"reason": "ErrImagePull"}}}
    pod = _pod(containerStatuses=[waiting], observedGeneration=seen)
    entries = [{"time": rfc3339(NOW - changed)}, {"time": rfc3339(NOW), "subresource": "status"}]
    pod["metadata"] |= {"generation": generation, "managedFields": entries}
    verdict = is_not_broken("pod/a")(State.of([pod], time=NOW))
    assert isinstance(verdict, Verdict)
    assert verdict.settling is settling
