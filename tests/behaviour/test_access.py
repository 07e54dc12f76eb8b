"""Who may what, on both clusters: permissions, their refusals word for word, tokens, certificates, acting as others."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Request
from k8s_tutor.api.status import StatusError
from k8s_tutor.clock import RealClock
from k8s_tutor.cluster import kubeconfig
from k8s_tutor.cluster.http_api import HttpAPI
from k8s_tutor.cluster.tls import Login, login
from k8s_tutor.embedded.apiserver.facts import generate_rbac

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

AUDIENCE = "https://kubernetes.default.svc.cluster.local"
REVIEWS = "/apis/authorization.k8s.io/v1"
MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"

As = Callable[..., Client]


@pytest.fixture
def by(env: Environment) -> Iterator[As]:
    """Clients with credentials of their own: a bearer token, a certificate, or headers beside the administrator's."""
    [entry] = kubeconfig.contexts([env.cluster.kubeconfig]).values()
    admin = login(entry, env.cluster.kubeconfig)
    opened: list[HttpAPI] = []

    def client(headers: dict[str, str] | None = None, *, token: str = "", certificate: bytes = b"") -> Client:
        if token:
            credentials = Login(lambda: {"Authorization": f"Bearer {token}", **(headers or {})})
        elif certificate:
            credentials = Login(dict, certificate)
        elif headers is None:
            credentials = Login(dict)
        else:
            credentials = Login(lambda: {**admin.headers(), **headers}, admin.certificate)
        opened.append(HttpAPI(entry, credentials))
        return Client(opened[-1])

    yield client
    for api in opened:
        api.close()


@pytest.fixture
def alice(by: As, env: Environment) -> Client:
    """A user of this test's own, without permissions."""
    return by({"Impersonate-User": person(env)})


def person(env: Environment) -> str:
    return f"alice-{env.namespace}"


def refusal(client: Client, method: str, target: str, body: Obj | None = None) -> tuple[int, str]:
    path, _, query = target.partition("?")
    pairs = tuple(tuple(pair.split("=", 1)) for pair in query.split("&")) if query else ()
    answer = client.api.send(Request(method, path, pairs, body))  # type: ignore[arg-type]
    assert isinstance(answer.body, dict), answer
    return answer.code, answer.body.get("message", "")


def soon(found: Callable[[], Any], wanted: Any) -> None:
    """Real authorizers hear of a new role or binding some milliseconds later."""
    deadline = RealClock().monotonic() + 10
    while (last := found()) != wanted:
        assert RealClock().monotonic() < deadline, f"{last} is not {wanted}"


def allowed(env: Environment, user: str, verb: str, resource: str, **more: str) -> bool:
    group, _, plural = resource.rpartition("/")
    attributes = {"verb": verb, "group": group, "resource": plural, "namespace": env.namespace, **more}
    return bool(review(env.client, {"user": user, "resourceAttributes": attributes})["allowed"])


def review(client: Client, spec: Obj, kind: str = "SubjectAccessReview") -> Obj:
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec}
    answer = client.api.send(Request("POST", f"{REVIEWS}/{kind.lower()}s", body=body))
    assert isinstance(answer.body, dict)
    status: Obj = answer.body["status"]
    return status


def who_is(client: Client) -> Obj:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    answer = client.api.send(Request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body=body))
    if answer.code != 201:
        raise StatusError.of(answer)
    user: Obj = answer.body["status"]["userInfo"]  # type: ignore[index,call-overload]
    return user


def asked_for(env: Environment, account: str = "default", **spec: Any) -> Obj:
    """A TokenRequest as answered."""
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    target = f"/api/v1/namespaces/{env.namespace}/serviceaccounts/{account}/token"
    answer = env.cluster.api.send(Request("POST", target, body=body))
    if answer.code != 201:
        raise StatusError.of(answer)
    assert isinstance(answer.body, dict)
    return answer.body


