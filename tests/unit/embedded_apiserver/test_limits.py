"""docs/limits.md tells the truth: each of its requests is sent, and answered as the page says."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes

PAGE = Path(__file__).parents[3] / "docs" / "limits.md"
ROWS = re.findall(r"^\|([^|]*)\| (`[A-Z]+ /[^|]*) \| (`\d{3}`[^|]*) \|$", PAGE.read_text(encoding="utf-8"), re.M)
ASK = re.compile(r"`([A-Z]+) (\S+)(?: (\{.*?\}))?`(?: as `([^`]*)`)?(?: then |$)")


@pytest.fixture(scope="module")
def cluster() -> EmbeddedKubernetes:
    cluster = EmbeddedKubernetes(strict=True)
    cluster.loop.run_until(cluster.loop.now() + 5)
    return cluster


def test_the_page_has_its_rows() -> None:
    assert len(ROWS) == len(re.findall(r"^\|.*`[A-Z]+ /", PAGE.read_text(encoding="utf-8"), re.M)) > 15


@pytest.mark.parametrize(("what", "ask", "answer"), ROWS, ids=lambda cell: cell.strip(" `")[:50])
def test_what_the_page_asks_is_answered_as_the_page_says(
    cluster: EmbeddedKubernetes, what: str, ask: str, answer: str
) -> None:
    response = None
    for method, target, body, accept in ASK.findall(ask):
        cluster.loop.run_until(cluster.loop.now() + 60)
        path, _, query = target.partition("?")
        sent = json.loads(body) if body else None
        media = accept or "application/json"
        response = cluster.handle(Request(method, path, tuple(parse_qsl(query)), sent, accept=media))
    assert isinstance(response, Response), ask
    code, *words = re.findall(r"`([^`]*)`", answer)
    assert response.code == int(code), response.body
    said = "\n".join((json.dumps(response.body), *response.warnings))
    assert all(word in said for word in words), said


def test_what_the_page_says_is_served_on_request_is() -> None:
    (config,) = re.findall(r"runtime_config=(\{[^}]*\})", PAGE.read_text(encoding="utf-8"))
    switched = ast.literal_eval(config)
    (ask,) = [ask for what, ask, _ in ROWS if config in what]
    response = EmbeddedKubernetes(runtime_config=switched).handle(Request("GET", ask.strip("`").split()[1]))
    assert isinstance(response, Response)
    assert response.code == 200
