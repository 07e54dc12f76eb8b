"""Watches: from where, what, until when. That replaying one gives the list: `test_watch_laws`."""

from __future__ import annotations

CONFIGS = "/api/v1/namespaces/default/configmaps"


def test_a_watch_from_a_revision_replays_what_came_after_and_goes_on(api) -> None:
    api.config("a")
    since = api.store.revision
    api.config("b")
    watcher = api.watch(f"{CONFIGS}?resourceVersion={since}")
    api.ok("DELETE", f"{CONFIGS}/a")
    assert watcher.seen() == [("ADDED", "b"), ("DELETED", "a")]


def test_a_watch_without_revision_begins_with_what_is_there(api) -> None:
    api.config("a")
    watcher = api.watch(CONFIGS)
    api.patch(f"{CONFIGS}/a", {"data": {"key": "other"}})
    assert watcher.seen() == [("ADDED", "a"), ("MODIFIED", "a")]


def test_an_object_that_leaves_the_selection_arrives_as_deleted(api) -> None:
    watcher = api.watch(f"{CONFIGS}?labelSelector=tier=web")
    api.config("a", tier="web")
    api.patch(f"{CONFIGS}/a", {"metadata": {"labels": {"tier": "db"}}})
    api.patch(f"{CONFIGS}/a", {"metadata": {"labels": {"tier": "web"}}})
    assert watcher.seen() == [("ADDED", "a"), ("DELETED", "a"), ("ADDED", "a")]
    left = watcher.events[1]["object"]["metadata"]
    assert left["labels"] == {"tier": "web"}
    assert int(left["resourceVersion"]) > int(watcher.events[0]["object"]["metadata"]["resourceVersion"])


def test_a_streaming_list_says_where_the_initial_events_end(api) -> None:
    api.config("a")
    query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    watcher = api.watch(f"{CONFIGS}?{query}")
    assert watcher.seen() == [("ADDED", "a"), ("BOOKMARK", "")]
    metadata = watcher.events[1]["object"]["metadata"]
    assert metadata["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert metadata["resourceVersion"] == str(api.store.revision)


def test_bookmarks_come_once_a_minute_to_those_who_allow_them(api) -> None:
    watcher = api.watch(f"{CONFIGS}?resourceVersion={api.store.revision}&allowWatchBookmarks=true")
    api.run(130)
    assert [event["type"] for event in watcher.events] == ["BOOKMARK", "BOOKMARK"]


def test_a_watch_ends_at_its_timeout(api) -> None:
    watcher = api.watch(f"{CONFIGS}?timeoutSeconds=10")
    api.run(9)
    assert not watcher.ended
    api.run(2)
    assert watcher.ended
    api.config("late")
    assert watcher.events == []


def test_a_watch_from_a_compacted_revision_has_expired(api) -> None:
    api.config("a")
    api.store.compact(api.store.revision)
    watcher = api.watch(f"{CONFIGS}?resourceVersion=2")
    (event,) = watcher.events
    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")
    assert watcher.ended


def test_a_watch_from_a_future_revision_waits_for_it(api) -> None:
    watcher = api.watch(f"{CONFIGS}?resourceVersion={api.store.revision + 1}")
    api.config("skipped")
    api.config("seen")
    assert watcher.seen() == [("ADDED", "seen")]


def test_a_watched_table_tells_its_columns_once(api) -> None:
    watcher = api.watch(CONFIGS, accept="application/json;as=Table;v=v1;g=meta.k8s.io")
    api.config("a")
    api.config("b")
    first, second = (event["object"] for event in watcher.events)
    assert first["columnDefinitions"]
    assert not second["columnDefinitions"]


def test_a_closed_watch_delivers_nothing_more(api) -> None:
    watcher = api.watch(CONFIGS)
    watcher.feed.close()
    watcher.feed.close()
    api.config("a")
    assert watcher.events == []
