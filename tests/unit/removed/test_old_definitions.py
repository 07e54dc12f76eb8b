"""CustomResourceDefinitions in v1beta1: what is said there is served, and reads in v1 as if it had been said there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.embedded_apiserver.conftest import TABLE, Api
from tests.unit.removed.conftest import CAKES, NEW, NEWS, OLD, OLDS, cake, definition, versions

NAME = "cakes.old.example.com"
WARNING = (
    "apiextensions.k8s.io/v1beta1 CustomResourceDefinition is deprecated in v1.16+, unavailable in v1.22+; "
    "use apiextensions.k8s.io/v1 CustomResourceDefinition"
)
COLUMN = {"name": "Layers", "type": "integer"}
SCHEMA = {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object"}}}}
HOOK = {"url": "https://127.0.0.1:1/convert"}


def both(api: Api) -> tuple[Any, Any]:
    return api.ok("GET", f"{OLDS}/{NAME}")["spec"], api.ok("GET", f"{NEWS}/{NAME}")["spec"]


def test_whoever_uses_it_is_warned(api: Api) -> None:
    assert api.ask("POST", OLDS, definition()).warnings == (WARNING,)
    assert api.ask("GET", OLDS).warnings == (WARNING,)
    assert api.ask("GET", NEWS).warnings == ()


def test_one_version_is_enough_and_the_rest_is_filled_in(api: Api) -> None:
    made = api.ok("POST", OLDS, definition())
    spec = made["spec"]
    assert (made["apiVersion"], spec["scope"], spec["preserveUnknownFields"]) == (OLD, "Namespaced", True)
    assert (spec["version"], spec["versions"]) == ("v1", [{"name": "v1", "served": True, "storage": True}])
    assert (spec["names"]["listKind"], spec["conversion"]) == ("CakeList", {"strategy": "None"})
    assert made["status"]["storedVersions"] == ["v1"]


def test_the_first_of_several_versions_is_the_version(api: Api) -> None:
    assert api.ok("POST", OLDS, definition(versions=versions()))["spec"]["version"] == "v1"


def test_what_is_said_on_top_holds_for_every_version_in_v1_and_stays_on_top_in_v1beta1(api: Api) -> None:
    top = {
        "validation": SCHEMA,
        "subresources": {"status": {}},
        "additionalPrinterColumns": [{**COLUMN, "JSONPath": ".spec.layers"}],
    }
    api.ok("POST", OLDS, definition(versions=versions(), **top))
    old, new = both(api)
    assert {key: old[key] for key in top} == top
    assert [sorted(row) for row in old["versions"]] == [["name", "served", "storage"]] * 2
    for row in new["versions"]:
        assert (row["schema"], row["subresources"]) == (SCHEMA, {"status": {}})
        assert row["additionalPrinterColumns"] == [{**COLUMN, "jsonPath": ".spec.layers"}]
    assert not new.keys() & {*top, "version"}


def test_what_differs_between_versions_stays_with_them(api: Api) -> None:
    columns = {"additionalPrinterColumns": [{**COLUMN, "JSONPath": ".spec.layers"}]}
    api.ok("POST", OLDS, definition(versions=versions(**columns)))
    old, new = both(api)
    assert "additionalPrinterColumns" not in old
    assert old["versions"][1]["additionalPrinterColumns"][0]["JSONPath"] == ".spec.layers"
    assert new["versions"][1]["additionalPrinterColumns"][0]["jsonPath"] == ".spec.layers"


def test_a_conversion_webhook_is_told_flat_in_v1beta1(api: Api) -> None:
    service = {"name": "hook", "namespace": "default"}
    conversion = {"strategy": "Webhook", "webhookClientConfig": {"service": service}}
    api.ok(
        "POST",
        OLDS,
        definition(versions=versions(), validation=SCHEMA, conversion=conversion, preserveUnknownFields=False),
    )
    old, new = both(api)
    config = {"service": {**service, "port": 443}}
    assert old["conversion"] == {
        "strategy": "Webhook",
        "webhookClientConfig": config,
        "conversionReviewVersions": ["v1beta1"],
    }
    assert new["conversion"]["webhook"] == {"clientConfig": config, "conversionReviewVersions": ["v1beta1"]}


def test_a_definition_made_in_v1_reads_in_v1beta1(api: Api) -> None:
    body = definition(scope="Cluster", versions=[{**row, "schema": SCHEMA} for row in versions()])
    api.ok("POST", NEWS, body | {"apiVersion": NEW})
    old, _ = both(api)
    assert (old["version"], old["validation"], old["preserveUnknownFields"]) == ("v1", SCHEMA, False)


def test_objects_without_a_schema_keep_all_their_fields(api: Api) -> None:
    api.ok("POST", OLDS, definition())
    made = api.ok("POST", CAKES, cake(spec={"layers": [{"of": "plums"}]}, more={"x": 1}))
    assert (made["spec"], made["more"]) == ({"layers": [{"of": "plums"}]}, {"x": 1})


def test_a_schema_judges_fields_and_drops_none_at_any_depth(api: Api) -> None:
    layer = {"properties": {"of": {"type": "string"}}}
    shape = {"openAPIV3Schema": {"properties": {"spec": {"properties": {"layers": {"items": layer}}}}}}
    api.ok("POST", OLDS, definition(validation=shape))
    spec = {"layers": [{"of": "plums", "grams": 3}], "oven": True}
    assert api.ok("POST", CAKES, cake(spec=spec))["spec"] == spec
    code, words = api.fails(
        "PATCH", f"{CAKES}/plum", {"spec": {"layers": [{"of": 3}]}}, content_type="application/merge-patch+json"
    )
    assert (code, "spec.layers[0].of in body must be of type string" in words) == (422, True)


def test_fields_are_dropped_where_it_says_so(api: Api) -> None:
    api.ok("POST", OLDS, definition(validation=SCHEMA, preserveUnknownFields=False))
    assert api.ok("POST", CAKES, cake(spec={"layers": 2}))["spec"] == {}


def test_its_columns_show(api: Api) -> None:
    api.ok("POST", OLDS, definition(additionalPrinterColumns=[{**COLUMN, "JSONPath": ".spec.layers"}]))
    api.ok("POST", CAKES, cake(spec={"layers": 2}))
    assert api.ok("GET", CAKES, accept=TABLE)["rows"][0]["cells"] == ["plum", 2]
    assert api.ok("GET", OLDS, accept=TABLE)["rows"][0]["cells"][:3] == [NAME, "Namespaced", "v1(storage)"]


@pytest.mark.parametrize(
    ("spec", "field", "words"),
    [
        ({"version": ""}, "spec.versions", "must have exactly one version marked as storage version"),
        ({"version": "v2", "versions": versions()}, "spec.version", "must match the first version in spec.versions"),
        (
            {"subresources": {"status": {}}, "versions": versions(subresources={"status": {}})},
            "spec.subresources",
            "top-level and per-version subresources are mutually exclusive",
        ),
        (
            {"versions": [{**row, "schema": SCHEMA} for row in versions()]},
            "spec.versions",
            "per-version schemas may not all be set to identical values (top-level validation should be used instead)",
        ),
        (
            {"validation": {"openAPIV3Schema": {"properties": {"spec": {"default": {}}}}}},
            "spec.validation.openAPIV3Schema.properties[spec].default",
            "must not be set",
        ),
        (
            {"preserveUnknownFields": False},
            "spec.versions[0].schema.openAPIV3Schema",
            "because otherwise all fields are pruned",
        ),
        (
            {"preserveUnknownFields": False, "validation": {"openAPIV3Schema": {"properties": {"spec": {}}}}},
            "spec.validation.openAPIV3Schema.type",
            "must not be empty at the root",
        ),
        (
            {"conversion": {"strategy": "Webhook", "webhookClientConfig": HOOK}},
            "spec.conversion.strategy",
            "must be None if spec.preserveUnknownFields is true",
        ),
        (
            {"additionalPrinterColumns": [COLUMN]},
            "spec.additionalPrinterColumns[0].JSONPath",
            "Required value",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(api: Api, spec: Any, field: str, words: str) -> None:
    answer = api.ask("POST", OLDS, definition(**spec))
    assert answer.code == 422
    rows = answer.body["details"]["causes"]
    assert any(row["field"] == field and words in row["message"] for row in rows), rows


def test_unknown_fields_are_complained_of(api: Api) -> None:
    body = definition(additionalPrinterColumns=[{**COLUMN, "jsonPath": ".spec.layers", "JSONPath": ".spec.layers"}])
    code, words = api.fails("POST", f"{OLDS}?fieldValidation=Strict", body)
    assert (code, 'unknown field "spec.additionalPrinterColumns[0].jsonPath"' in words) == (400, True)


def test_it_says_what_v1_would_not_have_taken_until_that_is_mended(api: Api) -> None:
    def condition() -> Any:
        api.run(1)
        rows = api.ok("GET", f"{NEWS}/{NAME}")["status"]["conditions"]
        return next((row for row in rows if row["type"] == "NonStructuralSchema"), None)

    api.ok("POST", OLDS, definition(validation={"openAPIV3Schema": {"properties": {"spec": {}}}}))
    found = condition()
    assert (found["status"], found["reason"]) == ("True", "Violations")
    place = "spec.versions[0].schema.openAPIV3Schema"
    assert found["message"] == (
        "[spec.preserveUnknownFields: Invalid value: true: must be false, "
        f"{place}.type: Required value: must not be empty at the root, "
        f"{place}.properties[spec].type: Required value: must not be empty for specified object fields]"
    )
    api.patch(f"{OLDS}/{NAME}", {"spec": {"preserveUnknownFields": False, "validation": SCHEMA}})
    assert condition() is None


def test_v1_may_change_it_but_ask_for_nothing_that_is_not_there_already(api: Api) -> None:
    api.ok("POST", OLDS, definition())
    assert api.patch(f"{NEWS}/{NAME}", {"metadata": {"labels": {"a": "b"}}})["apiVersion"] == NEW
    api.patch(
        f"{NEWS}/{NAME}", {"spec": {"preserveUnknownFields": False, "versions": [{**versions()[0], "schema": SCHEMA}]}}
    )
    answer = api.ask(
        "PATCH",
        f"{NEWS}/{NAME}",
        {"spec": {"preserveUnknownFields": True}},
        content_type="application/merge-patch+json",
    )
    assert answer.body["details"]["causes"][0]["field"] == "spec.preserveUnknownFields"


def test_patches_updates_and_applies_speak_its_language(api: Api) -> None:
    api.ok("POST", OLDS, definition())
    path = f"{OLDS}/{NAME}"
    assert api.patch(path, {"spec": {"subresources": {"status": {}}}})["spec"]["subresources"] == {"status": {}}
    named = [{"op": "add", "path": "/spec/names/shortNames", "value": ["ck"]}]
    assert api.patch(path, named, "application/json-patch+json")["spec"]["names"]["shortNames"] == ["ck"]
    assert (
        api.patch(path, {"spec": {"validation": SCHEMA}}, "application/strategic-merge-patch+json")["apiVersion"] == OLD
    )
    current = api.ok("GET", path)
    api.ok("PUT", path, {**current, "spec": {**current["spec"], "subresources": None}})
    applied = api.patch(
        f"{path}?fieldManager=me&force=true", definition(scope="Namespaced"), "application/apply-patch+yaml"
    )
    _, new = both(api)
    assert (new["versions"][0]["schema"], "subresources" in new["versions"][0]) == (SCHEMA, False)
    assert applied["metadata"]["generation"] == 5
    assert {row["apiVersion"] for row in applied["metadata"]["managedFields"]} == {OLD}


def test_apply_can_make_one(api: Api) -> None:
    made = api.patch(f"{OLDS}/{NAME}?fieldManager=me", definition(), "application/apply-patch+yaml")
    assert (made["apiVersion"], made["spec"]["versions"][0]["name"]) == (OLD, "v1")


def test_the_status_is_a_place_of_its_own(api: Api) -> None:
    made = api.ok("POST", OLDS, definition())
    status = {**made["status"], "storedVersions": ["v1", "v0"]}
    put = api.ok(
        "PUT", f"{OLDS}/{NAME}/status", {**made, "spec": {**made["spec"], "scope": "Cluster"}, "status": status}
    )
    assert (put["spec"]["scope"], put["status"]["storedVersions"]) == ("Namespaced", ["v1", "v0"])
    assert api.ok("GET", f"{OLDS}/{NAME}/status")["apiVersion"] == OLD


def test_nothing_happens_where_nothing_is_changed(api: Api) -> None:
    api.ok("POST", OLDS, definition())
    api.run(1)
    before = api.ok("GET", f"{OLDS}/{NAME}")
    after = api.ok("PUT", f"{OLDS}/{NAME}", before)
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


def test_watches_see_each_their_own_version_to_the_end(api: Api) -> None:
    old, new = api.watch(OLDS), api.watch(NEWS)
    api.ok("POST", OLDS, definition())
    api.ok("POST", CAKES, cake())
    deleted = api.ok("DELETE", f"{OLDS}/{NAME}")
    api.run(5)
    assert deleted["apiVersion"] == OLD
    for watcher, version in ((old, OLD), (new, NEW)):
        assert [event["type"] for event in watcher.events][:: len(watcher.events) - 1] == ["ADDED", "DELETED"]
        assert {event["object"]["apiVersion"] for event in watcher.events} == {version}
    assert api.ask("GET", CAKES).code == 404


def test_a_dry_run_makes_nothing(api: Api) -> None:
    assert api.ok("POST", f"{OLDS}?dryRun=All", definition())["apiVersion"] == OLD
    assert api.ask("GET", f"{NEWS}/{NAME}").code == 404


def test_a_body_of_v1_does_not_go_through_its_door(api: Api) -> None:
    code, words = api.fails("POST", OLDS, definition() | {"apiVersion": NEW})
    assert (code, words) == (
        400,
        f"the API version in the data ({NEW}) does not match the expected API version ({OLD})",
    )