def claims(token: str) -> Obj:
    part = token.split(".")[1]
    found: Obj = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


# --- who is nobody -------------------------------------------------------------------


def test_wrong_credentials_are_unauthorized(by: As) -> None:
    assert refusal(by(token="nonsense"), "GET", "/healthz") == (401, "Unauthorized")


@pytest.mark.parametrize(
    ("method", "target", "message"),
    [
        ("GET", "/", 'forbidden: User "system:anonymous" cannot get path "/"'),
        ("POST", "/metrics", 'forbidden: User "system:anonymous" cannot post path "/metrics"'),
        ("GET", "/healthz/etcd", 'forbidden: User "system:anonymous" cannot get path "/healthz/etcd"'),
    ],
)
def test_a_stranger_sees_no_more_than_health_and_version(by: As, method: str, target: str, message: str) -> None:
    assert refusal(by(), method, target) == (403, message)
    assert by().api.send(Request("GET", "/readyz")).code == 200
    assert by().api.send(Request("GET", "/version")).code == 200


@pytest.mark.parametrize(
    ("method", "target", "message"),
    [
        (
            "GET",
            "/api/v1/namespaces/NS/pods",
            'pods is forbidden: USER cannot list resource "pods" in API group "" WHERE',
        ),
        (
            "GET",
            "/api/v1/namespaces/NS/pods?watch=1",
            'pods is forbidden: USER cannot watch resource "pods" in API group "" WHERE',
        ),
        (
            "GET",
            "/api/v1/namespaces/NS/pods?fieldSelector=metadata.name=x",
            'pods "x" is forbidden: USER cannot list resource "pods" in API group "" WHERE',
        ),
        (
            "DELETE",
            "/api/v1/namespaces/NS/pods",
            'pods is forbidden: USER cannot deletecollection resource "pods" in API group "" WHERE',
        ),
        (
            "GET",
            "/api/v1/namespaces/NS/pods/x/log",
            'pods "x" is forbidden: USER cannot get resource "pods/log" in API group "" WHERE',
        ),
        (
            "PATCH",
            "/apis/apps/v1/namespaces/NS/deployments/x/scale",
            (
                'deployments.apps "x" is forbidden: USER cannot patch resource "deployments/scale" in API group "apps" '
                "WHERE"
            ),
        ),
        (
            "GET",
            "/api/v1/namespaces/NS",
            'namespaces "NS" is forbidden: USER cannot get resource "namespaces" in API group "" WHERE',
        ),
        (
            "POST",
            "/api/v1/nodes",
            'nodes is forbidden: USER cannot create resource "nodes" in API group "" at the cluster scope',
        ),
        (
            "GET",
            "/apis/nothing.example/v1/things",
            (
                'things.nothing.example is forbidden: USER cannot list resource "things" '
                'in API group "nothing.example" at the cluster scope'
            ),
        ),
        ("GET", "/nothing", 'forbidden: USER cannot get path "/nothing"'),
    ],
)
def test_what_nobody_allows_is_refused_in_these_words(
    env: Environment, alice: Client, method: str, target: str, message: str
) -> None:
    where = 'in the namespace "NS"'
    expected = message.replace("WHERE", where).replace("USER", f'User "{person(env)}"').replace("NS", env.namespace)
    assert refusal(alice, method, target.replace("NS", env.namespace)) == (403, expected)


# --- roles and bindings --------------------------------------------------------------

