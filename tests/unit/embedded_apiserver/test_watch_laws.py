"""The law of watches: whoever lists, watches and keeps up with the events has what a fresh list shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.core import Streaming
from tests.unit.embedded_apiserver.conftest import Api
from tests.unit.embedded_apiserver.fuzzing import SPECIMENS

PATHS = {
    "configmaps": "/api/v1/{}configmaps",
    "pods": "/api/v1/{}pods",
    "events": "/apis/events.k8s.io/v1/{}events",
    "boats": "/apis/example.com/v1/{}boats",
}
BODIES: dict[str, dict[str, Any]] = {
    "configmaps": {"apiVersion": "v1", "kind": "ConfigMap"},
    "pods": {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "c", "image": "nginx"}]}},
    "events": yaml.safe_load(
        "{apiVersion: v1, kind: Event, involvedObject: {namespace: default, name: x}, reason: A, type: Normal}"
    ),
    "boats": {"apiVersion": "example.com/v1", "kind": "Boat", "spec": {"size": 2}},
}
SELECTIONS = ("", "labelSelector=on", "labelSelector=!on", "fieldSelector=metadata.name!%3Da")
NAMESPACES = ("", "namespaces/default/", "namespaces/team/")
MERGE, APPLY = "application/merge-patch+json", "application/apply-patch+yaml"


@dataclass
class Follower:
    """A client that lists and watches, as informers do, and starts again where it is told that it has to.

    Attributes:
        path: The collection.
        selection: Of the query.
        begins: `list` and watch from there, a watch from `0`, or a `stream` of the list.
    """

    api: Api
    path: str
    selection: str
    begins: str
    state: dict[str, Any] = field(default_factory=dict)
    version: str = ""
    watch: Any = None

    def start(self) -> None:
        self.state, self.version = {}, ""
        if self.begins == "list":
            page = self.listed()
            self.state = {item["metadata"]["uid"]: item for item in page["items"]}
            self._open(f"resourceVersion={page['metadata']['resourceVersion']}&allowWatchBookmarks=true")
        elif self.begins == "0":
            self._open("resourceVersion=0")
        else:
            self._open("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true")
            assert self.version, "no bookmark after the initial events"

    def resume(self) -> None:
        """Hangs up, and comes back to where it was."""
        self.watch.feed.close()
        if self.version:
            self._open(f"resourceVersion={self.version}&allowWatchBookmarks=true")
        else:
            self.start()

    def listed(self) -> Any:
        page = self.api.ok("GET", f"{self.path}?{self.selection}")
        kind = {"kind": page["kind"].removesuffix("List"), "apiVersion": page["apiVersion"]}
        return page | {"items": [item | kind for item in page["items"]]}

    def _open(self, query: str) -> None:
        answer = self.api.ask("GET", f"{self.path}?watch=1&{query}&{self.selection}")
        assert isinstance(answer, Streaming), answer
        self.watch = answer
        answer.feed.attach(self._take, lambda: None)  # type: ignore[arg-type]

    def _take(self, event: Any) -> None:
        obj = event["object"]
        if event["type"] == "ERROR":
            assert obj["code"] == 410
            self.start()
            return
        version, uid = obj["metadata"]["resourceVersion"], obj["metadata"].get("uid")
        assert self.begins == "0" or int(version) >= int(self.version or 0) or event["type"] == "ADDED"
        if event["type"] == "DELETED":
            del self.state[uid]
        elif event["type"] != "BOOKMARK":
            assert (event["type"] == "ADDED") is (uid not in self.state)
            self.state[uid] = obj
        if event["type"] != "ADDED" or self.version or self.begins == "list":
            self.version = version  # not those of initial events, which come in the order of names


verbs = (
    *("create", "create", "replace", "label", "label", "apply", "status", "delete", "delete", "hold", "let go"),
    *("delete collection", "compact", "hang up", "wait"),
)
steps = st.lists(
    st.tuples(
        st.sampled_from(verbs), st.sampled_from(("default", "default", "team")), st.sampled_from("abc"), st.booleans()
    ),
    max_size=30,
)
followers = st.lists(
    st.tuples(st.sampled_from(NAMESPACES), st.sampled_from(SELECTIONS), st.sampled_from(("list", "0", "stream"))),
    min_size=1,
    max_size=4,
)


@settings(max_examples=100, deadline=None)
@given(resource=st.sampled_from(list(PATHS)), before=steps, after=steps, followers=followers)
def test_who_keeps_up_with_a_watch_has_what_a_fresh_list_shows(
    resource: str, before: list, after: list, followers: list
) -> None:
    api = Api()
    api.ok("POST", "/api/v1/namespaces", {"metadata": {"name": "team"}})
    for name in ("default", "team"):
        api.ask("POST", f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})
    api.ok("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", SPECIMENS["CustomResourceDefinition"])
    api.run(1)
    everybody = [Follower(api, PATHS[resource].format(place), chosen, how) for place, chosen, how in followers]
    for step in before:
        act(api, resource, step, [])
    for follower in everybody:
        follower.start()
    for step in after:
        act(api, resource, step, everybody)
    for follower in everybody:
        assert follower.state == {item["metadata"]["uid"]: item for item in follower.listed()["items"]}


def act(api: Api, resource: str, step: tuple[str, str, str, bool], followers: list[Follower]) -> None:
    verb, namespace, name, flag = step
    if verb == "compact":
        api.store.compact(api.store.revision - (3 if flag else 0))
    elif verb == "wait":
        api.run(61)
    elif verb == "hang up":
        for follower in followers:
            follower.resume()
    else:
        path = PATHS[resource].format(f"namespaces/{namespace}/")
        if resource == "events":  # written in the old form, seen in the new one
            path = path.replace("apis/events.k8s.io", "api")
        body = BODIES[resource] | {"metadata": {"name": name, "namespace": namespace, "labels": {"on": "yes"}}}
        if resource == "events":
            body["involvedObject"] = {"namespace": namespace, "name": "x"}
        method, target, sent, media = request(verb, path, body, flag=flag)
        assert isinstance(api.ask(method, target, sent, content_type=media), Response)


def request(verb: str, path: str, body: dict[str, Any], *, flag: bool) -> tuple[str, str, Any, str]:
    """Method, target, body and its media type."""
    one = f"{path}/{body['metadata']['name']}"
    metadata = {"labels": {"on": "yes" if flag else None}} if verb == "label" else {"finalizers": None}
    if verb == "hold":
        metadata = {"finalizers": ["example.com/hold"]}
    plain = "application/json"
    return {
        "create": ("POST", path, body, plain),
        "replace": ("PUT", one, body | {"metadata": {"name": body["metadata"]["name"]}} if flag else body, plain),
        "apply": ("PATCH", f"{one}?fieldManager=me&force=true", body, APPLY),
        "status": ("PATCH", f"{one}/status", {"status": {"phase": "Running" if flag else "Failed"}}, MERGE),
        "delete": ("DELETE", one, {"gracePeriodSeconds": 0} if flag else None, plain),
        "delete collection": ("DELETE", f"{path}?labelSelector=on{'' if flag else '%3Dno'}", None, plain),
    }.get(verb, ("PATCH", one, {"metadata": metadata}, MERGE))
