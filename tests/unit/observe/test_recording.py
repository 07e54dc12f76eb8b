from __future__ import annotations

from pathlib import Path

import pytest

from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.recording import RecordedChange, Recording, read_deletion_start, read_moment


def pod(name: str, version: int, created: str = "2026-01-01T00:00:00Z") -> Obj:
    meta = {
        "name": name,
        "uid": name,
        "resourceVersion": str(version),
        "creationTimestamp": created,
        "namespace": "demo",
    }
    return {"kind": "Pod", "metadata": meta}


@pytest.fixture
def recording() -> Recording:
    return Recording([
        RecordedChange.of(2.0, "DELETED", pod("web", 30)),
        RecordedChange.of(1.0, "ADDED", pod("web", 10)),
        RecordedChange.of(3.0, "ADDED", pod("db", 20, "2026-01-01T00:00:05Z")),
    ])  # fmt: skip


def test_changes_are_in_the_clusters_order_not_in_that_of_arrival(recording: Recording) -> None:
    assert [change.version for change in recording.changes] == [10, 20, 30]


def test_what_was_saved_loads_as_it_was(recording: Recording, tmp_path: Path) -> None:
    assert Recording.load(recording.save(tmp_path / "a.jsonl")).changes == recording.changes


def test_a_recording_replays_as_snapshots_with_the_clusters_time(recording: Recording) -> None:
    states = [([pod["metadata"]["name"] for pod in state.objects], state.time) for state in recording.states()]
    first, later = read_moment(pod("x", 1)), read_moment(pod("x", 1, "2026-01-01T00:00:05Z"))
    assert states == [(["web"], first), (["web", "db"], later), (["db"], later)]


def test_about_picks_an_objects_changes(recording: Recording) -> None:
    assert [change.type for change in recording.about("Pod", "web")] == ["ADDED", "DELETED"]
    assert recording.about("Service", "web") == ()


def test_deletion_began_its_grace_period_before_the_deletion_timestamp() -> None:
    obj = pod("web", 1)
    obj["metadata"] |= {"deletionTimestamp": "2026-01-01T00:01:00Z", "deletionGracePeriodSeconds": 30}
    assert read_deletion_start(obj) == read_moment(pod("x", 1, "2026-01-01T00:00:30Z"))


def test_the_latest_time_an_object_names_is_when_it_became_what_it_is() -> None:
    obj = pod("web", 1)
    running = {"running": {"startedAt": "2026-01-01T00:00:07Z"}}
    obj["status"] = {
        "conditions": [{"type": "Ready", "lastTransitionTime": "2026-01-01T00:00:03Z"}, {"type": "Other"}],
        "containerStatuses": [{"name": "a", "state": running}],
    }
    assert read_moment(obj) == read_moment(pod("x", 1, "2026-01-01T00:00:07Z"))


def test_an_object_that_names_no_time_has_no_moment() -> None:
    assert read_moment({"kind": "Pod", "metadata": {}}) is None
