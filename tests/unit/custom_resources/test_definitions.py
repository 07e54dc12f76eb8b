"""Definitions as a real API server takes and refuses them (recorded in `definitions.json`)."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from tests.unit.custom_resources.conftest import DEFINITIONS, Api, outcome, recorded

RECORDED = recorded("definitions")["definitions"]
COSTS = {"rule cost"}  # costs of rules are not estimated: it is accepted
OTHER_WORDS = {
    "unknown schema keyword",  # the path of the unknown field leaves out the key of a map
    "no versions",  # an empty list is none
}


@cache
def server() -> Api:
    return Api()


def told(name: str) -> dict[str, Any]:
    return {key: value for key, value in RECORDED[name].items() if key != "definition"}


@pytest.mark.parametrize("name", sorted(OTHER_WORDS))
def test_some_in_other_words(name: str) -> None:
    body = json.loads(json.dumps(RECORDED[name]["definition"]))
    answer = outcome(server().ask("POST", DEFINITIONS, body, {"dryRun": "All", "fieldValidation": "Warn"}))
    assert ("causes" in answer, "warnings" in answer) == ("causes" in told(name), "warnings" in told(name))


@pytest.mark.parametrize("name", [name for name in RECORDED if name not in COSTS | OTHER_WORDS])
def test_definitions_fare_as_on_a_real_server(name: str) -> None:
    body = json.loads(json.dumps(RECORDED[name]["definition"]))
    answer = outcome(server().ask("POST", DEFINITIONS, body, {"dryRun": "All", "fieldValidation": "Warn"}))
    answer.pop("spec", None)
    assert answer == told(name)
