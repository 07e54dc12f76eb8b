"""The conversion webhook: asked for versions that are not stored, over HTTPS; failures in Kubernetes' words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from k8s_tutor.api.protocol import Request
from tests.interop.webhook_server import WebhookServer, webhook_server
from tests.unit.custom_resources.conftest import GROUP, THINGS, Api, thing

BETA = THINGS.replace("/v1/", "/v2/")
KEYS = {f"{GROUP}/v1": "host", f"{GROUP}/v2": "name"}


def rename(request: dict[str, Any]) -> dict[str, Any]:
    """v1 calls the field `host`, v2 calls it `name`."""
    wanted, objects = request["desiredAPIVersion"], []
    for obj in request["objects"]:
        value = obj["spec"][KEYS[obj["apiVersion"]]]
        objects.append({**obj, "apiVersion": wanted, "spec": {KEYS[wanted]: value}})
    return {"result": {"status": "Success"}, "convertedObjects": objects}


def refuse(_: dict[str, Any]) -> dict[str, Any]:
    return {"result": {"status": "Failure", "message": "no way"}}


def versions() -> list[dict[str, Any]]:
    text = {"type": "string"}

    def schema(key: str) -> Any:
        return {"type": "object", "properties": {"spec": {"type": "object", "properties": {key: text}}}}

    rows = (("v1", "host"), ("v2", "name"))
    return [
        {"name": name, "served": True, "storage": name == "v1", "schema": {"openAPIV3Schema": schema(key)}}
        for name, key in rows
    ]


@pytest.fixture
def hooks(api: Api, tmp_path: Path) -> Iterator[WebhookServer]:
    with webhook_server(tmp_path) as server:
        server.respond["/convert"] = rename
        define(api, server.url + "/convert", server.authority)
        yield server


def define(api: Api, url: str, authority: str = "") -> None:
    config = {"url": url} | ({"caBundle": authority} if authority else {})
    webhook = {"conversionReviewVersions": ["v1"], "clientConfig": config}
    api.define({}, versions=versions(), conversion={"strategy": "Webhook", "webhook": webhook})


def test_the_webhook_converts_what_is_read_and_what_is_written(api: Api, hooks: WebhookServer) -> None:
    api.ok("POST", THINGS, thing("one", spec={"host": "a"}))
    assert api.ok("GET", f"{BETA}/one")["spec"] == {"name": "a"}

    made = api.ok("POST", BETA, {**thing("two", spec={"name": "b"}), "apiVersion": f"{GROUP}/v2"})
    assert (made["apiVersion"], made["spec"]) == (f"{GROUP}/v2", {"name": "b"})
    assert [item["spec"] for item in api.ok("GET", THINGS)["items"]] == [{"host": "a"}, {"host": "b"}]

    patched = api.ok("PATCH", f"{BETA}/one", {"spec": {"name": "c"}}, kind="application/merge-patch+json")
    assert patched["spec"] == {"name": "c"}
    assert api.ok("GET", f"{THINGS}/one")["spec"] == {"host": "c"}


def test_a_watch_shows_the_version_that_was_asked_for(api: Api, hooks: WebhookServer) -> None:
    stream = api.server.handle(Request("GET", BETA, (("watch", "true"),)))
    seen: list[Any] = []
    stream.feed.attach(seen.append, lambda: None)  # type: ignore[union-attr]
    api.ok("POST", THINGS, thing(spec={"host": "a"}))
    assert [(event["type"], event["object"]["spec"]) for event in seen] == [("ADDED", {"name": "a"})]


def test_what_has_not_changed_is_not_asked_again(api: Api, hooks: WebhookServer) -> None:
    api.ok("POST", THINGS, thing(spec={"host": "a"}))
    before = len(hooks.asked)
    for _ in range(3):
        api.ok("GET", f"{BETA}/x")
    api.ok("PATCH", f"{THINGS}/x", {"metadata": {"finalizers": ["a.b/c"]}}, kind="application/merge-patch+json")
    assert api.ok("GET", f"{BETA}/x")["metadata"]["finalizers"] == ["a.b/c"]
    assert len(hooks.asked) == before


def test_a_refusal_is_told(api: Api, hooks: WebhookServer) -> None:
    hooks.respond["/convert"] = refuse
    api.ok("POST", THINGS, thing(spec={"host": "a"}))
    answer = api.ask("GET", f"{BETA}/x")
    assert (answer.code, answer.body["message"]) == (
        500,
        f"conversion webhook for {GROUP}/v1, Kind=Thing failed: no way",
    )


def test_a_server_that_is_not_there(api: Api) -> None:
    define(api, "https://127.0.0.1:9/x")
    api.ok("POST", THINGS, thing(spec={"host": "a"}))
    assert api.ok("GET", f"{THINGS}/x")["spec"] == {"host": "a"}
    answer = api.ask("POST", BETA, {**thing("y", spec={}), "apiVersion": f"{GROUP}/v2"})
    why = 'Post "https://127.0.0.1:9/x?timeout=30s": dial tcp 127.0.0.1:9: connect: connection refused'
    expected = f"conversion webhook for {GROUP}/v2, Kind=Thing failed: {why}"
    assert (answer.code, answer.body["message"]) == (500, expected)
    assert json.dumps(api.ok("GET", THINGS)["items"]).count('"host"') == 1


def test_a_watch_ends_with_the_error_when_an_object_is_not_converted(api: Api, hooks: WebhookServer) -> None:
    stream = api.server.handle(Request("GET", BETA, (("watch", "true"),)))
    seen: list[Any] = []
    stream.feed.attach(seen.append, lambda: seen.append("end"))  # type: ignore[union-attr]
    hooks.respond["/convert"] = refuse
    api.ok("POST", THINGS, thing(spec={"host": "a"}))
    assert (seen[0]["type"], seen[0]["object"]["code"], seen[1:]) == ("ERROR", 500, ["end"])