ROLE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: some}
rules:
- {apiGroups: [""], resources: [pods, pods/log], verbs: [get]}
- {apiGroups: [""], resources: ["*/status"], verbs: [patch]}
- {apiGroups: [apps], resources: ["*"], verbs: ["*"], resourceNames: [web]}
- {apiGroups: [rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: [get, create, update]}
"""
BINDING = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: some}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: some}
subjects: [{kind: User, name: PERSON, apiGroup: rbac.authorization.k8s.io}]
"""


@pytest.fixture
def bound(env: Environment) -> str:
    """The name of a user with a role."""
    env.apply(ROLE)
    env.apply(BINDING.replace("PERSON", person(env)))
    soon(lambda: allowed(env, person(env), "get", "pods"), wanted=True)
    return person(env)


def test_a_role_gives_what_it_says_and_nothing_more(env: Environment, bound: str) -> None:
    assert allowed(env, bound, "get", "pods", subresource="log")
    assert not allowed(env, bound, "get", "pods", subresource="status")
    assert allowed(env, bound, "patch", "nodes", subresource="status")
    assert not allowed(env, bound, "list", "pods")
    assert not allowed(env, bound, "get", "pods", namespace="default")
    assert allowed(env, bound, "delete", "apps/deployments", name="web")
    assert not allowed(env, bound, "delete", "apps/deployments", name="other")


def test_a_review_tells_which_binding_allows(env: Environment, bound: str) -> None:
    attributes = {"verb": "get", "resource": "pods", "namespace": env.namespace}
    assert review(env.client, {"user": bound, "resourceAttributes": attributes}) == {
        "allowed": True,
        "reason": f'RBAC: allowed by RoleBinding "some/{env.namespace}" of Role "some" to User "{bound}"',
    }


def test_a_binding_to_a_role_that_is_not_there_is_told_of_in_the_refusal(env: Environment, alice: Client) -> None:
    text = BINDING.replace("PERSON", person(env)).replace("kind: Role, name: some", "kind: ClusterRole, name: no-such")
    env.apply(text)
    words = (
        f'pods is forbidden: User "{person(env)}" cannot list resource "pods" in API group "" in the namespace '
        f'"{env.namespace}": rbac: RBAC: clusterrole.rbac.authorization.k8s.io "no-such" not found'
    )
    soon(lambda: refusal(alice, "GET", f"/api/v1/namespaces/{env.namespace}/pods")[1], words)


def test_nobody_gives_what_they_do_not_have(env: Environment, bound: str, alice: Client) -> None:
    rules = [{"apiGroups": [""], "resources": ["pods", "secrets"], "verbs": ["get", "list"]}]
    role = {"kind": "Role", "metadata": {"name": "more"}, "rules": rules}
    target = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{env.namespace}"
    who = (
        f'user "{bound}" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:'
    )
    missing = ['{APIGroups:[""], Resources:["pods"], Verbs:["list"]}']
    missing.append('{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}')
    words = "\n".join([f'roles.rbac.authorization.k8s.io "more" is forbidden: {who}', *missing])
    assert refusal(alice, "POST", f"{target}/roles", role) == (403, words)
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:node-proxier"}
    binding = {"kind": "RoleBinding", "metadata": {"name": "more"}, "roleRef": reference}
    code, words = refusal(alice, "POST", f"{target}/rolebindings", binding)
    assert code == 403
    assert words.startswith(f'rolebindings.rbac.authorization.k8s.io "more" is forbidden: {who}\n{{APIGroups:')


def test_a_bindings_role_never_changes(env: Environment, bound: str) -> None:
    with pytest.raises(StatusError) as refused:
        env.client.patch("rolebindings", "some", {"roleRef": {"name": "other"}}, env.namespace)
    assert refused.value.what == (
        'RoleBinding.rbac.authorization.k8s.io "some" is invalid: roleRef: Invalid value: '
        '{"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"other"}: field is immutable'
    )


def test_an_aggregated_role_holds_the_rules_of_those_it_selects(env: Environment) -> None:
    label = {f"tests.example/{env.namespace}": "yes"}
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    whole = {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": label}]}}
    names = (f"{env.namespace}-part", f"{env.namespace}-whole")
    common = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
    try:
        env.client.create({**common, "metadata": {"name": names[0], "labels": label}, "rules": rules})
        env.client.create({**common, "metadata": {"name": names[1]}, **whole})
        env.wait("clusterroles", names[1], lambda role: role.get("rules") == rules)
    finally:
        for name in names:
            if env.client.find("clusterroles", name):
                env.client.delete("clusterroles", name)


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (
            {"user": "x"},
            "spec: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
        ),
        (
            {"resourceAttributes": {"verb": "get"}},
            'spec.user: Invalid value: "": at least one of user or group must be specified',
        ),
        (
            {"user": "x", "resourceAttributes": {"verb": "list", "fieldSelector": {}}},
            (
                "spec.resourceAttributes.fieldSelector.requirements: Required value: when "
                "spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required"
            ),
        ),
    ],
)
def test_a_review_that_cannot_be_answered_is_refused(env: Environment, spec: Obj, problem: str) -> None:
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
    words = f'.authorization.k8s.io "" is invalid: {problem}'
    assert refusal(env.client, "POST", f"{REVIEWS}/subjectaccessreviews", body) == (422, words)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"verb": "get", "resource": "pods"}, "node: No Object name found"),
        (
            {"verb": "get", "resource": "secrets", "namespace": "default", "name": "x"},
            "node: no relationship found between node 'n' and this object",
        ),
        ({"verb": "list", "resource": "nodes"}, "node: node 'n' cannot read all nodes, only its own Node object"),
        (
            {"verb": "update", "group": "coordination.k8s.io", "resource": "leases", "namespace": "default"},
            'node: can only access leases in the "kube-node-lease" system namespace',
        ),
    ],
)
def test_a_node_may_what_is_its_own(env: Environment, asked: Obj, reason: str) -> None:
    spec = {"user": "system:node:n", "groups": ["system:nodes"], "resourceAttributes": asked}
    assert review(env.client, spec) == {"allowed": False, "reason": reason}


