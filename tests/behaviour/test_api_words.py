"""The API server's answers, word for word: recorded on a real cluster (`record_api`), the same on the embedded one.

Each `testdata/api_*.jsonl` holds requests and the likeness of their answers. Known differences are not in there: two
equal keys in one keyed list, the order of checks of a Service with several mistakes, the printed difference of a
forbidden pod update, null lists in statuses.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from k8s_tutor.api.protocol import Request
from tests.behaviour.likeness import likeness

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment

DATA = Path(__file__).parent / "testdata"


def recorded(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def answer(env: Environment, case: dict[str, Any]) -> dict[str, Any]:
    method, target = case["do"].replace("NAMESPACE", env.namespace).split(" ")
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    if method in ("POST", "PUT", "PATCH") and "fieldManager" not in dict(pairs):
        pairs.append(("fieldManager", "tests"))
    body = json.loads(json.dumps(case["body"]).replace("NAMESPACE", env.namespace)) if "body" in case else None
    request = Request(method, path, tuple(pairs), body, case.get("type", "application/json"))  # type: ignore[arg-type]
    response = env.cluster.api.send(request)
    body = response.body.decode() if isinstance(response.body, bytes) else response.body
    found = {"code": response.code, "answer": likeness(body, env.namespace)}
    # The embedded cluster's own warnings, of kinds on which nothing acts, are no part of the likeness: docs/limits.md
    warnings = [text for text in response.warnings if not text.endswith("in the embedded cluster")]
    return found | (
        {"warnings": sorted(text.replace(env.namespace, "NAMESPACE") for text in warnings)} if warnings else {}
    )


def expected(case: dict[str, Any]) -> dict[str, Any]:
    return {key: case[key] for key in ("code", "answer", "warnings") if key in case}


@pytest.mark.parametrize("case", recorded("api_creates.jsonl"), ids=lambda case: case["do"].split("/")[-1])
def test_a_create_is_answered_as_recorded(env: Environment, case: dict[str, Any]) -> None:
    assert answer(env, case) == expected(case)


def test_changes_in_a_row_are_answered_as_recorded(env: Environment) -> None:
    for case in recorded("api_changes.jsonl"):
        assert answer(env, case) == expected(case), case["do"]


def test_a_configmap_holds_a_mebibyte(env: Environment) -> None:
    body = {"metadata": {"name": "large"}, "data": {"text": "a" * (2**20 + 1)}}
    case = {"do": "POST /api/v1/namespaces/NAMESPACE/configmaps?dryRun=All", "body": body}

    assert answer(env, case)["answer"]["details"]["causes"] == [
        {"field": "[]", "message": "Too long: may not be more than 1048576 bytes", "reason": "FieldValueTooLong"}
    ]


def test_an_address_from_elsewhere_is_refused(env: Environment) -> None:
    body = {"metadata": {"name": "far"}, "spec": {"ports": [{"port": 80}], "clusterIP": "192.0.2.1"}}
    case = {"do": "POST /api/v1/namespaces/NAMESPACE/services", "body": body}

    (cause,) = answer(env, case)["answer"]["details"]["causes"]
    why = "failed to allocate IP 192.0.2.1: the provided network does not match the current range"
    assert cause["message"] == f'Invalid value: ["192.0.2.1"]: {why}'
