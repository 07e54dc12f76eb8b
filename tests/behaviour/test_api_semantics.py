"""How requests are understood, word for word: recorded on a real cluster (`record_api`), the same on the embedded one.

Lists and their pages, revisions, selectors, forms of answers, places and methods that are not there, bodies that
cannot be read; deletions, preconditions, dry runs, strictness; server-side apply.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from k8s_tutor.api.protocol import Request
from tests.behaviour.likeness import brief, filled, likeness, values

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment

DATA = Path(__file__).parent / "testdata"


def asked(case: dict[str, Any], namespace: str) -> Request:
    method, target = case["do"].replace("NAMESPACE", namespace).split(" ")
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    if method in ("POST", "PUT", "PATCH") and "fieldManager" not in dict(pairs) and not case.get("bare"):
        pairs.append(("fieldManager", "tests"))  # the recorder's own name, which a client in process does not have
    body: Any = None
    if "text" in case:
        body = case["text"].replace("NAMESPACE", namespace).encode()
    elif "body" in case:
        body = json.loads(json.dumps(case["body"]).replace("NAMESPACE", namespace))
    media, accept = case.get("type", "application/json"), case.get("accept", "application/json")
    return Request(method, path, tuple(pairs), body, media, accept)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["reads", "writes", "applies"])
def test_requests_in_a_row_are_answered_as_recorded(env: Environment, name: str) -> None:
    env.wait("configmaps", "kube-root-ca.crt", lambda _: True)  # lists count it
    kept: dict[str, str] = {}
    different = []
    for line in (DATA / f"api_semantics_{name}.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        request = asked(filled(case, kept), env.namespace)
        response = env.cluster.api.send(request)
        body = response.body.decode() if isinstance(response.body, bytes) else response.body
        kept |= values(case, body)
        seen = "" if request.method == "HEAD" else likeness(brief(body), env.namespace)
        found = {"code": response.code, "answer": seen}
        found |= {"warnings": sorted(response.warnings)} if response.warnings else {}
        recorded = {key: case[key] for key in ("code", "answer", "warnings") if key in case}
        if found != recorded:
            different.append((case["do"], case.get("body", case.get("text")), found, recorded))
    assert not different
