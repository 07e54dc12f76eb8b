"""Load balancers of an embedded cluster: switched on and off, and reached from this machine."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from k8s_tutor.api.client import Client
from k8s_tutor.clock import RealClock
from k8s_tutor.embedded.runner.cluster import EmbeddedCluster
from k8s_tutor.embedded.runner.pace import PaceMode
from k8s_tutor.objects.types import Obj

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {"containers": [{"name": "web", "image": "ghcr.io/stefanprodan/podinfo:6.9.2"}]},
}
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 9898}]},
}


@pytest.fixture
def cluster() -> Iterator[EmbeddedCluster]:
    cluster = EmbeddedCluster(PaceMode.AWAITED)
    client = Client(cluster.api)
    client.apply(POD, "default")
    client.apply(SERVICE, "default")
    cluster.pace.run(10)
    yield cluster
    cluster.close()


def service(cluster: EmbeddedCluster) -> Obj:
    return Client(cluster.api).get("services", "web", "default")


def ingress(cluster: EmbeddedCluster) -> list[Obj]:
    return service(cluster)["status"]["loadBalancer"].get("ingress", [])


def on(cluster: EmbeddedCluster) -> str:
    line = cluster.load_balancers.switch(on=True)
    cluster.pace.run(10)
    return line


def ask(url: str, **headers: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def refuses(url: str) -> bool:
    """Whether the port is closed; its thread may need a moment to close it."""
    clock, port = RealClock(), int(url.rpartition(":")[2])
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            return True
        except ConnectionResetError:
            pass  # it closed in that very moment
        clock.pause(0.02)
    return False


def test_nobody_gives_an_address_before_it_is_asked_for(cluster):
    cluster.pace.run(600)
    assert ingress(cluster) == []


def test_switching_on_says_what_it_does_and_so_does_the_second_time(cluster):
    assert on(cluster) == on(cluster)
    assert ingress(cluster) == [{"ip": "203.0.113.1", "ipMode": "VIP"}]


def test_switching_off_takes_the_addresses_back_at_once(cluster):
    on(cluster)
    first = cluster.load_balancers.switch(on=False)
    assert ingress(cluster) == []
    assert cluster.load_balancers.switch(on=False) == first


def test_an_address_answers_at_a_port_of_this_machine(cluster):
    on(cluster)
    url = cluster.load_balancers.url(service(cluster), 80)
    assert url.startswith("http://127.0.0.1:")
    code, body = ask(url)
    assert (code, '"hostname": "web"' in body) == (200, True)
    assert cluster.load_balancers.url(service(cluster), 80) == url


def test_paths_bodies_and_codes_come_through(cluster):
    on(cluster)
    url = cluster.load_balancers.url(service(cluster), 80)
    assert ask(f"{url}/status/418")[0] == 418
    with urllib.request.urlopen(f"{url}/echo", b"hello", timeout=10) as answer:
        assert answer.read() == b"hello"


def test_without_a_pod_the_answer_says_why(cluster):
    on(cluster)
    url = cluster.load_balancers.url(service(cluster), 80)
    Client(cluster.api).delete("pods", "web", "default", grace_seconds=0)
    cluster.pace.run(5)
    code, body = ask(url)
    assert code == 502
    assert "Refused: 203.0.113.1:80" in body


def test_a_page_that_rebinds_its_name_to_this_machine_is_refused(cluster):
    on(cluster)
    url = cluster.load_balancers.url(service(cluster), 80)
    assert ask(url, Host="evil.example")[0] == 403


@pytest.mark.parametrize("knocked", [True, False], ids=["after a request", "before anybody came"])
@pytest.mark.parametrize("end", ["deleted", "switched off", "closed"])
def test_the_port_closes_when_the_address_goes(cluster, knocked, end):
    on(cluster)
    url = cluster.load_balancers.url(service(cluster), 80)
    if knocked:
        ask(url)
    if end == "deleted":
        Client(cluster.api).delete("services", "web", "default")
        cluster.pace.run(5)
    elif end == "switched off":
        cluster.load_balancers.switch(on=False)
    else:
        cluster.close()
    assert refuses(url)


def test_another_port_of_the_service_gets_another_port_here(cluster):
    both = [{"name": "web", "port": 80, "targetPort": 9898}, {"name": "alt", "port": 8080, "targetPort": 9898}]
    Client(cluster.api).patch("services", "web", {"spec": {"ports": both}}, "default")
    on(cluster)
    first, second = (cluster.load_balancers.url(service(cluster), port) for port in (80, 8080))
    assert first != second
    assert ask(second)[0] == 200
