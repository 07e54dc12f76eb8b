"""HTTP through the API server: to pods, services, nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import Request, Response

if TYPE_CHECKING:
    from tests.behaviour.conftest import Environment

WEB = """
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: nginx, image: nginx:1.22, ports: [{containerPort: 80, name: http}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 8080, targetPort: http}]}
---
apiVersion: v1
kind: Pod
metadata: {name: waits}
spec:
  nodeSelector: {never: ever}
  containers: [{name: nginx, image: nginx:1.22}]
"""


@pytest.fixture
def web(env: Environment) -> Environment:
    env.apply(WEB)
    env.wait("pods", "web", lambda pod: pod.get("status", {}).get("phase") == "Running")
    env.wait("endpoints", "web", lambda points: bool((points.get("subsets") or [{}])[0].get("addresses")))
    return env


def ask(env: Environment, path: str) -> Response:
    return env.client.api.send(Request("GET", f"/api/v1/namespaces/{env.namespace}/{path}"))


def refusal(env: Environment, path: str) -> tuple[int, str]:
    answer = ask(env, path)
    assert isinstance(answer.body, dict), answer.body
    return answer.code, answer.body["message"]


def test_who_can_be_asked_and_what_is_said_of_others(web: Environment) -> None:
    for path in ("pods/web", "pods/web:80", "pods/http:web:80", "services/web:8080", "services/http:web:http"):
        answer = ask(web, f"{path}/proxy/")
        assert (answer.code, "Welcome to nginx!" in str(answer.body)) == (200, True), path

    address = web.get("pods", "web")["status"]["podIP"]
    trying = "error trying to reach service: "
    assert {path: refusal(web, f"{path}/proxy/") for path in REFUSED} == REFUSED
    assert refusal(web, "pods/web:81/proxy/") == (503, f"{trying}dial tcp {address}:81: connect: connection refused")
    missing = ask(web, "pods/web/proxy/nope")
    assert (missing.code, missing.content_type) == (404, "text/html")


_NO_TLS = "error trying to reach service: tls: first record does not look like a TLS handshake"
REFUSED = {
    "pods/https:web:80": (503, _NO_TLS),
    "pods/ftp:web:80": (400, 'invalid pod request "ftp:web:80"'),
    "pods/nope": (404, 'pods "nope" not found'),
    "pods/waits": (400, "address not allowed"),
    "pods/web:99999": (503, "error trying to reach service: dial tcp: address 99999: invalid port"),
    "services/web": (503, 'no endpoints available for service "web"'),
    "services/web:80": (503, 'no service port 80 found for service "web"'),
    "services/web:nope": (503, 'no endpoints available for service "web"'),
    "services/https:web:http": (503, _NO_TLS),
    "services/ftp:web:http": (400, 'invalid service request "ftp:web:http"'),
    "services/nope": (503, 'no endpoints available for service "nope"'),
    "services/nope:80": (404, 'services "nope" not found'),
}


def test_a_nodes_kubelet_answers_for_itself(env: Environment) -> None:
    node = env.client.list("nodes")[0]["metadata"]["name"]

    def kubelet(path: str, who: str = node) -> Response:
        return env.client.api.send(Request("GET", f"/api/v1/nodes/{who}/proxy/{path}"))

    assert (kubelet("healthz").code, kubelet("healthz").body) == (200, "ok")
    assert (kubelet("healthz", f"https:{node}:10250").code, kubelet("nope").code) == (200, 404)
    assert kubelet("healthz", "nope").body["message"] == 'nodes "nope" not found'
