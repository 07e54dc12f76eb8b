"""Discovery, OpenAPI, version, health, and what is not there."""

from __future__ import annotations

import pytest

from k8s_tutor.embedded.apiserver.documents.openapi import MEDIA
from k8s_tutor.embedded.apiserver.documents.openapi_schemas import prose_of
from k8s_tutor.embedded.apiserver.metrics import metric_kinds
from k8s_tutor.objects.schema import schema_facts

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"


def test_every_built_in_kind_is_discovered(api) -> None:
    groups = api.ok("GET", "/api", accept=AGGREGATED)["items"] + api.ok("GET", "/apis", accept=AGGREGATED)["items"]
    found = [
        (group["metadata"].get("name", ""), version["version"], resource["resource"])
        for group in groups
        for version in group["versions"]
        for resource in version["resources"]
    ]
    assert found == [(kind.group, kind.version, kind.plural) for kind in metric_kinds()]


def test_a_group_tells_its_versions(api) -> None:
    body = api.ok("GET", "/apis/autoscaling")
    assert [row["version"] for row in body["versions"]] == ["v2", "v1"]


def test_openapi_says_that_patches_validate_fields_and_know_dry_runs(api) -> None:
    places = api.ok("GET", "/openapi/v3")["paths"]
    document = api.ok("GET", places["apis/apps/v1"]["serverRelativeURL"])
    patch = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    names = {parameter["name"] for parameter in patch["parameters"]}
    assert {"fieldValidation", "dryRun"} <= names
    assert patch["x-kubernetes-group-version-kind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}


def test_every_reference_in_openapi_leads_somewhere(api) -> None:
    document = api.ok("GET", "/openapi/v3/api/v1")
    schemas = document["components"]["schemas"]

    def references(value: object):
        if isinstance(value, dict):
            yield from ([value["$ref"]] if "$ref" in value else [])
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    assert {reference.rpartition("/")[2] for reference in references(schemas)} <= set(schemas)


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/readyz/ping"])
def test_it_is_well(api, path: str) -> None:
    assert api.ok("GET", path) == "ok"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/v2", 404),
        ("GET", "/apis/apps/v1/nothing", 404),
        ("GET", "/api/v1/pods/p", 404),
        ("GET", "/api/v1/namespaces/default/pods/p/nothing", 404),
        ("POST", "/api/v1/pods", 405),
        ("PUT", "/api/v1/namespaces/default/pods", 405),
        ("OPTIONS", "/api/v1/pods", 405),
        ("DELETE", "/version", 405),
    ],
)
def test_what_is_not_there_is_said(api, method: str, path: str, code: int) -> None:
    assert api.ask(method, path).code == code


def test_version_3_has_words_for_people(api) -> None:
    schemas = api.ok("GET", "/openapi/v3/api/v1")["components"]["schemas"]
    words = prose_of("io.k8s.api.core.v1.PodSpec")
    spec = schemas["io.k8s.api.core.v1.PodSpec"]
    assert spec["description"] == words.text != ""
    assert spec["properties"]["nodeName"]["description"] == words.fields["nodeName"] != ""
    assert spec["properties"]["affinity"]["description"] == prose_of("io.k8s.api.core.v1.Affinity").text != ""


def test_nearly_every_type_has_words() -> None:
    types = [name for name, row in schema_facts()["types"].items() if isinstance(row, dict)]
    assert [name for name in types if not prose_of(name).text] == []


def test_version_2_in_protobuf_tells_which_patches_know_dry_runs(api) -> None:
    answer = api.ask("GET", "/openapi/v2", accept=MEDIA)
    assert answer.content_type == MEDIA
    assert answer.body.startswith(b"\n\x032.0")
    pods = answer.body.partition(b"/api/v1/namespaces/{namespace}/pods/{name}")[2].partition(b"/api/v1/")[0]
    assert b"\x12\x05query\x22\x06dryRun" in pods
    assert b'group: ""\nkind: Pod\nversion: v1\n' in pods
