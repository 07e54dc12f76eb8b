"""Custom resources through the official client's CustomObjectsApi."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from kubernetes import client, config, watch

DEFINITION = json.loads(Path(__file__).with_name("cake.json").read_text(encoding="utf-8"))

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def cakes(embedded_cluster):
    api = config.new_client_from_config(config_file=str(embedded_cluster.kubeconfig))
    definitions = client.ApiextensionsV1Api(api)
    definitions.create_custom_resource_definition(DEFINITION)
    yield client.CustomObjectsApi(api)
    definitions.delete_custom_resource_definition("cakes.tutor.example")
    api.close()


def test_create_watch_patch_status_and_delete(cakes, namespace):
    place = ("tutor.example", "v1", namespace, "cakes")
    plum = {"apiVersion": "tutor.example/v1", "kind": "Cake", "metadata": {"name": "plum"}, "spec": {}}

    made = cakes.create_namespaced_custom_object(*place, plum)
    cakes.patch_namespaced_custom_object(*place, "plum", {"spec": {"layers": 2}})
    cakes.patch_namespaced_custom_object_status(*place, "plum", {"status": {"baked": 2}})
    cakes.delete_namespaced_custom_object(*place, "plum")

    since = made["metadata"]["resourceVersion"]
    seen = []
    for event in watch.Watch().stream(cakes.list_namespaced_custom_object, *place, resource_version=since):
        seen.append((event["type"], event["object"]["spec"], event["object"].get("status")))
        if event["type"] == "DELETED":
            break
    assert made["spec"] == {"layers": 1}
    assert seen == [
        ("MODIFIED", {"layers": 2}, None),
        ("MODIFIED", {"layers": 2}, {"baked": 2}),
        ("DELETED", {"layers": 2}, {"baked": 2}),
    ]
