"""Ten thousand requests at random: each is answered, and the cluster stands as before.

`K8S_TUTOR_FUZZ=100` sends a hundred times as many, with other seeds.
"""

from __future__ import annotations

import json
import os
from collections import Counter

import pytest

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.embedded.core import Streaming, Upgrade
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from tests import sample
from tests.unit.embedded_apiserver import invariants
from tests.unit.embedded_apiserver.fuzzing import Fuzzer
from tests.unit.engine import new_kubernetes

REQUESTS = 500
SEEDS = range(20 * int(os.environ.get(sample.FUZZ, "1")))
POD = {"metadata": {"name": "fresh"}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_asked_is_answered_and_the_cluster_stands(seed: int) -> None:
    cluster = new_kubernetes(seed)  # whatever goes wrong inside is raised
    cluster.handle(Request("POST", "/api/v1/namespaces", (), {"metadata": {"name": "team"}}))
    _wait(cluster, 5)
    fuzzer = Fuzzer(seed, lambda: cluster.kinds)
    codes = Counter(_ask(cluster, fuzzer) for _ in range(REQUESTS))
    assert sum(count for code, count in codes.items() if 200 <= code < 300) > REQUESTS / 10, codes
    _wait(cluster, 60)
    invariants.check_objects(cluster)
    invariants.check_lists(cluster)
    invariants.check_watches(cluster)
    invariants.check_history(cluster)
    _check_a_fresh_pod_runs(cluster)


def _ask(cluster: EmbeddedKubernetes, fuzzer: Fuzzer) -> int:
    request = fuzzer.request()
    answer = cluster.handle(request)
    code = 200
    if isinstance(answer, Response):
        code = answer.code
        if isinstance(answer.body, dict):
            json.dumps(answer.body).encode()
            assert code < 400 or answer.body["kind"] == "Status", request
        else:
            assert code < 500, (request, answer.body)
    elif isinstance(answer, Streaming):
        answer.feed.attach(lambda _: None, lambda: None)
        fuzzer.leaves(answer.feed.close)
    elif isinstance(answer, Upgrade):
        answer.session.close()
    _wait(cluster, fuzzer.seconds())
    return code


def _wait(cluster: EmbeddedKubernetes, seconds: float) -> None:
    ran = cluster.loop.run_until(cluster.loop.now() + seconds)
    assert ran < 5000 + 500 * seconds, "the controllers find no rest"


def _check_a_fresh_pod_runs(cluster: EmbeddedKubernetes) -> None:
    path = "/api/v1/namespaces/quiet"
    cluster.handle(Request("POST", "/api/v1/namespaces", (), {"metadata": {"name": "quiet"}}))
    _wait(cluster, 5)
    created = cluster.handle(Request("POST", f"{path}/pods", (), POD))
    assert isinstance(created, Response)
    assert created.code == 201, created.body
    _wait(cluster, 60)
    pod = cluster.handle(Request("GET", f"{path}/pods/fresh"))
    assert isinstance(pod, Response)
    assert isinstance(pod.body, dict)
    assert pod.body["status"]["phase"] == "Running", pod.body["status"]
