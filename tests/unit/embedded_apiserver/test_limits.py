"""docs/limits.md tells the truth: each of its requests is sent, and answered as the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.embedded.apiserver import decoding
from k8s_tutor.embedded.http import adapter, mailbox, spdy_frames
from k8s_tutor.embedded.images import files, pipe
from k8s_tutor.embedded.kubelet import logs, probes, process
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from k8s_tutor.objects import cron, jsonpatch, nesting, quantity, regexps
from tests.unit.engine import new_kubernetes

PAGE = Path(__file__).parents[3] / "docs" / "limits.md"
ROWS = re.findall(r"^\|([^|]*)\| (`[A-Z]+ /[^|]*) \| (`\d{3}`[^|]*) \|$", PAGE.read_text(encoding="utf-8"), re.M)
ASK = re.compile(r"`([A-Z]+) (\S+)(?: (\{.*?\}))?`(?: as `([^`]*)`)?(?: then |$)")


@pytest.fixture(scope="module")
def cluster() -> EmbeddedKubernetes:
    cluster = new_kubernetes()
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


def _numbers() -> dict[str, int]:
    """What the code says, by the words of the page's table."""
    return {
        "levels of lists": nesting.DEEPEST,
        "request's body": adapter._LARGEST_BODY,
        "line and headers": adapter._HEAD,
        "seconds until": int(adapter._HEAD_SECONDS),
        "object as JSON": decoding._LARGEST,
        "operations in": jsonpatch._MOST,
        "JSON patch copies": jsonpatch._MOST_COPIED,
        "watcher": mailbox.MOST_ITEMS,
        "logs, exec": mailbox.MOST_BYTES,
        "WebSocket": mailbox.LARGEST_MESSAGE,
        "SPDY": spdy_frames._LARGEST_HEADERS,
        "container keep": files.LARGEST_CONTAINER,
        "node keep": files.LARGEST_NODE,
        "files of": files.LARGEST_FILES,
        "processes": process._PROCESSES,
        "commands": process._STEPS,
        "pipe": pipe._CAPACITY,
        "container's log": logs._KEPT,
        "probe's": probes._LARGEST_OUTPUT,
        "label's value": 63,
        "annotations": 256 << 10,
        "ConfigMap's": 1 << 20,
        "repetitions": 1_000,
        "steps of a rule": 10_000,
        "all matches": regexps.LONGEST,
        "`@every`": int(cron._LONGEST),
        "quantity": quantity._LONGEST,
    }


def test_the_page_says_how_much_is_too_much() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("## How much is too much")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \| [^|]+ \|$", table, re.M)[1:]
    said = {what: int(found[0].replace(",", "")) for what, limit in rows if (found := re.match(r"[\d,]+", limit))}
    known = {key: next((number for what, number in said.items() if key in what), None) for key in _numbers()}
    assert known == _numbers()
    assert len(said) == len(known)