def test_one_may_ask_what_one_may(env: Environment, bound: str, alice: Client) -> None:
    status = review(alice, {"namespace": env.namespace}, "SelfSubjectRulesReview")
    assert status["resourceRules"][-4:][0] == {"verbs": ["get"], "apiGroups": [""], "resources": ["pods", "pods/log"]}
    assert {"verbs": ["create"], "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"]} in status[
        "resourceRules"
    ]
    assert status["incomplete"] is False


# --- tokens --------------------------------------------------------------------------


def test_a_token_proves_to_be_the_account(env: Environment, by: As) -> None:
    token = asked_for(env)["status"]["token"]
    said = claims(token)
    account = env.get("serviceaccounts", "default")["metadata"]
    assert (said["iss"], said["aud"], said["exp"] - said["iat"]) == (AUDIENCE, [AUDIENCE], 3600)
    assert said["kubernetes.io"] == {
        "namespace": env.namespace,
        "serviceaccount": {"name": "default", "uid": account["uid"]},
    }
    assert who_is(by(token=token)) == {
        "username": f"system:serviceaccount:{env.namespace}:default",
        "uid": account["uid"],
        "groups": ["system:serviceaccounts", f"system:serviceaccounts:{env.namespace}", "system:authenticated"],
        "extra": {"authentication.kubernetes.io/credential-id": [f"JTI={said['jti']}"]},
    }


