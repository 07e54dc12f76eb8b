"""The URL of a Service, for a browser on this machine; and what is said where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from k8s_tutor.api.client import Client
from k8s_tutor.cluster.context import OthersLoadBalancers
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.errors import UsageError
from k8s_tutor.session.session import Session

PORTS = [{"name": "web", "port": 80}, {"name": "alt", "port": 8080}]


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def t(said: list[str]) -> Iterator[Session]:
    """A session with a Service of each type; the load balancer's has its address."""
    session = Session(EmbeddedCluster(PaceMode.AWAITED), say=said.append)
    for name, kind in (("inside", "ClusterIP"), ("web", "LoadBalancer")):
        session.apply(service(name, kind))
    session.load_balancers()
    session.wait("svc/web", "address")
    session.load_balancers(on=True)
    yield session
    session.close()


def service(name: str, kind: str, **spec: Any) -> dict[str, Any]:
    spec = {"type": kind, "ports": PORTS, **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


class OutOfReach:
    """Load balancers whose addresses lie where this machine does not reach."""

    def switch(self, *, on: bool) -> str:
        return ""

    def url(self, service: object, port: int) -> str:
        return ""


def test_switching_on_is_said_in_one_line_and_so_is_the_second_time(t: Session, said: list[str]) -> None:
    lines = [line for line in said if line.startswith("Load balancers")]
    wish = "a Service of type LoadBalancer gets an address"
    assert lines == [f"Load balancers are on: {wish} of 203.0.113.0/24, from a simulated cloud."] * 2


def test_a_port_is_chosen_by_number_or_name_and_the_first_by_default(t: Session) -> None:
    assert t.url("svc/web") == t.url("svc/web", 80) == t.url("svc/web", "web")
    assert t.url("svc/web", "alt") == t.url("svc/web", 8080) != t.url("svc/web")


def test_a_port_that_is_not_there_names_those_that_are(t: Session) -> None:
    with pytest.raises(UsageError, match="has no port 81") as caught:
        t.url("svc/web", 81)
    assert caught.value.why == "Its ports: web, alt."


def test_a_service_of_another_type_is_told_which_one_it_takes(t: Session) -> None:
    with pytest.raises(UsageError, match="no address outside") as caught:
        t.url("svc/inside")
    assert "type: LoadBalancer" in caught.value.next_step


def test_a_service_that_waits_is_told_what_to_do(t: Session) -> None:
    t.apply(service("late", "LoadBalancer", loadBalancerClass="example.com/other"))
    with pytest.raises(UsageError, match="no address yet") as caught:
        t.url("svc/late")
    assert "without loadBalancerClass" in caught.value.next_step


def test_an_address_out_of_reach_says_why_and_another_way(t: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(t.cluster, "load_balancers", OutOfReach())
    with pytest.raises(UsageError, match="cannot be reached from this machine") as caught:
        t.url("svc/web")
    assert "port-forward service/web 8080:80" in caught.value.next_step


@pytest.mark.parametrize("on", [True, False])
def test_a_cluster_of_others_is_left_as_it_is(t: Session, on: bool) -> None:
    others = OthersLoadBalancers(Client(t.cluster.api), "prod")
    before = t.cluster.kubernetes.store.revision
    assert 'context "prod" is left as it is: ' in others.switch(on=on)
    assert "have an address" in others.switch(on=on)
    assert t.cluster.kubernetes.store.revision == before
