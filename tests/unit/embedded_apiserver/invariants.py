"""What holds in a cluster at any moment, whatever was asked of it."""

from __future__ import annotations

from typing import Any

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.embedded.apiserver.listing import oldest_kept
from k8s_tutor.embedded.core import Streaming
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from k8s_tutor.objects.kinds import Kind

__all__ = ["check_history", "check_lists", "check_objects", "check_watches"]


def check_objects(cluster: EmbeddedKubernetes) -> None:
    """Every stored object has an identity of its own and is what its kind's decoder makes of it."""
    uids: set[str] = set()
    for kind, obj in _stored(cluster):
        metadata = obj["metadata"]
        assert metadata["uid"] not in uids, metadata
        uids.add(metadata["uid"])
        assert 1 <= int(metadata["resourceVersion"]) <= cluster.store.revision
        assert metadata["creationTimestamp"].endswith("Z")
        assert bool(metadata.get("namespace")) is kind.namespaced
        assert cluster.store.by_uid(metadata["uid"]) is obj
        _check_decodes(cluster, kind, obj)


def _check_decodes(cluster: EmbeddedKubernetes, kind: Kind, obj: Any) -> None:
    """A write of what is stored changes nothing: no revision, no warning of unknown fields."""
    if "update" not in kind.verbs:
        return
    before = cluster.store.revision
    path = kind.path(obj["metadata"].get("namespace", ""), obj["metadata"]["name"])
    answer = cluster.handle(Request("PUT", path, (("dryRun", "All"), ("fieldValidation", "Strict")), obj))
    assert isinstance(answer, Response)
    # 422 where an object was valid once and is no more: its own past or another object has changed meanwhile
    assert answer.code in (200, 409, 422, 403), (path, answer.body)
    assert cluster.store.revision == before


def check_lists(cluster: EmbeddedKubernetes) -> None:
    """Lists show what gets show; selectors choose what a look at every object chooses."""
    for kind in _listable(cluster):
        items = _ok(cluster, kind.path())["items"]
        if "get" in kind.verbs:
            for item in items:
                path = kind.path(item["metadata"].get("namespace", ""), item["metadata"]["name"])
                assert _ok(cluster, path) == item | {"kind": kind.kind, "apiVersion": kind.api_version}
        chosen = _ok(cluster, kind.path(), labelSelector="app=web")["items"]
        assert chosen == [item for item in items if item["metadata"].get("labels", {}).get("app") == "web"]
        chosen = _ok(cluster, kind.path(), fieldSelector="metadata.name=web")["items"]
        assert chosen == [item for item in items if item["metadata"]["name"] == "web"]
        if items:
            first = _ok(cluster, kind.path(), limit="1")
            rest = (
                _ok(cluster, kind.path(), **{"continue": token}) if (token := first["metadata"].get("continue")) else {}
            )
            assert first["items"] + rest.get("items", []) == items


def check_watches(cluster: EmbeddedKubernetes) -> None:
    """A watch from the oldest list that is kept leads to the list of today."""
    since = str(max(1, oldest_kept(cluster.store, cluster.loop.now())))
    for kind in _listable(cluster):
        if "watch" not in kind.verbs:
            continue
        named = {"kind": kind.kind, "apiVersion": kind.api_version}
        oldest = _ok(cluster, kind.path(), resourceVersion=since, resourceVersionMatch="Exact")["items"]
        state: dict[str, Any] = {item["metadata"]["uid"]: item | named for item in oldest}
        for event in _replay(cluster, kind, since):
            obj = event["object"]
            if event["type"] == "DELETED":
                del state[obj["metadata"]["uid"]]
            else:
                assert (event["type"] == "ADDED") is (obj["metadata"]["uid"] not in state)
                state[obj["metadata"]["uid"]] = obj
        assert state == {item["metadata"]["uid"]: item | named for item in _ok(cluster, kind.path())["items"]}


def check_history(cluster: EmbeddedKubernetes) -> None:
    """Revisions rise by one; each change begins where the last one of the same object ended."""
    since = max(1, cluster.store.compacted)
    standing = _standing(cluster, since)
    for expected, change in enumerate(cluster.store.history(since), start=since + 1):
        assert change.revision == expected
        metadata = change.obj["metadata"]
        key = (change.resource, metadata.get("namespace", ""), metadata["name"])
        assert standing.get(key) is change.previous
        if change.type == "DELETED":
            del standing[key]
        else:
            standing[key] = change.obj
    assert standing == _standing(cluster, cluster.store.revision)


def _standing(cluster: EmbeddedKubernetes, revision: int) -> dict[tuple[str, str, str], Any]:
    return {
        (resource, obj["metadata"].get("namespace", ""), obj["metadata"]["name"]): obj
        for resource in cluster.store.resources()
        for obj in cluster.store.list(resource, at=revision)
    }


def _stored(cluster: EmbeddedKubernetes) -> list[tuple[Kind, Any]]:
    found = []
    for resource in cluster.store.resources():
        for obj in cluster.store.list(resource):
            kind = cluster.kinds.of(obj["apiVersion"], obj["kind"])
            if kind is not None:  # else: of a custom kind that is being taken away
                found.append((kind, obj))
    return found


def _listable(cluster: EmbeddedKubernetes) -> list[Kind]:
    return [kind for kind in cluster.kinds if "list" in kind.verbs and kind.plural != "componentstatuses"]


def _ok(cluster: EmbeddedKubernetes, path: str, **query: str) -> Any:
    answer = cluster.handle(Request("GET", path, tuple(query.items())))
    assert isinstance(answer, Response)
    assert answer.code == 200, (path, answer.body)
    return answer.body


def _replay(cluster: EmbeddedKubernetes, kind: Kind, since: str) -> list[Any]:
    answer = cluster.handle(Request("GET", kind.path(), (("watch", "true"), ("resourceVersion", since))))
    assert isinstance(answer, Streaming)
    events: list[Any] = []
    answer.feed.attach(events.append, lambda: None)
    answer.feed.close()
    return events
