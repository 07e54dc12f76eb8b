"""Real kubectl and the official client as somebody else: tokens, certificates, roles made the ways kubectl has."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

pytestmark = pytest.mark.kubectl

RECONCILED = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: readers, namespace: NAMESPACE}
rules:
- {apiGroups: [""], resources: [pods], verbs: [VERB]}
"""
REQUEST = """
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: NAME}
spec: {signerName: kubernetes.io/kube-apiserver-client, request: REQUEST, usages: [client auth]}
"""


@pytest.fixture
def other(k, tmp_path):
    """kubectl as another user, whose proof is given as `kubectl config set-credentials` takes it."""

    def kubectl(*proof: str):
        path = tmp_path / "config"
        path.write_bytes(k.kubeconfig.read_bytes())
        mine = replace(k, kubeconfig=path)
        cluster = mine("config", "view", "-o", "jsonpath={.clusters[0].name}")
        mine("config", "set-credentials", "other", *proof)
        mine("config", "set-context", "other", f"--cluster={cluster}", "--user=other")
        mine("config", "use-context", "other")
        return mine

    return kubectl


def test_a_robot_works_with_its_token(k, other):
    k("create", "serviceaccount", "robot")
    k("create", "role", "reader", "--verb=list", "--resource=pods")
    k("create", "rolebinding", "reader", "--role=reader", f"--serviceaccount={k.namespace}:robot")
    robot = other(f"--token={k('create', 'token', 'robot').strip()}")
    assert robot("get", "pods") == f"No resources found in {k.namespace} namespace.\n"
    assert robot("auth", "can-i", "list", "pods") == "yes\n"
    assert robot("auth", "can-i", "list", "secrets", code=1) == "no\n"
    assert robot("delete", "pod", "x", code=1) == (
        f'Error from server (Forbidden): pods "x" is forbidden: User "system:serviceaccount:{k.namespace}:robot" '
        f'cannot delete resource "pods" in API group "" in the namespace "{k.namespace}"\n'
    )


def test_a_wrong_token_lets_nobody_in(k, other):
    k("get", "pods")  # without discovery in its cache, kubectl fails earlier, in words of its own
    words = "error: You must be logged in to the server (Unauthorized)\n"
    assert other("--token=nonsense")("get", "pods", code=1).endswith(words)


def test_reconciling_brings_roles_up_to_date(k, tmp_path):
    path = tmp_path / "role.yaml"
    manifest = RECONCILED.replace("NAMESPACE", k.namespace)
    path.write_text(manifest.replace("VERB", "get"), encoding="utf-8")
    assert "reconciliation required create" in k("auth", "reconcile", "-f", str(path))
    path.write_text(manifest.replace("VERB", "list"), encoding="utf-8")
    assert "reconciliation required update" in k("auth", "reconcile", "-f", str(path))
    verbs = "jsonpath={.rules[*].verbs[0]}"
    assert k("get", "role", "readers", "-o", verbs) == "get list"
    assert "extra rules removed" in k("auth", "reconcile", "-f", str(path), "--remove-extra-permissions")
    assert k("get", "role", "readers", "-o", verbs) == "list"


def test_a_second_user_in_a_kubeconfig_of_their_own(k, other, tmp_path):
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    from k8s_tutor.embedded.http.authority import make_subject  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    asked = x509.CertificateSigningRequestBuilder(make_subject("jane", ["devs"])).sign(key, hashes.SHA256())
    pem = base64.b64encode(asked.public_bytes(serialization.Encoding.PEM)).decode()
    name = f"jane-{k.namespace}"
    k("create", "-f", "-", stdin=REQUEST.replace("REQUEST", pem).replace("NAME", name))
    k("certificate", "approve", name)
    k("wait", f"csr/{name}", "--for=jsonpath={.status.certificate}")
    certificate = k("get", "csr", name, "-o", "jsonpath={.status.certificate}")
    files = {"jane.crt": base64.b64decode(certificate)}
    files["jane.key"] = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    paths = (f"--client-certificate={tmp_path / 'jane.crt'}", f"--client-key={tmp_path / 'jane.key'}")
    mine = other(*paths, "--embed-certs")
    assert "Groups                                              [devs system:authenticated]" in mine("auth", "whoami")
    k("create", "rolebinding", "devs", "--clusterrole=view", "--group=devs")
    assert mine("auth", "can-i", "list", "deployments.apps") == "yes\n"
    assert mine("auth", "can-i", "create", "deployments.apps", code=1) == "no\n"


def test_the_official_client_asks_for_a_token_and_uses_it(k, embedded_cluster):
    from kubernetes import client, config  # noqa: PLC0415

    settings = client.Configuration()
    config.load_kube_config(str(embedded_cluster.kubeconfig), client_configuration=settings)
    with client.ApiClient(settings) as api:
        body = client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=[]))
        answer = client.CoreV1Api(api).create_namespaced_service_account_token("default", k.namespace, body)
        review = client.V1TokenReview(spec=client.V1TokenReviewSpec(token=answer.status.token))
        read = client.AuthenticationV1Api(api).create_token_review(review)
    assert read.status.user.username == f"system:serviceaccount:{k.namespace}:default"
    settings.cert_file = settings.key_file = None
    settings.refresh_api_key_hook = None
    settings.api_key = {"authorization": f"Bearer {answer.status.token}"}
    with client.ApiClient(settings) as api, pytest.raises(client.ApiException) as refused:
        client.CoreV1Api(api).list_namespaced_pod(k.namespace)
    assert refused.value.status == 403
