"""Rules in CEL as a real API server applies them to new and to changed objects (recorded in `rules.json`)."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from tests.unit.custom_resources.conftest import THINGS, Api, outcome, recorded, thing

RECORDED = recorded("rules")
KEEP = "x-kubernetes-preserve-unknown-fields"
LOOSE = {
    "type": "object",
    "properties": {key: {"type": "object", KEEP: True} for key in ("spec", "status")},
}
WRONG_TYPE = {"spec": {"a": "x"}}  # stored once, refused there by the rules, which expect a number; left alone here


def told(row: Any) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("object", "old", "new")}


@cache
def server() -> Api:
    api = Api()
    api.define(RECORDED["schema"])
    return api


@pytest.mark.parametrize("row", RECORDED["creates"], ids=lambda row: json.dumps(row["object"])[:60])
def test_new_objects(row: Any) -> None:
    body = thing(**json.loads(json.dumps({key: value for key, value in row["object"].items() if key != "metadata"})))
    if "metadata" in row["object"]:
        body["metadata"] = dict(row["object"]["metadata"])
    assert outcome(server().ask("POST", THINGS, body, {"dryRun": "All"})) == told(row)


@cache
def tightened() -> Api:
    """Objects stored while their definition asked for nothing; now it does."""
    api = Api()
    api.define(LOOSE)
    for index, row in enumerate(RECORDED["updates"]):
        api.ok("POST", THINGS, thing(f"u{index}", **json.loads(json.dumps(row["old"]))))
    api.redefine(RECORDED["schema"])
    return api


@pytest.mark.parametrize("index", range(len(RECORDED["updates"])))
def test_changed_objects(index: int) -> None:
    row = RECORDED["updates"][index]
    path = f"{THINGS}/u{index}"
    body = json.loads(json.dumps({**tightened().ok("GET", path), **row["new"]}))
    answer = outcome(tightened().ask("PUT", path, body, {"dryRun": "All"}))
    assert answer == ({"spec": row["new"]["spec"]} if row["old"] == WRONG_TYPE else told(row))


def test_a_rule_that_takes_too_long_is_the_last_one_asked() -> None:
    numbers = {"type": "array", "items": {"type": "integer"}}
    rules = [
        {"rule": "self.l.all(a, self.l.all(b, a + b >= 0))"},
        {"rule": "self.l.size() < 3", "message": "second"},
    ]
    spec = {"type": "object", "properties": {"l": numbers}, "x-kubernetes-validations": rules}
    api = Api()
    api.define({"type": "object", "properties": {"spec": spec}})
    answer = outcome(api.ask("POST", THINGS, thing(spec={"l": list(range(500))})))
    words = (
        "'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost "
        "exceeds limit for rule: self.l.all(a, self.l.all(b, a + b >= 0))"
    )
    assert answer == {"causes": [f'spec | FieldValueInvalid | Invalid value: "object": {words}']}
