"""CustomResourceDefinitions: served at once, checked by their schema, gone with their instances."""

from __future__ import annotations

import pytest

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = "/apis/example.com/v1/namespaces/default/widgets"
SPEC = {
    "type": "object",
    "required": ["size"],
    "properties": {
        "size": {"type": "integer", "minimum": 1, "default": 3},
        "color": {"type": "string", "enum": ["red", "blue"], "default": "red"},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "word": {"type": "string", "pattern": "^[a-z]+$"},
    },
}


def definition(**version: object) -> dict:
    schema = {"type": "object", "properties": {"spec": SPEC, "status": {"type": "object", "properties": {}}}}
    schema["properties"]["status"]["properties"]["size"] = {"type": "integer"}
    return {
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wg"]},
            "versions": [
                {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}, **version}
            ],
        },
    }


def widget(name: str = "w", **spec: object) -> dict:
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}


@pytest.fixture
def widgets(api):
    paths = {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}
    column = {"name": "Size", "type": "integer", "jsonPath": ".spec.size"}
    subresources = {"status": {}, "scale": paths}
    api.ok("POST", DEFINITIONS, definition(subresources=subresources, additionalPrinterColumns=[column]))
    return api


def test_a_definition_is_established_and_its_kind_served_at_once(widgets) -> None:
    conditions = widgets.ok("GET", f"{DEFINITIONS}/widgets.example.com")["status"]["conditions"]
    assert {row["type"]: row["status"] for row in conditions} == {"NamesAccepted": "True", "Established": "True"}
    (kind, *_) = widgets.ok("GET", "/apis/example.com/v1")["resources"]
    assert (kind["name"], kind["singularName"], kind["shortNames"]) == ("widgets", "widget", ["wg"])
    assert widgets.server.kinds.find("wg") is not None


def test_defaults_are_filled_in_and_unknown_fields_pruned_with_a_warning(widgets) -> None:
    answer = widgets.ask("POST", WIDGETS, widget(unknown=1, free={"kept": 1}))
    assert answer.body["spec"] == {"free": {"kept": 1}, "size": 3, "color": "red"}
    assert answer.warnings == ('unknown field "spec.unknown"',)


@pytest.mark.parametrize(
    ("spec", "cause"),
    [
        ({"size": 0}, "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1"),
        ({"size": "x"}, 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"'),
        ({"color": "green"}, 'spec.color: Unsupported value: "green": supported values: "red", "blue"'),
        ({"word": "A"}, "spec.word: Invalid value: \"A\": spec.word in body should match '^[a-z]+$'"),
    ],
)
def test_what_does_not_fit_the_schema_is_refused_in_kubernetes_words(widgets, spec: dict, cause: str) -> None:
    code, message = widgets.fails("POST", WIDGETS, widget(**spec))
    assert code == 422
    assert cause in message


def test_status_has_a_door_of_its_own(widgets) -> None:
    widgets.ok("POST", WIDGETS, widget() | {"status": {"size": 9}})
    found = widgets.patch(f"{WIDGETS}/w/status", {"status": {"size": 2}, "spec": {"size": 8}})
    assert (found["spec"]["size"], found["status"]) == (3, {"size": 2})
    assert found["metadata"]["generation"] == 1


def test_scale_reads_and_writes_where_the_definition_says(widgets) -> None:
    widgets.ok("POST", WIDGETS, widget())
    scale = widgets.patch(f"{WIDGETS}/w/scale", {"spec": {"replicas": 5}})
    assert scale["spec"] == {"replicas": 5}
    found = widgets.ok("GET", f"{WIDGETS}/w")
    assert (found["spec"]["size"], found["metadata"]["generation"]) == (5, 2)


def test_its_table_has_the_columns_of_the_definition(widgets) -> None:
    widgets.ok("POST", WIDGETS, widget())
    table = widgets.ok("GET", WIDGETS, accept="application/json;as=Table;v=v1;g=meta.k8s.io")
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Size"]
    assert [row["cells"] for row in table["rows"]] == [["w", 3]]


def test_its_schema_stands_in_openapi(widgets) -> None:
    schemas = widgets.ok("GET", "/openapi/v3/apis/example.com/v1")["components"]["schemas"]
    assert schemas["com.example.v1.Widget"]["properties"]["spec"] == SPEC


def test_a_deleted_definition_takes_its_instances_along(widgets) -> None:
    widgets.ok("POST", WIDGETS, widget())
    watcher = widgets.watch(WIDGETS)
    widgets.ok("DELETE", f"{DEFINITIONS}/widgets.example.com")
    widgets.run(1)
    assert watcher.seen()[-1] == ("DELETED", "w")
    assert widgets.ask("GET", WIDGETS).code == 404
    assert widgets.fails("GET", f"{DEFINITIONS}/widgets.example.com")[0] == 404


def test_several_versions_show_the_same_objects(api) -> None:
    body = definition()
    beta = {**body["spec"]["versions"][0], "name": "v1beta1", "storage": False}
    body["spec"]["versions"].append(beta)
    api.ok("POST", DEFINITIONS, body)
    api.ok("POST", WIDGETS, widget())
    assert api.ok("GET", WIDGETS.replace("/v1/", "/v1beta1/"))["items"][0]["apiVersion"] == "example.com/v1beta1"
    group = api.ok("GET", "/apis/example.com")
    assert group["preferredVersion"]["version"] == "v1"
