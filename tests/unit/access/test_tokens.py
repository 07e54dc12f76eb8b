"""ServiceAccount tokens: signed, read, and what ends them."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from k8s_tutor.embedded.apiserver.access.tokens import BadSignature, TokenKey, claims_of
from k8s_tutor.embedded.core import ADMIN
from k8s_tutor.embedded.http.authority import SigningKey

GOLDEN = "7d820274d6623923bfb52111b6f479b465135e7f6e4bfbe49a5d16513f75534e"
TOKEN = "/api/v1/namespaces/default/serviceaccounts/web/token"


@pytest.fixture
def account(cluster):
    return cluster.make("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "web"}})


def wish(cluster, **spec):
    answer = cluster.ask(ADMIN, "POST", TOKEN, {"spec": spec})
    assert answer.code == 201, answer.body
    return answer.body


def token(cluster, **spec) -> str:
    return wish(cluster, **spec)["status"]["token"]


def later(cluster, seconds: float) -> None:
    cluster.loop.run_until(cluster.loop.now() + seconds)


def key(secret: bytes) -> TokenKey:
    return TokenKey(SigningKey(secret))


def test_the_same_secret_signs_the_same() -> None:
    claims = {"sub": "somebody"}
    assert key(b"a").sign(claims) == key(b"a").sign(claims)
    assert key(b"a").id != key(b"b").id


def test_a_seed_signs_as_it_always_has() -> None:
    token = key(b"0").sign({"iss": "a", "sub": "b"})
    assert hashlib.sha256(token.encode()).hexdigest() == GOLDEN


def test_a_changed_token_is_found_out() -> None:
    mine = key(b"a")
    head, body, signature = mine.sign({"sub": "bob"}).split(".")
    forged = base64.urlsafe_b64encode(json.dumps({"sub": "root"}).encode()).rstrip(b"=").decode()
    mine.check(f"{head}.{body}.{signature}")
    for wrong in (f"{head}.{forged}.{signature}", f"{head}.{body}.{signature[:-2]}", f"{head}.{body}.", "a.b.c"):
        with pytest.raises(BadSignature):
            mine.check(wrong)
    with pytest.raises(BadSignature):
        key(b"b").check(f"{head}.{body}.{signature}")


def test_no_algorithm_is_no_signature() -> None:
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    with pytest.raises(BadSignature):
        key(b"a").check(f"{none}.e30.")


@pytest.mark.parametrize("text", ["", "a.b", "a.!!.c", "a.bnVsbA.c"])
def test_what_is_no_token_claims_nothing(text) -> None:
    assert claims_of(text) is None


def test_a_token_ends_with_its_time(cluster, account) -> None:
    made = token(cluster, expirationSeconds=600)
    assert cluster.server.authenticate(made).name == "system:serviceaccount:default:web"
    later(cluster, 600 + 61)
    assert cluster.server.authenticate(made) is None


def test_a_token_ends_with_its_account_and_does_not_come_back(cluster, account) -> None:
    made = token(cluster)
    assert cluster.ask(ADMIN, "DELETE", TOKEN.removesuffix("/token")).code == 200
    assert cluster.server.authenticate(made) is None
    cluster.make("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "web"}})
    assert cluster.server.authenticate(made) is None


def test_a_bound_token_ends_with_what_it_is_bound_to(cluster, account) -> None:
    secret = cluster.make("/api/v1/namespaces/default/secrets", {"metadata": {"name": "s"}})
    bound = {"apiVersion": "v1", "kind": "Secret", "name": "s", "uid": secret["metadata"]["uid"]}
    made = token(cluster, boundObjectRef=bound)
    assert cluster.server.authenticate(made) is not None
    cluster.ask(ADMIN, "DELETE", "/api/v1/namespaces/default/secrets/s")
    assert cluster.server.authenticate(made) is None


def test_the_token_of_a_pod_lives_longer_and_says_from_when_it_is_old(cluster, account) -> None:
    spec = {"serviceAccountName": "web", "containers": [{"name": "c", "image": "x"}]}
    pod = cluster.make("/api/v1/namespaces/default/pods", {"metadata": {"name": "p"}, "spec": spec})
    bound = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": pod["metadata"]["uid"]}
    answered = wish(cluster, boundObjectRef=bound, expirationSeconds=3607)
    said = claims_of(answered["status"]["token"])
    assert said["exp"] - said["iat"] == 365 * 24 * 3600
    assert said["kubernetes.io"]["warnafter"] - said["iat"] == 3607
    assert answered["spec"]["expirationSeconds"] == 3607


def test_a_pod_of_another_account_is_refused(cluster, account) -> None:
    cluster.make("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
    spec = {"containers": [{"name": "c", "image": "x"}]}
    cluster.make("/api/v1/namespaces/default/pods", {"metadata": {"name": "p"}, "spec": spec})
    bound = {"apiVersion": "v1", "kind": "Pod", "name": "p"}
    answer = cluster.ask(ADMIN, "POST", TOKEN, {"spec": {"boundObjectRef": bound}})
    words = 'cannot bind token for serviceaccount "web" to pod running with different serviceaccount name.'
    assert (answer.code, answer.body["message"]) == (400, words)
