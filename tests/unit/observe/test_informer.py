from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from k8s_tutor.api.protocol import WatchClosed, WatchEvent, failure
from k8s_tutor.observe.informer import Informer
from k8s_tutor.observe.snapshot import Snapshot

Pod = Callable[..., dict[str, Any]]
PATIENCE = 10.0


class Followed:
    """An informer on a fake server, and the snapshots that it told of."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.told: queue.Queue[Snapshot] = queue.Queue()
        self.informer = Informer(server, "demo", ("pods",), self.told.put, interval=0.0)

    def names(self) -> list[str]:
        return [pod["metadata"]["name"] for pod in self.informer.snapshot().of("pods")]

    def next(self) -> list[str]:
        return [pod["metadata"]["name"] for pod in self.told.get(timeout=PATIENCE).of("pods")]


@pytest.fixture
def followed(server: Any, make_pod: Pod) -> Iterator[Followed]:
    server.put(make_pod("web", 5))
    follower = Followed(server)
    yield follower
    follower.informer.stop()


def test_it_knows_everything_when_start_returns_and_watches_from_there_without_moving_time(followed: Followed) -> None:
    followed.informer.start()
    watch = followed.server.opened()
    assert followed.names() == ["web"]
    assert (watch.since, watch.passive) == ("5", True)


def test_it_tells_of_what_is_added_and_deleted(followed: Followed, make_pod: Pod) -> None:
    followed.informer.start()
    watch = followed.server.opened()
    watch.events.put(WatchEvent("ADDED", make_pod("db", 6)))
    assert followed.next() == ["db", "web"]
    watch.events.put(WatchEvent("DELETED", make_pod("web", 7)))
    assert followed.next() == ["db"]


def test_a_watch_that_the_server_ended_is_taken_up_where_it_was(followed: Followed, make_pod: Pod) -> None:
    followed.informer.start()
    watch = followed.server.opened()
    watch.events.put(WatchEvent("BOOKMARK", {"kind": "Pod", "metadata": {"resourceVersion": "9"}}))
    watch.events.put(WatchClosed())
    again = followed.server.opened()
    assert (again.since, followed.server.lists) == ("9", 1)


def test_a_watch_that_came_too_late_leads_back_to_the_list(followed: Followed, make_pod: Pod) -> None:
    followed.informer.start()
    watch = followed.server.opened()
    followed.server.remove("web", 8)
    followed.server.put(make_pod("db", 9))
    watch.events.put(WatchEvent("ERROR", failure(410, "Expired", "too old resource version: 5 (8)")))
    assert followed.server.opened().since == "9"
    assert followed.names() == ["db"]
    changes = [(change.type, change.object["metadata"]["name"]) for change in followed.informer.recording.changes]
    assert changes == [("ADDED", "web"), ("DELETED", "web"), ("ADDED", "db")]


def test_news_older_than_what_is_known_changes_nothing(followed: Followed, make_pod: Pod) -> None:
    followed.informer.start()
    watch = followed.server.opened()
    watch.events.put(WatchEvent("MODIFIED", make_pod("web", 4, phase="Pending")))
    watch.events.put(WatchEvent("ADDED", make_pod("db", 6)))
    assert followed.next() == ["db", "web"]
    assert followed.informer.snapshot().find("pods", "web") == make_pod("web", 5)


def test_kinds_that_we_may_not_read_are_missing_and_the_others_are_there(server: Any) -> None:
    server.forbidden.add("nodes")
    with Informer(server, "demo", ("nodes", "pods")) as informer:
        assert informer.missing == ("nodes",)
        assert informer.snapshot().missing == ("nodes",)


def test_sync_waits_for_what_the_server_knows_already(followed: Followed, make_pod: Pod) -> None:
    followed.informer.start()
    watch = followed.server.opened()
    followed.server.put(make_pod("db", 6))
    assert not followed.informer.sync(0.01)
    watch.events.put(WatchEvent("ADDED", make_pod("db", 6)))
    assert followed.informer.sync(PATIENCE)
    assert followed.names() == ["db", "web"]


def test_sync_waits_for_a_deletion_too(followed: Followed) -> None:
    followed.informer.start()
    watch = followed.server.opened()
    gone = followed.server.remove("web", 6)
    assert not followed.informer.sync(0.01)
    watch.events.put(WatchEvent("DELETED", gone))
    assert followed.informer.sync(PATIENCE)


def test_a_subscriber_that_fails_does_not_blind_the_others(
    followed: Followed, make_pod: Pod, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_snapshot: Snapshot) -> None:
        raise ValueError("mine")

    seen: queue.Queue[Snapshot] = queue.Queue()
    followed.informer.subscribe(fail)
    followed.informer.subscribe(seen.put)
    followed.informer.start()
    followed.server.opened().events.put(WatchEvent("ADDED", make_pod("db", 6)))
    assert len(seen.get(timeout=PATIENCE).of("pods")) == 2
    assert "mine" in caplog.text


def test_who_unsubscribed_hears_nothing_more(followed: Followed, make_pod: Pod) -> None:
    seen: list[Snapshot] = []
    unsubscribe = followed.informer.subscribe(seen.append)
    unsubscribe()
    followed.informer.start()
    followed.server.opened().events.put(WatchEvent("ADDED", make_pod("db", 6)))
    followed.next()
    assert seen == []


def test_many_changes_are_told_at_once(server: Any, make_pod: Pod) -> None:
    told: list[int] = []
    informer = Informer(server, "demo", ("pods",), lambda seen: told.append(len(seen.of("pods"))), interval=0.2)
    with informer:
        watch = server.opened()
        for number in range(50):
            server.put(make_pod(f"web-{number}", 10 + number))
            watch.events.put(WatchEvent("ADDED", make_pod(f"web-{number}", 10 + number)))
        assert informer.sync(PATIENCE)
    assert len(told) < 10


def test_stop_closes_watches_and_ends_every_thread(followed: Followed) -> None:
    followed.informer.start()
    watch = followed.server.opened()
    followed.informer.stop()
    assert watch.closed
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("k8s-tutor-informer")]


# ---- At rest, and out of touch


@pytest.fixture
def heard(followed: Followed) -> queue.Queue[str]:
    """What a listener is told, in order: `changed`, `rest`, `lost`, `back`."""
    told: queue.Queue[str] = queue.Queue()
    followed.informer.start()
    followed.informer.subscribe(
        lambda _: told.put("changed"),
        at_rest=lambda: told.put("rest"),
        on_loss=lambda when: told.put("back" if when is None else "lost"),
    )
    return told


def test_when_nothing_changes_any_more_it_says_so_once(
    followed: Followed, heard: queue.Queue[str], make_pod: Pod
) -> None:
    watch = followed.server.opened()
    watch.events.put(WatchEvent("ADDED", make_pod("db", 6)))
    assert [heard.get(timeout=PATIENCE) for _ in range(2)] == ["changed", "rest"]
    watch.events.put(WatchEvent("MODIFIED", make_pod("db", 7)))
    assert [heard.get(timeout=PATIENCE) for _ in range(2)] == ["changed", "rest"]


def test_a_server_that_hangs_is_noticed_within_five_seconds_and_so_is_its_return(
    followed: Followed, heard: queue.Queue[str]
) -> None:
    followed.server.speaks.clear()
    assert heard.get(timeout=5.0) == "lost"
    followed.server.speaks.set()
    assert heard.get(timeout=5.0) == "back"
