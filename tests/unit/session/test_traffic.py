from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.errors import UsageError
from k8s_tutor.objects.kinds import builtin_kinds
from k8s_tutor.objects.types import Obj
from k8s_tutor.observe.traffic import Failure, Reply, Traffic, Via
from k8s_tutor.session.targets import Target
from k8s_tutor.session.traffic_routes import RequestRoute, find_route
from k8s_tutor.session.traffic_senders import find_logged, parse_replies

NAMES = {"web-1": "web-1", "db": "db-0"}
SERVICES = builtin_kinds().find("services")
PODS = builtin_kinds().find("pods")
assert SERVICES is not None
assert PODS is not None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('1 0 { "hostname": "web-1", "version": "6.9.2" } ', ("web-1", None, 200)),
        ("1 0 web-1", ("web-1", None, 200)),
        ("1 0 Hostname: db IP: 10.0.0.1", ("db-0", None, 200)),
        ("1 0 <p>the nginx web-1 server</p>", ("", None, 200)),
        ("1 1 wget: can't connect to remote host (10.96.1.2): Connection refused", ("", Failure.REFUSED, 0)),
        ("1 1 wget: bad address 'nobody'", ("", Failure.NO_SUCH_NAME, 0)),
        ("1 143 Terminated", ("", Failure.TIMED_OUT, 0)),
        ("1 124 ", ("", Failure.TIMED_OUT, 0)),
        ("1 1 wget: server returned error: HTTP/1.1 503 Service Unavailable", ("", Failure.STATUS, 503)),
        ("1 1 wget: error getting response", ("", Failure.BROKEN, 0)),
    ],
)
def test_a_line_of_the_client_becomes_an_answer(line: str, expected: tuple[str, Failure | None, int]) -> None:
    (answer,) = parse_replies(line, 1, NAMES)
    assert (answer.pod, answer.failure, answer.code) == expected


def test_a_web_servers_log_names_our_requests() -> None:
    log = '10.244.1.4 - - "GET / HTTP/1.1" 200 615 "-" "k8s-tutor/77-1.2.13"\n"k8s-tutor/77-2.1.1"'
    assert list(find_logged(log, "77-1")) == [(2, 13)]


def test_counts_and_failures_are_told_by_kind() -> None:
    answers = (
        Reply(1, pod="a"),
        Reply(2, pod="b"),
        Reply(3, pod="b"),
        Reply(4, failure=Failure.STATUS, code=503),
        Reply(5, failure=Failure.REFUSED, code=0),
        Reply(6),
    )
    traffic = Traffic("service/web", "http://web/", Via.SERVICE, 80, answers, 6)
    assert dict(traffic.by_pod) == {"b": 2, "a": 1}
    assert dict(traffic.failures) == {"503": 1, "refused": 1}
    assert (traffic.answered, traffic.unnamed) == (4, 1)


class FakeClient:
    def __init__(self, *objects: Obj) -> None:
        self.objects = objects

    def find(self, _kind: Any, name: str, _namespace: str) -> Obj | None:
        return next((obj for obj in self.objects if obj["metadata"]["name"] == name), None)

    def list(self, *_: Any) -> list[Obj]:
        return [obj for obj in self.objects if obj["kind"] == "Node"]


def service(type_: str = "ClusterIP", address: str = "", **spec: Any) -> Obj:
    ports = [{"name": "web", "port": 80, "targetPort": 9898, "nodePort": 31000}, {"name": "extra", "port": 8080}]
    ingress = [{"ip": address}] if address else []
    return {
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "demo"},
        "spec": {"type": type_, "selector": {"app": "web"}, "ports": ports, **spec},
        "status": {"loadBalancer": {"ingress": ingress}},
    }


NODE = {
    "kind": "Node",
    "metadata": {"name": "n"},
    "status": {"addresses": [{"type": "InternalIP", "address": "1.2.3.4"}]},
}


def way(*objects: Obj, kind: Any = SERVICES, path: str = "/", **how: Any) -> RequestRoute:
    client: Any = FakeClient(*objects, NODE)
    how.setdefault("outside", lambda _service, port: f"http://127.0.0.1:{port + 40000}")
    return find_route(client, Target(kind, "web", "demo"), path, **how)


@pytest.mark.parametrize(
    ("obj", "how", "url"),
    [
        (service(), {}, "http://web.demo:80/"),
        (service(), {"port": "extra"}, "http://web.demo:8080/"),
        (service(), {"port": 81}, "http://web.demo:81/"),
        (service(clusterIP="None"), {}, "http://web.demo:80/"),
        (service("NodePort"), {"via": "nodeport"}, "http://1.2.3.4:31000/"),
        (service("LoadBalancer"), {}, "http://web.demo:80/"),
        (service("LoadBalancer", "203.0.113.1"), {}, "http://203.0.113.1:80/"),
        (service("LoadBalancer", "203.0.113.1"), {"via": "service"}, "http://web.demo:80/"),
        (service("LoadBalancer", "203.0.113.1"), {"via": "host"}, "http://127.0.0.1:40080/"),
    ],
)
def test_a_service_is_reached_by_the_way_that_was_asked_for(obj: Obj, how: dict[str, Any], url: str) -> None:
    assert way(obj, **how).url == url


@pytest.mark.parametrize(
    ("obj", "how", "words"),
    [
        (service(), {"via": "loadbalancer"}, "has no load balancer's address"),
        (service("LoadBalancer"), {"via": "host"}, "has no load balancer's address"),
        (service(), {"via": "nodeport"}, "has no node port"),
        (service(), {"via": "tunnel"}, "no way called 'tunnel'"),
        (service(), {"port": "admin"}, "has no port"),
        (service(), {"path": "index.html"}, "is no path"),
        (service("LoadBalancer", "1.1.1.1"), {"via": "host", "outside": lambda *_: ""}, "cannot reach"),
    ],
)
def test_what_cannot_be_reached_is_said_before_anything_is_sent(obj: Obj, how: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        way(obj, **how)


def test_a_pod_is_asked_on_the_port_it_names() -> None:
    pod = {
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [{"ports": [{"containerPort": 9898}]}]},
        "status": {"podIP": "10.244.1.3"},
    }
    assert way(pod, kind=PODS).url == "http://10.244.1.3:9898/"
    assert way(pod, kind=PODS, port=80).url == "http://10.244.1.3:80/"


def test_a_pod_that_names_no_port_is_asked_for_one() -> None:
    pod = {"kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [{}]}, "status": {"podIP": "10.244.1.3"}}
    with pytest.raises(UsageError, match="on which port"):
        way(pod, kind=PODS)
