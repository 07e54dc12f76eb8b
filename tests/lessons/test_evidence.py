"""What a verdict says was seen: solved in ways with other numbers, each number in it is the cluster's."""

from __future__ import annotations

import contextlib
import io
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from k8s_tutor.exercises import Verdict
from k8s_tutor.objects.services import slices_of

if TYPE_CHECKING:
    from k8s_tutor.session import Session

pytestmark = pytest.mark.timeout(300)
FEW = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def t(embedded_cluster: Any) -> Session:
    from k8s_tutor.session import Session  # noqa: PLC0415  heavy

    return Session(embedded_cluster)


def _podinfo(name: str, replicas: int, port: int, named: bool) -> dict[str, Any]:
    container = {
        "name": "app",
        "image": "ghcr.io/stefanprodan/podinfo:6.9.2",
        "command": ["./podinfo", f"--port={port}"],
        "ports": [{"name": "web", "containerPort": port}] if named else [],
        "readinessProbe": {"periodSeconds": 2, "httpGet": {"path": "/readyz", "port": port}},
    }
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def _service(name: str, target: int | str, **spec: Any) -> dict[str, Any]:
    ports = [{"port": 80, "targetPort": target}]
    whole = {"selector": {"app": name}, "ports": ports, **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": whole}


def _solve(t: Session, exercise: str, *objects: dict[str, Any]) -> Verdict:
    with contextlib.redirect_stdout(io.StringIO()):
        t.lesson(exercise.rpartition("-")[0])
        t.exercise(exercise)
        t.apply(list(objects))
        return t.check(exercise)


def _numbers_said(verdict: Verdict) -> set[int]:
    """The numbers in a verdict, without those in addresses and names."""
    text = re.sub(r"\d+\.\d+\.\d+\.\d+|pod/\S+", "", " ".join(map(str, (verdict.summary, *verdict.evidence))))
    return {int(number) for number in re.findall(r"\d+", text)}


def _numbers_there(t: Session, name: str) -> set[int]:
    """How many pods are ready and asked for, and the ports: of the Service, and those it leads to."""
    deployment, service = t.get(f"deployment/{name}"), t.get(f"service/{name}")
    slices = slices_of(service, t.objects("endpointslices"))
    ready = sum(len(piece["endpoints"]) for piece in slices)
    ports = {row["port"] for piece in slices for row in piece["ports"]}
    affinity = service["spec"].get("sessionAffinityConfig", {}).get("clientIP", {}).get("timeoutSeconds", 80)
    return {ready, deployment["status"]["readyReplicas"], deployment["spec"]["replicas"], 80, affinity, *ports}


@FEW
@given(st.integers(1, 6), st.integers(2000, 60000), st.booleans())
def test_the_bakery_with_other_numbers(t: Session, replicas: int, port: int, named: bool) -> None:
    service = _service("bakery", "web" if named else port)
    verdict = _solve(t, "services-4", _podinfo("bakery", replicas, port, named), service)
    assert verdict.passed, verdict
    assert _numbers_said(verdict) <= _numbers_there(t, "bakery")
    assert {replicas, port} <= _numbers_said(verdict)
    assert f"{replicas} of {replicas} pods ready" in str(verdict)


@FEW
@given(st.integers(1, 6), st.integers(2000, 60000))
def test_the_books_with_other_numbers(t: Session, replicas: int, port: int) -> None:
    verdict = _solve(t, "services-1", _podinfo("books", replicas, port, named=False), _service("books", port))
    assert verdict.passed, verdict
    assert _numbers_said(verdict) <= _numbers_there(t, "books")
    assert f"{replicas} of {replicas} pods ready" in str(verdict)


@FEW
@given(st.integers(3, 6), st.integers(3600, 86400))
def test_the_basket_with_other_numbers(t: Session, replicas: int, seconds: int) -> None:
    affinity = {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": seconds}}}
    service = _service("basket", 9898, type="LoadBalancer", **affinity)
    verdict = _solve(t, "loadbalancers-4", _podinfo("basket", replicas, 9898, named=False), service)
    assert verdict.passed, verdict
    assert _numbers_said(verdict) <= _numbers_there(t, "basket")
    assert {replicas, seconds} <= _numbers_said(verdict)


@FEW
@given(st.sampled_from(["64Mi", "100Mi", "200000k", "256Mi", "1Mi", "0.2Gi", "134217728"]))
def test_a_request_that_fits_in_other_words(t: Session, memory: str) -> None:
    container = {"name": "x", "image": "nginx:1.22", "resources": {"requests": {"memory": memory}}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "greedy"}, "spec": {"containers": [container]}}
    with contextlib.redirect_stdout(io.StringIO()):
        t.lesson("pods")
        t.exercise("pods-6")
        t.delete("pod/greedy")
        t.apply(pod)
        verdict = t.check("pods-6")
    assert verdict.passed, verdict
    assert f"requests: memory {t.get('pod/greedy')['spec']['containers'][0]['resources']['requests']['memory']}" in str(
        verdict
    )
