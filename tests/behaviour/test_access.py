"""Who may what, on both clusters: permissions, their refusals word for word, certificates, acting as others."""

from __future__ import annotations

import base64
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Request, StatusError
from scripts.facts.rbac import rbac
from tests.behaviour.identities import REVIEWS, As, allowed, asked_for, person, refusal, review, soon, who_is

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

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

    served = rbac(read)
    text = resources.files("k8s_tutor.embedded.apiserver.facts").joinpath("rbac.json").read_text(encoding="utf-8")
    facts = json.loads(text)
    found = {resource: {key: served[resource].get(key) for key in rows} for resource, rows in facts.items()}
    assert found == facts, "run scripts/facts/rbac.py against this server, or change the release this package tracks"
