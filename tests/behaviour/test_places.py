"""Where requests lead, in which form they are answered, and in which order the unknown is named: on both clusters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from k8s_tutor.api.protocol import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_tutor.api.protocol import Method, Response
    from tests.behaviour.conftest import Environment

GROUP = "places.tutor.example"
DEFINITION = f"""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: boats.{GROUP}}}
spec:
  group: {GROUP}
  scope: Namespaced
  names: {{kind: Boat, singular: boat, plural: boats}}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {{type: object, properties: {{seats: {{type: integer, description: How many.}}}}}}
  - name: v2
    served: true
    storage: false
    subresources: {{status: {{}}, scale: {{specReplicasPath: .spec.seats, statusReplicasPath: .status.seats}}}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {{type: object, properties: {{seats: {{type: integer}}}}}}
          status: {{type: object, properties: {{seats: {{type: integer}}}}}}
"""
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def ask(env: Environment, method: Method, target: str, body: Any = None, **more: Any) -> Response:
    path, _, query = target.replace("NAMESPACE", env.namespace).partition("?")
    pairs = tuple((part.partition("=")[0], part.partition("=")[2]) for part in query.split("&") if part)
    return env.cluster.api.send(Request(method, path, pairs, body, **more))


def said(response: Response) -> tuple[int, str]:
    """The code, and the message of a Status or the text."""
    body = response.body.decode() if isinstance(response.body, bytes) else response.body
    if isinstance(body, str) and body.startswith("{"):
        body = json.loads(body)
    return response.code, body["message"] if isinstance(body, dict) else str(body).strip()


@pytest.fixture
def boats(env: Environment) -> Iterator[str]:
    """The path of a kind of one's own; one of them is there."""
    with env.defined(DEFINITION):
        boat = {"apiVersion": f"{GROUP}/v1", "kind": "Boat", "metadata": {"name": "b"}, "spec": {"seats": 2}}
        env.client.create(boat, env.namespace)
        yield f"/apis/{GROUP}/v1/namespaces/{env.namespace}/boats"


@pytest.mark.parametrize("subresource", ["status", "scale", "crew"])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
def test_of_a_subresource_that_a_custom_kind_has_not_its_object_is_not_found(
    env: Environment, boats: str, subresource: str, method: Method
) -> None:
    media = "application/merge-patch+json" if method == "PATCH" else "application/json"
    found = said(ask(env, method, f"{boats}/b/{subresource}", {}, content_type=media))
    assert found == (404, f'boats.{GROUP} "b" not found')


def test_a_custom_kind_names_the_verb_that_it_has_not(env: Environment, boats: str) -> None:
    place = f"{boats.replace('/v1/', '/v2/')}/b/status"
    assert said(ask(env, "DELETE", place)) == (405, f'delete is not supported on resources of kind "boats.{GROUP}"')


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", "/api/v1/namespaces/NAMESPACE/configmaps/c/status", (404, "could not find the requested resource")),
        ("GET", "/api/v1/namespaces/NAMESPACE/pods/p/scale", (404, "could not find the requested resource")),
        ("POST", "/api/v1/configmaps", (405, "does not allow this method on the requested resource")),
        ("DELETE", "/apis/apps/v1/deployments", (405, "does not allow this method on the requested resource")),
    ],
)
def test_kinds_of_kubernetes_itself_have_one_word_for_all_that_is_not_there(
    env: Environment, method: Method, target: str, expected: tuple[int, str]
) -> None:
    code, words = said(ask(env, method, target, {} if method == "POST" else None))
    assert (code, words) == (expected[0], f"the server {expected[1]}")


@pytest.mark.parametrize(("method", "rest"), [("POST", "boats"), ("DELETE", "boats"), ("GET", "boats/b")])
def test_custom_objects_are_not_made_or_taken_in_all_namespaces_at_once(
    env: Environment, boats: str, method: Method, rest: str
) -> None:
    code, words = said(ask(env, method, f"/apis/{GROUP}/v1/{rest}", {} if method == "POST" else None))
    assert (code, words) == (404, "404 page not found")


