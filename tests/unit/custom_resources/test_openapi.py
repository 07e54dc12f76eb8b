"""Custom kinds in OpenAPI, as a real API server publishes them (recorded in `openapi.json`)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.custom_resources.conftest import GROUP, Api, recorded

RECORDED = recorded("openapi")


def bare(value: Any) -> Any:
    """Without the words that are the server's own."""
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items() if key != "description" or "More info" not in str(item)}
    return [bare(item) for item in value] if isinstance(value, list) else value


@pytest.fixture
def published(api: Api) -> Api:
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": RECORDED["schema"]},
        "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.a", "statusReplicasPath": ".status.a"}},
    }
    api.define({}, versions=[version])
    return api


def test_version_three_shows_the_schema_and_the_list(published: Api) -> None:
    document = published.ok("GET", f"/openapi/v3/apis/{GROUP}/v1")
    found = {name: bare(row) for name, row in document["components"]["schemas"].items() if "recorded" in name}
    assert found == RECORDED["v3"]
    assert set(document["paths"]) <= set(RECORDED["paths"])


def test_version_two_leaves_out_what_it_has_no_words_for(published: Api) -> None:
    document = published.ok("GET", "/openapi/v2")
    assert {name: bare(row) for name, row in document["definitions"].items() if "recorded" in name} == RECORDED["v2"]
