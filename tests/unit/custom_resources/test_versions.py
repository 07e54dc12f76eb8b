"""Several versions of a definition, names that are taken, fields to select by; as seen on a real server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.custom_resources.conftest import DEFINITIONS, GROUP, THINGS, Api, definition, thing

PATH = f"{DEFINITIONS}/things.{GROUP}"
BETA = THINGS.replace("/v1/", "/v2/")


def spec(**properties: Any) -> Any:
    return {"type": "object", "properties": {"spec": {"type": "object", "properties": properties}}}


def version(name: str, schema: Any, **more: Any) -> Any:
    return {"name": name, "served": True, "storage": False, "schema": {"openAPIV3Schema": schema}, **more}


OLD = spec(a={"type": "integer"}, old={"type": "string", "default": "o"})
NEW = spec(a={"type": "integer", "maximum": 5}, new={"type": "string", "default": "n"})


@pytest.fixture
def two(api: Api) -> Api:
    api.define({}, versions=[version("v1", OLD, storage=True), version("v2", NEW, deprecated=True)])
    return api


def change(api: Api, edit: Any) -> Any:
    body = json.loads(json.dumps(api.ok("GET", PATH)))
    edit(body["spec"])
    answer = api.ask("PUT", PATH, body)
    api.settle()
    return answer


def test_each_version_shows_the_fields_that_its_schema_knows(two: Api) -> None:
    two.ok("POST", THINGS, thing(spec={"a": 9}))
    assert two.ok("GET", f"{THINGS}/x")["spec"] == {"a": 9, "old": "o"}
    seen = two.ask("GET", f"{BETA}/x")
    assert seen.body["spec"] == {"a": 9}
    assert seen.warnings == (f"{GROUP}/v2 Thing is deprecated",)
    assert [item["spec"] for item in two.ok("GET", BETA)["items"]] == [{"a": 9}]


def test_who_uses_a_deprecated_version_is_told_a_better_one(api: Api) -> None:
    api.define({}, versions=[version("v1", OLD, deprecated=True), version("v2", NEW, storage=True)])
    assert api.ask("GET", THINGS).warnings == (f"{GROUP}/v1 Thing is deprecated; use {GROUP}/v2 Thing",)


def test_the_most_mature_version_of_a_group_is_preferred_whichever_definition_has_it(api: Api) -> None:
    others = definition({"type": "object"}, names={"kind": "Other", "plural": "others"})
    api.ok("POST", DEFINITIONS, {**others, "metadata": {"name": f"others.{GROUP}"}})
    api.define({}, versions=[version("v1", OLD), version("v2", NEW, storage=True)])
    assert api.ok("GET", f"/apis/{GROUP}")["preferredVersion"]["version"] == "v2"


def test_what_only_the_stored_version_knows_is_stored(two: Api) -> None:
    made = two.ok("POST", BETA, {**thing(spec={"a": 3}), "apiVersion": f"{GROUP}/v2"})
    assert (made["apiVersion"], made["spec"]) == (f"{GROUP}/v2", {"a": 3})
    assert two.ok("GET", f"{THINGS}/x")["spec"] == {"a": 3, "old": "o"}


def test_a_version_judges_what_is_written_in_it(two: Api) -> None:
    answer = two.ask("POST", BETA, {**thing(spec={"a": 9}), "apiVersion": f"{GROUP}/v2"})
    assert answer.code == 422


def test_a_patch_in_another_version_is_stored_in_the_first(two: Api) -> None:
    two.ok("POST", THINGS, thing(spec={"a": 1}))
    patched = two.ok("PATCH", f"{BETA}/x", {"spec": {"a": 2}}, kind="application/merge-patch+json")
    assert patched["spec"] == {"a": 2}
    assert two.ok("GET", f"{THINGS}/x")["spec"] == {"a": 2, "old": "o"}


def test_later_defaults_are_read_into_older_objects_and_unknown_fields_are_gone(api: Api) -> None:
    api.define(OLD)
    api.ok("POST", THINGS, thing(spec={"a": 9}))
    revision = api.ok("GET", f"{THINGS}/x")["metadata"]["resourceVersion"]
    api.redefine(spec(old={"type": "string"}, fresh={"type": "string", "default": "f"}))
    seen = api.ok("GET", f"{THINGS}/x")
    assert seen["spec"] == {"old": "o", "fresh": "f"}
    assert seen["metadata"]["resourceVersion"] == revision
    assert api.ok("GET", THINGS)["items"] == [seen]


def test_a_version_that_objects_may_be_stored_in_cannot_go(two: Api) -> None:
    def switch(body: Any) -> None:
        body["versions"][0]["storage"], body["versions"][1]["storage"] = False, True

    assert change(two, switch).body["status"]["storedVersions"] == ["v1", "v2"]
    refused = change(two, lambda body: body.update(versions=body["versions"][1:]))
    assert refused.body["message"] == (
        f'CustomResourceDefinition.apiextensions.k8s.io "things.{GROUP}" is invalid: status.storedVersions[0]: '
        'Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in '
        "spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from "
        "status.storedVersions"
    )
    two.ok("PATCH", f"{PATH}/status", {"status": {"storedVersions": ["v2"]}}, kind="application/merge-patch+json")
    assert change(two, lambda body: body.update(versions=body["versions"][1:])).code == 200


def test_a_version_that_is_not_served_is_not_there(two: Api) -> None:
    change(two, lambda body: body["versions"][1].update(served=False))
    assert two.ask("GET", BETA).code == 404


def test_names_that_are_taken_are_given_when_they_are_free_again(api: Api) -> None:
    api.define({"type": "object"}, names={"kind": "Thing", "plural": "things", "shortNames": ["tg"]})
    body = definition({"type": "object"}, names={"kind": "Thing", "plural": "stuffs", "singular": "thing"})
    body["metadata"]["name"] = f"stuffs.{GROUP}"
    api.ok("POST", DEFINITIONS, body)
    api.settle()
    status = api.ok("GET", f"{DEFINITIONS}/stuffs.{GROUP}")["status"]
    found = [(row["type"], row["status"], row["reason"], row["message"]) for row in status["conditions"]]
    assert found == [
        ("NamesAccepted", "False", "ListKindConflict", '"ThingList" is already in use'),
        ("Established", "False", "NotAccepted", "not all names are accepted"),
    ]
    assert status["acceptedNames"] == {"plural": "stuffs", "kind": ""}
    assert api.ask("GET", THINGS.replace("things", "stuffs")).code == 404

    api.ok("DELETE", PATH)
    api.settle()
    assert api.ok("GET", THINGS.replace("things", "stuffs"))["items"] == []


def test_custom_objects_are_selected_by_the_fields_their_definition_names(api: Api) -> None:
    fields = {"a": {"type": "string"}, "b": {"type": "integer"}, "c": {"type": "boolean"}}
    rows = [{"jsonPath": f".spec.{key}"} for key in fields]
    api.define({}, versions=[version("v1", spec(**fields), storage=True, selectableFields=rows)])
    api.ok("POST", THINGS, thing("one", spec={"a": "x", "b": 3, "c": True}))
    api.ok("POST", THINGS, thing("two", spec={}))

    def chosen(selector: str) -> list[str]:
        found = api.ok("GET", THINGS, query={"fieldSelector": selector})["items"]
        return [item["metadata"]["name"] for item in found]

    selectors = ("spec.a=x", "spec.b=3", "spec.c=true", "spec.a=", "spec.b!=3", "spec.c=false", "spec.b=0")
    assert [chosen(one) for one in selectors] == [["one"], ["one"], ["one"], ["two"], ["two"], [], []]
    refused = api.ask("GET", THINGS, query={"fieldSelector": "spec.d=1"})
    assert (refused.code, refused.body["message"]) == (400, "field label not supported: spec.d")


def test_while_finalizers_hold_instances_the_definition_says_so(api: Api) -> None:
    api.define({"type": "object"})
    body = thing()
    body["metadata"]["finalizers"] = ["example.com/hold"]
    api.ok("POST", THINGS, body)
    api.ok("DELETE", PATH)
    api.settle()
    rows = {row["type"]: row for row in api.ok("GET", PATH)["status"]["conditions"]}
    assert (rows["Terminating"]["reason"], rows["Terminating"]["message"]) == (
        "InstanceDeletionInProgress",
        "CustomResource deletion is in progress",
    )
    patch = {"metadata": {"finalizers": None}}
    api.ok("PATCH", f"{THINGS}/x", patch, kind="application/merge-patch+json")
    api.settle()
    assert api.ask("GET", PATH).code == 404
