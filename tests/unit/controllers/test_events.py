from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.clock import EPOCH, VirtualClock
from k8s_tutor.embedded.actions import EmitEvent
from k8s_tutor.embedded.events import EventRecorder
from k8s_tutor.objects.types import Obj

POD: Obj = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop", "uid": "u1", "resourceVersion": "7"},
}


class Written:
    """Takes down what a recorder writes."""

    def __init__(self) -> None:
        self.events: dict[str, Obj] = {}

    def create(self, obj: Obj) -> Obj:
        self.events[obj["metadata"]["name"]] = dict(obj)
        return obj

    def patch(self, obj: Obj, patch: Obj, subresource: str = "") -> Obj:
        event = self.events.get(obj["metadata"]["name"])
        if event is None:
            raise StatusError(failure(404, "NotFound", "gone"))
        event.update(patch)
        return event


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(EPOCH)


def say(recorder: EventRecorder, message: str, **fields: Any) -> None:
    recorder.emit(EmitEvent(POD, "Normal", "Pulled", message, **fields))


def test_an_event_has_the_shape_a_real_cluster_gives_it(written: Written, clock: VirtualClock) -> None:
    say(EventRecorder(written, clock, "kubelet", "worker"), "Pulled it", field_path="spec.containers{app}")
    (name, event), *_ = written.events.items()
    stem, _, suffix = name.partition(".")
    assert (stem, len(suffix), int(suffix, 16) // 10**9) == ("web", 16, int(EPOCH))
    assert event == {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": "shop"},
        "involvedObject": {
            "apiVersion": "v1",
            "kind": "Pod",
            "name": "web",
            "namespace": "shop",
            "uid": "u1",
            "resourceVersion": "7",
            "fieldPath": "spec.containers{app}",
        },
        "type": "Normal",
        "reason": "Pulled",
        "message": "Pulled it",
        "count": 1,
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-01T00:00:00Z",
        "eventTime": None,
        "source": {"component": "kubelet", "host": "worker"},
        "reportingComponent": "kubelet",
        "reportingInstance": "worker",
    }


def test_the_same_event_again_is_counted(written: Written, clock: VirtualClock) -> None:
    recorder = EventRecorder(written, clock, "kubelet")
    say(recorder, "Pulled it")
    clock.advance_to(EPOCH + 9)
    say(recorder, "Pulled it")
    (event,) = written.events.values()
    assert (event["count"], event["firstTimestamp"][-3:], event["lastTimestamp"][-3:]) == (2, "00Z", "09Z")


def test_the_tenth_different_message_and_those_after_it_are_combined(written: Written, clock: VirtualClock) -> None:
    recorder = EventRecorder(written, clock, "replicaset-controller")
    for number in range(12):
        say(recorder, f"message {number}")
    *single, combined = written.events.values()
    assert [event["message"] for event in single] == [f"message {number}" for number in range(9)]
    assert combined["message"] == "(combined from similar events): message 11"
    assert (combined["count"], combined["reportingComponent"]) == (3, "")


def test_ten_quiet_minutes_end_the_combining(written: Written, clock: VirtualClock) -> None:
    recorder = EventRecorder(written, clock, "replicaset-controller")
    for number in range(10):
        say(recorder, f"message {number}")
    clock.advance_to(EPOCH + 601)
    say(recorder, "a new start")
    assert list(written.events.values())[-1]["message"] == "a new start"


def test_a_flood_about_one_object_is_cut_at_25(written: Written, clock: VirtualClock) -> None:
    recorder = EventRecorder(written, clock, "kubelet")
    for _ in range(40):
        say(recorder, "again")
    (event,) = written.events.values()
    assert event["count"] == 25
    clock.advance_to(EPOCH + 300)
    say(recorder, "again")
    assert event["count"] == 26


def test_an_event_that_was_deleted_is_written_anew(written: Written, clock: VirtualClock) -> None:
    recorder = EventRecorder(written, clock, "kubelet")
    say(recorder, "again")
    written.events.clear()
    say(recorder, "again")
    (event,) = written.events.values()
    assert event["count"] == 1
