"""Custom objects as a real API server takes and refuses them (recorded in `objects.json`)."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from tests.unit.custom_resources.conftest import THINGS, Api, outcome, recorded, thing

RECORDED = recorded("objects")


@cache
def server() -> Api:
    api = Api()
    api.define(RECORDED["schema"])
    return api


@pytest.mark.parametrize("row", RECORDED["objects"], ids=lambda row: json.dumps(row["object"], ensure_ascii=False)[:60])
def test_objects_fare_as_on_a_real_server(row: Any) -> None:
    query = {"dryRun": "All", "fieldValidation": "Warn"}
    answer = server().ask("POST", THINGS, thing(**json.loads(json.dumps(row["object"]))), query)
    assert outcome(answer) == {key: value for key, value in row.items() if key != "object"}
