"""Being somebody else on a cluster: clients with credentials of their own, and what they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from k8s_tutor import kubeconfig
from k8s_tutor.api.client import Client
from k8s_tutor.api.protocol import Request, StatusError
from k8s_tutor.clock import RealClock
from k8s_tutor.cluster.http_api import HttpAPI
from k8s_tutor.cluster.login import Login, read_login

if TYPE_CHECKING:
    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

REVIEWS = "/apis/authorization.k8s.io/v1"

As = Callable[..., Client]


@pytest.fixture
def by(env: Environment) -> Iterator[As]:
    """Clients with credentials of their own: a bearer token, a certificate, or headers beside the administrator's."""
    [entry] = kubeconfig.contexts([env.cluster.kubeconfig]).values()
    admin = read_login(entry, env.cluster.kubeconfig)
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
