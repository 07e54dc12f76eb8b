"""A manifest of 2018 and clients of today on a cluster that serves `apiextensions.k8s.io/v1beta1` on request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from kubernetes import client, config, dynamic

from k8s_tutor.cluster.embedded import EmbeddedCluster
from k8s_tutor.cluster.pace import PaceMode
from tests.interop.conftest import Kubectl

OLD = "apiextensions.k8s.io/v1beta1"
NAME = "crontabs.stable.example.com"
MANIFEST = f"""
apiVersion: {OLD}
kind: CustomResourceDefinition
metadata:
  name: {NAME}
spec:
  group: stable.example.com
  version: v1
  names: {{kind: CronTab, plural: crontabs, shortNames: [ct]}}
  subresources: {{status: {{}}}}
  additionalPrinterColumns:
  - {{name: Spec, type: string, JSONPath: .spec.cronSpec}}
  validation:
    openAPIV3Schema:
      properties:
        spec: {{properties: {{cronSpec: {{type: string}}, replicas: {{type: integer, maximum: 10}}}}}}
"""
OBJECT = """
apiVersion: stable.example.com/v1
kind: CronTab
metadata: {name: mine}
spec: {cronSpec: "* * * * */5", anything: [{goes: true}]}
"""

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def cluster() -> Iterator[EmbeddedCluster]:
    made = EmbeddedCluster(PaceMode.AWAITED, runtime_config={OLD: True})
    yield made
    made.close()


@pytest.mark.kubectl
@pytest.mark.parametrize("validate", ["false", "true"])
def test_kubectl_applies_an_old_manifest_and_gets_the_new_version(
    cluster: EmbeddedCluster, kubectl: str, tmp_path: Path, validate: str
) -> None:
    k = Kubectl(kubectl, cluster.kubeconfig, "default", tmp_path)
    said = k("apply", f"--validate={validate}", "-f", "-", stdin=MANIFEST)
    assert f"Warning: {OLD} CustomResourceDefinition is deprecated in v1.16+, unavailable in v1.22+" in said
    assert f"customresourcedefinition.apiextensions.k8s.io/{NAME} created" in said
    assert "unchanged" in k("apply", "-f", "-", stdin=MANIFEST)

    new = yaml.safe_load(k("get", "crd", NAME, "-o", "yaml"))
    assert (new["apiVersion"], new["spec"]["versions"][0]["subresources"]) == (
        "apiextensions.k8s.io/v1",
        {"status": {}},
    )
    warning, _, old = k(
        "get", f"customresourcedefinitions.v1beta1.apiextensions.k8s.io/{NAME}", "-o", "json"
    ).partition("\n")
    assert warning.startswith("Warning: ")
    assert (json.loads(old)["apiVersion"], json.loads(old)["spec"]["version"]) == (OLD, "v1")

    k("apply", "-f", "-", stdin=OBJECT)
    assert k("get", "ct").split() == ["NAME", "SPEC", "mine", "*", "*", "*", "*", "*/5"]
    assert "goes" in k("get", "ct", "mine", "-o", "jsonpath={.spec.anything}")
    assert "should be less than or equal to 10" in k(
        "patch", "ct", "mine", "--type=merge", "-p", '{"spec":{"replicas":11}}', code=1
    )
    assert "validation" in k("explain", "crd.spec", f"--api-version={OLD}")
    assert "deleted" in k("delete", "-f", "-", stdin=MANIFEST)


def test_the_official_dynamic_client_finds_it(cluster: EmbeddedCluster) -> None:
    api = config.new_client_from_config(config_file=str(cluster.kubeconfig))
    definitions = dynamic.DynamicClient(api).resources.get(api_version=OLD, kind="CustomResourceDefinition")
    made = definitions.create(yaml.safe_load(MANIFEST))
    assert (made.apiVersion, made.spec.versions[0].name) == (OLD, "v1")
    typed = client.ApiextensionsV1Api(api).read_custom_resource_definition(NAME)
    assert typed.spec.versions[0].additional_printer_columns[0].json_path == ".spec.cronSpec"
    definitions.delete(name=NAME)
    api.close()
