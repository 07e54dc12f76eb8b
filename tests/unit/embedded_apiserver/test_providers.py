"""What a cluster answers that was handed no keys and no way out, and what works all the same."""

from __future__ import annotations

import base64

import pytest

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.embedded.core import Providers
from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from tests.unit.engine import new_kubernetes

CORE = "/api/v1/namespaces/default"
REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


@pytest.fixture
def cluster() -> EmbeddedKubernetes:
    made = new_kubernetes(providers=Providers())
    wait(made, 2)
    return made


def wait(cluster: EmbeddedKubernetes, seconds: float) -> None:
    cluster.loop.run_until(cluster.loop.now() + seconds)


def send(cluster: EmbeddedKubernetes, method, path: str, body=None) -> Response:
    answer = cluster.handle(Request(method, path, (), body))
    assert isinstance(answer, Response)
    return answer


def test_nobody_gets_a_token_and_is_told_why(cluster) -> None:
    answer = send(cluster, "POST", f"{CORE}/serviceaccounts/default/token", {"spec": {}})
    assert answer.code == 501
    assert "without a key that signs tokens" in answer.body["message"]


def test_there_is_no_key_to_check_tokens_with(cluster) -> None:
    assert send(cluster, "GET", "/openid/v1/jwks").body == '{"keys":[]}'
    assert cluster.authenticate("a.b.c") is None


def test_a_users_certificate_cannot_be_had_and_why_is_said(cluster) -> None:
    request = base64.b64encode(b"-----BEGIN CERTIFICATE REQUEST-----").decode()
    signer = "kubernetes.io/kube-apiserver-client"
    spec = {"request": request, "signerName": signer, "usages": ["client auth"]}
    answer = send(cluster, "POST", REQUESTS, {"metadata": {"name": "bob"}, "spec": spec})
    assert answer.code == 501
    assert "without a certificate authority" in answer.body["message"]


def test_a_webhook_cannot_be_called_and_why_is_said(cluster) -> None:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    hook = {
        "name": "a.tutor.example",
        "clientConfig": {"url": "https://localhost:1/x"},
        "rules": [rule],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
    assert send(cluster, "POST", path, {"metadata": {"name": "a"}, "webhooks": [hook]}).code == 201
    answer = send(cluster, "POST", f"{CORE}/configmaps", {"metadata": {"name": "c"}})
    assert answer.code == 500
    assert "without a way to servers outside" in answer.body["message"]


def test_pods_start_and_their_token_says_what_it_is(cluster) -> None:
    spec = {"containers": [{"name": "c", "image": "busybox:1.35", "command": ["sleep", "1000"]}]}
    assert send(cluster, "POST", f"{CORE}/pods", {"metadata": {"name": "web"}, "spec": spec}).code == 201
    wait(cluster, 20)
    pod = cluster.store.get("pods", "default", "web")
    assert pod is not None
    assert pod["status"]["phase"] == "Running"
    command = ["cat", "/var/run/secrets/kubernetes.io/serviceaccount/token"]
    session = cluster.nodes.exec(pod, "c", command, stdin=False, tty=False)
    said: list[bytes] = []
    session.attach(said.append, said.append, lambda _: None)
    wait(cluster, 1)
    assert b"without a key that signs tokens" in b"".join(said)
