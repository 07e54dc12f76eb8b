"""The packaged facts (kinds, types, columns) against the clusters: stale facts are found here, on the real one."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from k8s_tutor.api.protocol import Request
from scripts.facts import kinds

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment

STALE = "run scripts/facts/kinds.py against this server, or change the release this package tracks"

SOMETHING_TO_SCALE = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "registry.k8s.io/pause:3.10.2"}]}
"""


@pytest.fixture
def read(env: Environment) -> kinds.Read:
    """Reads documents off the cluster of this run."""

    def from_cluster(path: str, accept: str) -> Any:
        place, _, query = path.partition("?")
        pairs = tuple(tuple(pair.split("=", 1)) for pair in query.split("&")) if query else ()
        answer = env.cluster.api.send(Request("GET", place, pairs, accept=accept))
        if answer.code == 404 and accept == kinds.TABLE:  # another test's kind, gone since it was listed
            return {"columnDefinitions": []}
        assert answer.code == 200, f"GET {path}: {answer.code} {answer.body}"
        return json.loads(answer.body) if isinstance(answer.body, str) else answer.body

    return from_cluster


def packaged(name: str) -> Any:
    return json.loads(resources.files("k8s_tutor.objects.facts").joinpath(name).read_text(encoding="utf-8"))


def by_resource(kinds: list[dict[str, Any]]) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {(row["group"], row["version"], row["plural"]): row for row in kinds}


def test_the_release_is_the_one_the_facts_are_of(read: kinds.Read) -> None:
    served = kinds.discovery(read)["version"]
    facts = packaged("discovery.json")["version"]
    assert (served["major"], served["minor"]) == (facts["major"], facts["minor"]), STALE


def test_the_kinds_are_those_of_the_facts(read: kinds.Read) -> None:
    served = by_resource(kinds.discovery(read)["kinds"])
    facts = by_resource(packaged("discovery.json")["kinds"])
    assert {key: served.get(key) for key in facts} == facts, STALE


def test_the_columns_are_those_of_the_facts(env: Environment, read: kinds.Read) -> None:
    env.apply(SOMETHING_TO_SCALE)
    served = kinds.columns(read)["columns"]
    facts = packaged("columns.json")["columns"]
    assert {key: served.get(key) for key in facts} == facts, STALE


def test_the_types_are_those_of_the_facts(env: Environment, read: kinds.Read) -> None:
    if env.cluster.name == "embedded":
        pytest.skip("the embedded cluster has its types from these facts")
    served, facts = kinds.schema(read), packaged("schema.json")
    for part in facts:  # custom kinds of others may be there, too
        assert {key: served[part].get(key) for key in facts[part]} == facts[part], STALE
