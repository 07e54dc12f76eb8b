"""Protobuf bodies, recorded on a real API server beside the JSON of the same objects."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from k8s_tutor.embedded.apiserver.builtintypes import shape_of
from k8s_tutor.embedded.apiserver.protobuf import read_protobuf
from k8s_tutor.embedded.apiserver.shapes import Report

DATA = Path(__file__).parent / "testdata" / "protobuf.jsonl"
PAIRS = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
PROTOBUF = "application/vnd.kubernetes.protobuf"


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["json"]["kind"])
def test_a_protobuf_body_means_what_its_json_means(pair: dict) -> None:
    found = read_protobuf(base64.b64decode(pair["protobuf"]))
    shape = shape_of(found["apiVersion"], found["kind"])
    assert shape is not None
    assert shape.read(found, None, Report()) == shape.read(pair["json"], None, Report())


def test_an_object_can_be_created_from_protobuf(api) -> None:
    (pair,) = (pair for pair in PAIRS if pair["json"]["kind"] == "Deployment")
    path = "/apis/apps/v1/namespaces/kube-system/deployments"
    body = base64.b64decode(pair["protobuf"])
    assert api.ok("POST", path, body, content_type=PROTOBUF)["spec"] == pair["json"]["spec"]


@pytest.mark.parametrize("body", [b"", b"{}", b"k8s\x00", b"k8s\x00\xff\xff", b"k8s\x00\x0a\xff"])
def test_what_is_no_protobuf_is_refused(api, body: bytes) -> None:
    code, message = api.fails("POST", "/api/v1/namespaces", body, content_type=PROTOBUF)
    assert code == 400
    assert message.startswith(
        "the object provided is unrecognized (must be of type Namespace): couldn't get version/kind"
    )