def test_a_token_is_for_its_audiences_only(env: Environment, by: As) -> None:
    token = asked_for(env, audiences=["foo"])["status"]["token"]
    assert refusal(by(token=token), "GET", "/api") == (401, "Unauthorized")

    def read(**spec: Any) -> Obj:
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": spec}
        answer = env.cluster.api.send(Request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", body=body))
        status: Obj = answer.body["status"]  # type: ignore[index,call-overload,assignment]
        return status

    assert read(token=token, audiences=["foo", "bar"])["audiences"] == ["foo"]
    words = f'[invalid bearer token, token audiences ["foo"] is invalid for the target audiences ["{AUDIENCE}"]]'
    assert read(token=token) == {"user": {}, "error": words}
    assert read(token="nonsense") == {"user": {}, "error": "invalid bearer token"}


@pytest.mark.parametrize(
    ("account", "spec", "code", "message"),
    [
        (
            "default",
            {"expirationSeconds": 300},
            422,
            (
                'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 300: '
                "may not specify a duration less than 10 minutes"
            ),
        ),
        ("nobody", {}, 404, 'serviceaccounts "nobody" not found'),
        (
            "default",
            {"boundObjectRef": {"apiVersion": "v1", "kind": "Secret", "name": "no-such"}},
            404,
            'secrets "no-such" not found',
        ),
    ],
)
def test_what_is_wrong_with_a_wish_for_a_token_is_said(
    env: Environment, account: str, spec: Obj, code: int, message: str
) -> None:
    with pytest.raises(StatusError) as refused:
        asked_for(env, account, **spec)
    assert (refused.value.code, refused.value.what) == (code, message)


def test_a_container_finds_its_token_and_what_to_trust(env: Environment, by: As) -> None:
    env.apply(
        "{apiVersion: v1, kind: Pod, metadata: {name: one}, spec: {terminationGracePeriodSeconds: 0, containers: "
        "[{name: main, image: 'busybox:1.35', command: [sleep, '3600']}]}}"
    )
    pod = env.wait("pods", "one", lambda pod: pod["status"].get("phase") == "Running")

    def file(name: str) -> str:
        target = f"/api/v1/namespaces/{env.namespace}/pods/one/exec"
        query = (("command", "cat"), ("command", f"{MOUNT}/{name}"), ("stdout", "true"))
        return env.cluster.api.run(Request("GET", target, query)).stdout

    assert file("namespace") == env.namespace
    certificate = env.get("configmaps", "kube-root-ca.crt")["data"]["ca.crt"]
    assert file("ca.crt") == certificate
    assert certificate.startswith("-----BEGIN CERTIFICATE-----\n")
    token = file("token")
    private = claims(token)["kubernetes.io"]
    assert private["pod"] == {"name": "one", "uid": pod["metadata"]["uid"]}
    assert private["warnafter"] - claims(token)["iat"] == 3607
    extra = who_is(by(token=token))["extra"]
    assert extra["authentication.kubernetes.io/pod-name"] == ["one"]
    assert extra["authentication.kubernetes.io/node-name"] == [pod["spec"]["nodeName"]]


def test_a_secret_for_a_token_is_filled_and_goes_with_its_account(env: Environment, by: As) -> None:
    env.apply("{apiVersion: v1, kind: ServiceAccount, metadata: {name: old}}")
    env.apply(
        "{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {name: old, "
        "annotations: {kubernetes.io/service-account.name: old}}}"
    )
    secret = env.wait("secrets", "old", lambda secret: "token" in secret.get("data", {}))
    token = base64.b64decode(secret["data"]["token"]).decode()
    assert sorted(secret["data"]) == ["ca.crt", "namespace", "token"]
    assert claims(token)["kubernetes.io/serviceaccount/secret.name"] == "old"
    assert who_is(by(token=token))["username"] == f"system:serviceaccount:{env.namespace}:old"
    env.delete("serviceaccounts", "old")
    env.wait_gone("secrets", "old")


def dry_run(env: Environment, spec: Obj) -> Any:
    """A pod as admission makes it, or the refusal."""
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "busybox:1.35"}], **spec}}
    target = f"/api/v1/namespaces/{env.namespace}/pods"
    answer = env.cluster.api.send(Request("POST", target, (("dryRun", "All"),), pod))
    assert isinstance(answer.body, dict)
    return answer.body["spec"] if answer.code == 201 else (answer.code, answer.body["message"])


