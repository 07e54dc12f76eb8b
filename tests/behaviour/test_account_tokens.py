"""Tokens of ServiceAccounts on both clusters: what they prove, for whom, and what pods and Secrets get of them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from k8s_tutor.api.protocol import Request, StatusError
from tests.behaviour.identities import As, asked_for, refusal, soon, who_is

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

AUDIENCE = "https://kubernetes.default.svc.cluster.local"
MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def claims(token: str) -> Obj:
    part = token.split(".")[1]
    found: Obj = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


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
