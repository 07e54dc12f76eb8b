"""Services of type LoadBalancer: pending until somebody gives addresses, then who answers; on both clusters."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.cluster import Feature
from k8s_tutor.api.protocol import exec_request
from k8s_tutor.cluster.context import ContextCluster

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  selector: {app: web}
  ports: [{port: 80, targetPort: 9898}]
"""
PODS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: podinfo
        image: ghcr.io/stefanprodan/podinfo:6.9.2
        readinessProbe: {httpGet: {path: /readyz, port: 9898}, periodSeconds: 1}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: box, image: "busybox:1.35", command: [sleep, "1000"]}]
"""
ASK = 'n=0; while [ $n -lt "$2" ]; do timeout 5 wget -q -O - "$1" | grep hostname; n=$((n+1)); done'


@pytest.fixture
def ours(env: Environment) -> Environment:
    """Without load balancers; a cluster that is not ours may have its own."""
    if isinstance(env.cluster, ContextCluster):
        pytest.skip("load balancers are switched on clusters that we made only")
    env.cluster.load_balancers.switch(on=False)
    return env


@pytest.fixture
def given(env: Environment) -> Iterator[Environment]:
    """With load balancers, which stay for the next test."""
    if isinstance(env.cluster, ContextCluster):
        pytest.skip("load balancers are switched on clusters that we made only")
    env.cluster.load_balancers.switch(on=True)
    yield env
    if env.client.find("svc", "web", env.namespace) is not None:
        env.delete("svc", "web")


@pytest.fixture
def web(given: Environment) -> Environment:
    """A Service with an address, three ready pods behind it, and a client inside the cluster."""
    given.apply(SERVICE)
    given.apply(PODS)
    given.wait("pods", "client", lambda pod: pod.get("status", {}).get("phase") == "Running", timeout=120)
    given.wait("deploy", "web", lambda it: it.get("status", {}).get("readyReplicas") == 3, timeout=120)
    given.wait("svc", "web", address)
    settle(given)
    return given


def address(service: Obj) -> str:
    rows = service["status"]["loadBalancer"].get("ingress") or [{}]
    return str(rows[0].get("ip", ""))


def the_address(env: Environment) -> str:
    return address(env.get("svc", "web"))


def pods(env: Environment) -> list[str]:
    return [pod["metadata"]["name"] for pod in env.client.list("pods", env.namespace, labels="app=web")]


def settle(env: Environment) -> None:
    """Lets some seconds pass: no object says when every node's kube-proxy has followed."""
    until = env.clock.now() + 3
    with env.client.watch("configmaps", env.namespace) as watch:
        while (left := until - env.clock.now()) > 0:
            watch.next(left)


def inside(env: Environment, *command: str) -> str:
    path = env.client.kind("pods").path(env.namespace, "client", "exec")
    ran = env.client.api.run(exec_request(path, list(command)), timeout=120)
    assert ran.code == 0, ran
    return ran.stdout


def answers(env: Environment, requests: int = 60) -> Counter[str]:
    """Who answers so many requests to the address, sent from inside the cluster."""
    said = inside(env, "sh", "-c", ASK, "sh", f"http://{the_address(env)}/", str(requests))
    return Counter(line.partition(":")[2].strip(' ",') for line in said.splitlines())


def test_without_anybody_who_gives_addresses_it_stays_pending(ours: Environment) -> None:
    ours.apply(SERVICE)
    settle(ours)
    assert ours.get("svc", "web")["status"] == {"loadBalancer": {}}
    (row,) = ours.client.table("svc", ours.namespace, name="web")["rows"]
    assert row["cells"][3] == "<pending>"
    assert ours.events("svc", "web") == []


def test_it_gets_its_address_once_somebody_gives_them(ours: Environment) -> None:
    ours.apply(SERVICE)
    line = ours.cluster.load_balancers.switch(on=True)
    service = ours.wait("svc", "web", address)
    assert service["status"]["loadBalancer"] == {"ingress": [{"ip": address(service), "ipMode": "VIP"}]}
    assert line.startswith("Load balancers are on: ")
    assert ours.cluster.load_balancers.switch(on=True) == line
    ours.delete("svc", "web")


def test_requests_from_inside_spread_over_all_ready_pods(web: Environment) -> None:
    counts = answers(web)
    assert sorted(counts) == sorted(pods(web))
    assert sum(counts.values()) == 60
    assert min(counts.values()) >= 5


def test_no_request_reaches_a_pod_that_is_not_ready(web: Environment) -> None:
    unready = pods(web)[0]
    ip = web.get("pods", unready)["status"]["podIP"]
    inside(web, "wget", "-q", "-O", "-", "--post-data", "", f"http://{ip}:9898/readyz/disable")
    web.wait("deploy", "web", lambda it: it["status"].get("readyReplicas") == 2)
    settle(web)
    counts = answers(web)
    assert sorted(counts) == sorted(set(pods(web)) - {unready})
    assert sum(counts.values()) == 60


def test_session_affinity_keeps_a_client_with_its_pod(web: Environment) -> None:
    web.client.patch("svc", "web", {"spec": {"sessionAffinity": "ClientIP"}}, web.namespace)
    settle(web)
    assert list(answers(web, 20).values()) == [20]


def test_this_machine_reaches_it_where_the_cluster_says_so(web: Environment) -> None:
    if Feature.REACHABLE_LOAD_BALANCER not in web.cluster.features:
        pytest.skip("this machine does not reach the network of the cluster's containers")
    url = web.cluster.load_balancers.url(web.get("svc", "web"), 80)
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert json.load(answer)["hostname"] in pods(web)


def test_a_deleted_service_gives_its_address_back(given: Environment) -> None:
    given.apply(SERVICE)
    first = address(given.wait("svc", "web", address))
    given.delete("svc", "web")
    given.wait_gone("svc", "web")
    given.apply(SERVICE.replace("type: LoadBalancer", f"type: LoadBalancer\n  loadBalancerIP: {first}"))
    assert address(given.wait("svc", "web", address)) == first


def test_when_the_giver_goes_it_is_pending_again(given: Environment) -> None:
    given.apply(SERVICE)
    given.wait("svc", "web", address)
    line = given.cluster.load_balancers.switch(on=False)
    assert line == given.cluster.load_balancers.switch(on=False)
    assert given.get("svc", "web")["status"] == {"loadBalancer": {}}
