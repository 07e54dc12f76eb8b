"""Requests that were really sent: who answered, on either cluster."""

from __future__ import annotations

from k8s_tutor.authoring.outputs import normalised
from k8s_tutor.objects import conditions
from k8s_tutor.observe.traffic import Failure
from k8s_tutor.session.targets import find_target
from k8s_tutor.session.traffic_routes import find_route
from k8s_tutor.session.traffic_senders import Senders, TrafficResult
from k8s_tutor.session.waiting_pods import ReadyPodsWaiter

PODS = """
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: web}}}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: web
    image: {image}
    args: {args}
    ports: [{{containerPort: {port}}}]
    readinessProbe: {{httpGet: {{path: {ready}, port: {port}}}, periodSeconds: 1, failureThreshold: 1}}
---
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{selector: {{app: {app}}}, ports: [{{port: 80, targetPort: {port}}}]{more}}}
"""
PODINFO = "ghcr.io/stefanprodan/podinfo:6.9.2"


def start(env, *names: str, target: object = 9898, app: str = "web", more: str = "", **pod: object) -> None:  # type: ignore[no-untyped-def]
    pod = {"image": PODINFO, "port": 9898, "ready": "/readyz", "args": "null", **pod}
    texts = [PODS.format(name=name, **pod) for name in names]
    env.apply("".join(texts) + SERVICE.format(port=target, app=app, more=more))
    for name in names:
        env.wait("pods", name, lambda pod: conditions.is_true(pod, "Ready"))
    if names and app == "web":
        wait_for_endpoints(env, len(names))


def wait_for_endpoints(env, ready: int) -> None:  # type: ignore[no-untyped-def]
    """As `t.wait("svc/web", "3 ready pods")` does: until the nodes' proxies have followed, too."""
    ReadyPodsWaiter(env.client, env.clock, find_target(env.client, "svc/web", env.namespace), ready).wait(60)


def send(env, requests: int = 60, ref: str = "svc/web", **how: object) -> TrafficResult:  # type: ignore[no-untyped-def]
    clients = how.pop("clients", 1)
    way = find_route(env.client, find_target(env.client, ref, env.namespace), outside=lambda *_: "", **how)  # type: ignore[arg-type]
    return Senders(env.client, env.clock, env.namespace).send(way, requests, clients)  # type: ignore[arg-type]


def told(traffic: TrafficResult) -> list[str]:
    return normalised(traffic.picture.alt_text).splitlines()


def test_sixty_requests_spread_over_all_ready_pods(env) -> None:  # type: ignore[no-untyped-def]
    start(env, "web-1", "web-2", "web-3")
    traffic = send(env)
    assert sorted(traffic.by_pod) == ["web-1", "web-2", "web-3"]
    assert sum(traffic.by_pod.values()) == traffic.answered == 60
    assert told(traffic) == [
        "60 requests → Service web: all answered",
        "  Pod web-1: N requests",
        "  Pod web-2: N requests",
        "  Pod web-3: N requests",
    ]


def test_a_pod_that_is_not_ready_gets_none(env) -> None:  # type: ignore[no-untyped-def]
    start(env, "web-1", "web-2")
    path = env.client.kind("pods").path(env.namespace, "web-1:9898", "proxy")
    env.client.raw("POST", f"{path}/readyz/disable")
    env.wait("pods", "web-1", lambda pod: not conditions.is_true(pod, "Ready"))
    wait_for_endpoints(env, 1)
    env.wait_event("pods", "web-1", "Unhealthy")
    assert told(send(env, 20)) == [
        "20 requests → Service web: all answered",
        "  Pod web-1: none (Not ready: readiness probe 503)",
        "  Pod web-2: N requests",
    ]


def test_a_client_with_affinity_meets_one_pod(env) -> None:  # type: ignore[no-untyped-def]
    start(env, "web-1", "web-2", "web-3", more=", sessionAffinity: ClientIP")
    traffic = send(env, 30, clients=2)
    assert [len(traffic.pods_of(client)) for client in (1, 2)] == [1, 1]
    assert traffic.answered == 30


def test_a_wrong_target_port_is_refused_by_the_pods(env) -> None:  # type: ignore[no-untyped-def]
    start(env, "web-1", target=8080)
    assert told(send(env, 4)) == [
        "4 requests → Service web: no answer",
        "  Pod web-1: none (connection refused on port 8080)",
        "  no good answer: 4 requests (connection refused)",
    ]


def test_a_port_name_that_no_pod_has_leads_nowhere(env) -> None:  # type: ignore[no-untyped-def]
    start(env, "web-1", target="http")
    assert told(send(env, 2)) == [
        "2 requests → Service web: no answer",
        "  refused: no Pod to send it to",
        "  Pod web-1: none (no port called http)",
        "  no good answer: 2 requests (connection refused)",
    ]


def test_a_selector_that_matches_nothing_leads_nowhere(env) -> None:  # type: ignore[no-untyped-def]
    start(env, app="nobody")
    assert told(send(env, 2)) == [
        "2 requests → Service web: no answer",
        "  refused: no Pod to send it to",
        "  no Pod has app=nobody",
        "  no good answer: 2 requests (connection refused)",
    ]


def test_a_web_server_that_says_nothing_of_itself_is_known_by_its_log(env) -> None:  # type: ignore[no-untyped-def]
    start(env, "web-1", target=80, image="nginx:1.22", port=80, ready="/")
    assert dict(send(env, 5).by_pod) == {"web-1": 5}


def test_a_bare_host_name_is_an_answer(env) -> None:  # type: ignore[no-untyped-def]
    image = "registry.k8s.io/e2e-test-images/agnhost:2.66.1"
    start(env, "web-1", target=8080, image=image, port=8080, ready="/healthz", args="[netexec]")
    assert dict(send(env, 5, path="/hostname").by_pod) == {"web-1": 5}


def test_a_headless_service_is_a_name_for_its_pods(env) -> None:  # type: ignore[no-untyped-def]
    start(env, "web-1", more=", clusterIP: None")
    assert dict(send(env, 3, port=9898).by_pod) == {"web-1": 3}


def test_a_headless_service_translates_no_port(env) -> None:  # type: ignore[no-untyped-def]
    start(env, "web-1", more=", clusterIP: None")
    traffic = send(env, 3, port=80)
    assert traffic.answered == 0
    assert {answer.failure for answer in traffic.answers} == {Failure.REFUSED}


def test_a_node_port_leads_to_the_pods(env) -> None:  # type: ignore[no-untyped-def]
    start(env, "web-1", more=", type: NodePort")
    traffic = send(env, 3, via="nodeport")
    assert dict(traffic.by_pod) == {"web-1": 3}
    assert "→ NodePort " in traffic.picture.alt_text


def test_the_client_stays_for_the_next_time_and_can_be_removed(env) -> None:  # type: ignore[no-untyped-def]
    start(env, "web-1")
    first, second = send(env, 2), send(env, 2)
    assert first.answered == second.answered == 2
    Senders(env.client, env.clock, env.namespace).remove()
    env.wait_gone("pods", "k8s-tutor-client")
