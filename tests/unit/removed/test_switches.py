"""What Kubernetes has removed is served when it is asked for, and otherwise not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes
from k8s_tutor.errors import UsageError
from tests.unit.embedded_apiserver.conftest import Api
from tests.unit.removed.conftest import NEW, OLD, OLDS

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


@pytest.mark.parametrize("config", [None, {}, {OLD: False}], ids=["not told", "told nothing", "switched off"])
@pytest.mark.parametrize("path", [OLDS, f"/apis/{OLD}", f"/openapi/v3/apis/{OLD}"])
def test_by_default_it_is_not_there(config: dict[str, bool] | None, path: str) -> None:
    assert Api(runtime_config=config).ask("GET", path).code == 404


def test_by_default_its_room_is_not_even_loaded() -> None:
    code = "import sys; from k8s_tutor.embedded.kubernetes import EmbeddedKubernetes as K; K()\n"
    code += "sys.exit(any('apiserver.removed' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_switched_on_it_is_discovered_after_the_version_that_stayed(api: Api) -> None:
    group = api.ok("GET", "/apis/apiextensions.k8s.io")
    assert [row["groupVersion"] for row in group["versions"]] == [NEW, OLD]
    assert group["preferredVersion"]["groupVersion"] == NEW
    old, new = (api.ok("GET", f"/apis/{version}")["resources"] for version in (OLD, NEW))
    assert old == new
    items = api.ok("GET", "/apis", accept=AGGREGATED)["items"]
    found = next(item for item in items if item["metadata"]["name"] == "apiextensions.k8s.io")["versions"]
    assert [row["version"] for row in found] == ["v1", "v1beta1"]
    assert found[0]["resources"] == found[1]["resources"]


def test_it_stays_when_custom_kinds_come_and_go(api: Api) -> None:
    body = {"group": "x.example.com", "names": {"kind": "X", "plural": "xs"}, "version": "v1"}
    api.ok("POST", OLDS, {"metadata": {"name": "xs.x.example.com"}, "spec": body})
    assert api.ok("GET", OLDS)["items"]
    assert api.ok("GET", f"/openapi/v3/apis/{OLD}")["paths"].keys() == {OLDS, f"{OLDS}/{{name}}"}


def test_its_fields_stand_in_openapi(api: Api) -> None:
    name = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceDefinition"
    document = api.ok("GET", "/openapi/v2")
    third = api.ok("GET", f"/openapi/v3/apis/{OLD}")["components"]["schemas"]
    for spec in (document["definitions"][f"{name}Spec"], third[f"{name}Spec"]):
        assert {"version", "validation", "preserveUnknownFields"} <= spec["properties"].keys()
    assert third[name]["x-kubernetes-group-version-kind"][0]["version"] == "v1beta1"
    references = {text.split('"')[0] for text in str(third).replace("'", '"').split("#/components/schemas/")[1:]}
    assert references <= third.keys()
    assert OLDS in document["paths"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"apiextensions.k8s.io/v1beta": True}, [f'did you mean runtime_config={{"{OLD}": True}}', "removed"]),
        ({"apps/v1": False}, ['"apps/v1"', OLD]),
        ({OLD: "true"}, ["is 'true'", f'runtime_config={{"{OLD}": True}}']),
    ],
    ids=["a slip", "another API", "no truth"],
)
def test_what_cannot_be_switched_is_told_with_what_can(config: dict[str, bool], words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        EmbeddedKubernetes(runtime_config=config)
    assert all(word in str(caught.value) for word in words)