def test_a_question_is_no_row_of_a_table(env: Environment) -> None:
    place = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    body = {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}
    code, words = said(ask(env, "POST", place, body, accept=TABLE))
    media = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
    assert (code, words) == (406, f"only the following media types are accepted: {media}")
    response = ask(env, "POST", place, body, accept=f"{TABLE},application/json")
    assert (response.code, response.body["kind"]) == (201, "SelfSubjectAccessReview")  # type: ignore[call-overload,index]


def test_what_is_created_has_no_version_yet(env: Environment) -> None:
    body = {"metadata": {"name": "c", "resourceVersion": "1"}}
    found = said(ask(env, "POST", "/api/v1/namespaces/NAMESPACE/configmaps", body))
    assert found == (500, "resourceVersion should not be set on objects to be created")


UNKNOWN = '{"zz":1,"metadata":{"name":"c","zz":1,"aa":1},"aa":1}'


def unknown(*fields: str) -> str:
    return ", ".join(f'unknown field "{field}"' for field in fields)


@pytest.mark.parametrize(
    ("media", "body", "fields"),
    [
        ("merge-patch", UNKNOWN, ("aa", "metadata.aa", "metadata.zz", "zz")),
        ("strategic-merge-patch", UNKNOWN, ("aa", "metadata.aa", "metadata.zz", "zz")),
        (
            "json-patch",
            '[{"op":"add","path":"/zz","value":1},{"op":"add","path":"/aa","value":1}]',
            ("aa", "zz"),
        ),
    ],
)
def test_a_patch_names_what_is_unknown_by_the_alphabet(
    env: Environment, media: str, body: str, fields: tuple[str, ...]
) -> None:
    env.client.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}, env.namespace)
    target = "/api/v1/namespaces/NAMESPACE/configmaps/c?fieldValidation=Strict"
    code, words = said(ask(env, "PATCH", target, body.encode(), content_type=f"application/{media}+json"))
    assert (code, words.partition("strict decoding error: ")[2]) == (422, unknown(*fields))


def test_a_body_names_what_is_unknown_as_it_comes_and_that_of_a_custom_kind_by_the_alphabet(
    env: Environment, boats: str
) -> None:
    target = "/api/v1/namespaces/NAMESPACE/configmaps?fieldValidation=Strict"
    _, words = said(ask(env, "POST", target, UNKNOWN.encode()))
    assert words.partition("strict decoding error: ")[2] == unknown("zz", "metadata.zz", "metadata.aa", "aa")
    body = f'{{"apiVersion":"{GROUP}/v1","kind":"Boat","zz":1,"metadata":{{"name":"c"}},"spec":{{"b":1,"a":1}},"aa":1}}'
    _, words = said(ask(env, "POST", f"{boats}?fieldValidation=Strict", body.encode()))
    assert words.partition("strict decoding error: ")[2] == unknown("aa", "spec.a", "spec.b", "zz")


def test_openapi_tells_of_a_custom_kind_what_can_be_done_and_where(env: Environment, boats: str) -> None:
    document = ask(env, "GET", f"/openapi/v3/apis/{GROUP}/v2").body
    document = json.loads(document) if isinstance(document, bytes | str) else document
    places = {path.partition("/v2/")[2]: row for path, row in document["paths"].items()}  # type: ignore[index,call-overload,union-attr]
    own = "namespaces/{namespace}/boats/{name}"
    assert {"boats", "namespaces/{namespace}/boats", own, f"{own}/status", f"{own}/scale"} <= set(places)
    assert places[f"{own}/status"]["get"]["operationId"] == "readPlacesTutorExampleV2NamespacedBoatStatus"
    assert places["boats"]["get"]["operationId"] == "listPlacesTutorExampleV2BoatForAllNamespaces"
    assert places[own]["get"]["tags"] == ["placesTutorExample_v2"]