def test_a_pod_has_what_its_account_has(env: Environment) -> None:
    env.apply(
        "{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}, automountServiceAccountToken: false, "
        "imagePullSecrets: [{name: registry}]}"
    )
    soon(lambda: "imagePullSecrets" in dry_run(env, {"serviceAccountName": "web"}), wanted=True)
    spec = dry_run(env, {"serviceAccountName": "web"})
    assert (spec["serviceAccount"], spec["imagePullSecrets"]) == ("web", [{"name": "registry"}])
    assert "volumes" not in spec
    assert dry_run(env, {"serviceAccountName": "web", "imagePullSecrets": [{"name": "own"}]})["imagePullSecrets"] == [
        {"name": "own"}
    ]
    wished = dry_run(env, {"serviceAccountName": "web", "automountServiceAccountToken": True})
    [mount] = wished["containers"][0]["volumeMounts"]
    assert (mount["mountPath"], mount["readOnly"]) == (MOUNT, True)
    sources = wished["volumes"][0]["projected"]["sources"]
    assert [next(iter(source)) for source in sources] == ["serviceAccountToken", "configMap", "downwardAPI"]


def test_a_pod_without_its_account_is_refused(env: Environment) -> None:
    words = f'pods "p" is forbidden: error looking up service account {env.namespace}/no: serviceaccount "no" not found'
    assert dry_run(env, {"serviceAccountName": "no"}) == (403, words)


# --- others --------------------------------------------------------------------------


def test_acting_as_somebody_is_itself_a_permission(env: Environment, by: As) -> None:
    account = f"system:serviceaccount:{env.namespace}:default"
    inner = by(token=asked_for(env)["status"]["token"])
    assert who_is(by({"Impersonate-User": account}))["groups"] == who_is(inner)["groups"]
    asking = by({"Impersonate-User": "bob"}, token=asked_for(env)["status"]["token"])
    words = (
        f'namespaces is forbidden: User "{account}" cannot impersonate-on:user-info:list resource "namespaces" '
        'in API group "" at the cluster scope'
    )
    assert refusal(asking, "GET", "/api/v1/namespaces") == (403, words)


def test_groups_cannot_be_acted_as_alone(by: As) -> None:
    words = (
        'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"g"}, Extra:map[string][]string(nil)} '
        "without impersonating a user name"
    )
    assert refusal(by({"Impersonate-Group": "g"}), "GET", "/api/v1/namespaces") == (400, words)


def test_a_signed_request_becomes_a_user(env: Environment, by: As) -> None:
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "devs"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "jane"),
        ]
    )
    asked = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    body = {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"name": f"jane-{env.namespace}"},
        "spec": {
            "signerName": "kubernetes.io/kube-apiserver-client",
            "request": base64.b64encode(asked.public_bytes(serialization.Encoding.PEM)).decode(),
            "usages": ["client auth"],
        },
    }
    request = env.client.create(body)
    try:
        assert request["spec"]["username"] == who_is(env.client)["username"]
        yes = {"type": "Approved", "status": "True", "reason": "Tests", "message": "why not"}
        approved = {**request, "status": {"conditions": [yes]}}
        target = f"/apis/certificates.k8s.io/v1/certificatesigningrequests/{request['metadata']['name']}/approval"
        assert env.cluster.api.send(Request("PUT", target, body=approved)).code == 200
        signed = env.wait("csr", request["metadata"]["name"], lambda csr: "certificate" in csr["status"])
    finally:
        env.client.delete("csr", request["metadata"]["name"])
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    user = who_is(by(certificate=base64.b64decode(signed["status"]["certificate"]) + pem))
    assert (user["username"], user["groups"]) == ("jane", ["devs", "system:authenticated"])


# --- facts --------------------------------------------------------------------------


def test_the_roles_are_those_of_the_facts(env: Environment) -> None:
    def read(path: str, accept: str) -> Any:
        return env.cluster.api.send(Request("GET", path, accept=accept)).body

    served = generate_rbac.rbac(read)
    text = resources.files("k8s_tutor.embedded.apiserver.facts").joinpath("rbac.json").read_text(encoding="utf-8")
    facts = json.loads(text)
    found = {resource: {key: served[resource].get(key) for key in rows} for resource, rows in facts.items()}
    assert found == facts, "run facts/generate_rbac.py against this server, or change the release this package tracks"
