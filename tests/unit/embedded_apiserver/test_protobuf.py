"""Protobuf bodies: recorded on a real API server beside the JSON of the same objects, or beside its refusal."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent / "testdata"
PROTOBUF = "application/vnd.kubernetes.protobuf"
DEPLOYMENTS = "/apis/apps/v1/namespaces/kube-system/deployments"


def recorded(name: str) -> list[Any]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def body(row: dict[str, Any]) -> bytes:
    return base64.b64decode(row["protobuf"])


(DEPLOYMENT,) = recorded("protobuf_deployment.jsonl")


def test_an_object_can_be_created_from_protobuf(api) -> None:
    target = f"{DEPLOYMENTS}?dryRun=All"  # it has a resourceVersion, with which nothing is stored
    assert api.ok("POST", target, body(DEPLOYMENT), content_type=PROTOBUF)["spec"] == DEPLOYMENT["json"]["spec"]


def test_protobuf_and_json_make_the_same_object(api) -> None:
    from_protobuf = api.ok("POST", f"{DEPLOYMENTS}?dryRun=All", body(DEPLOYMENT), content_type=PROTOBUF)
    from_json = api.ok("POST", f"{DEPLOYMENTS}?dryRun=All", DEPLOYMENT["json"])
    for made in (from_protobuf, from_json):
        del made["metadata"]["uid"]
    assert from_protobuf == from_json


def test_custom_kinds_have_no_protobuf(api) -> None:
    names = {"plural": "gadgets", "kind": "Gadget"}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    api.ok("POST", definitions, {"metadata": {"name": "gadgets.example.com"}, "spec": spec})
    api.run(5)
    code, message = api.fails(
        "POST", "/apis/example.com/v1/namespaces/default/gadgets", body(DEPLOYMENT), content_type=PROTOBUF
    )
    assert code == 415
    assert message.endswith("accepted media types include: application/json, application/yaml")


def test_a_deletion_takes_its_options_in_protobuf(api) -> None:
    api.config("mine")
    sent = b"k8s\0\n\x13\n\x02v1\x12\rDeleteOptions"
    options = b"\x12\x05\x2a\x03All"  # dryRun
    api.ok("DELETE", "/api/v1/namespaces/default/configmaps/mine", sent + options, content_type=PROTOBUF)
    api.ok("GET", "/api/v1/namespaces/default/configmaps/mine")


@pytest.mark.parametrize("row", recorded("protobuf_refusals.jsonl"), ids=lambda row: row["about"].replace(" ", "-"))
def test_refusals_are_those_of_a_real_server(api, row) -> None:
    told = api.fails(row.get("method", "POST"), row["path"], body(row), content_type=PROTOBUF)
    assert told == (row["code"], row["message"])
