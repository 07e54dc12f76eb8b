"""The life and end of a namespace, on both clusters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from k8s_tutor.api.protocol import StatusError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_tutor.objects.types import Obj
    from tests.behaviour.conftest import Environment

HELD = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "finalizers": ["example.com/hold"]}}


@pytest.fixture
def doomed(env: Environment) -> Iterator[str]:
    """The name of a namespace to delete."""
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "doomed-"}}
    name = env.client.create(body)["metadata"]["name"]
    env.wait("configmaps", "kube-root-ca.crt", lambda _: True)
    yield name
    if env.client.find("configmaps", "held", name):
        env.client.patch("configmaps", "held", {"metadata": {"finalizers": None}}, name)
    if env.client.find("namespaces", name):
        env.client.delete("namespaces", name)


def conditions(obj: Obj) -> dict[str, tuple[str, str, str]]:
    rows = obj["status"].get("conditions", [])
    return {row["type"]: (row["status"], row["reason"], row["message"]) for row in rows}


def test_a_namespace_is_born_with_a_label_an_account_and_the_certificate(env: Environment) -> None:
    namespace = env.client.get("namespaces", env.namespace)
    assert namespace["metadata"]["labels"] == {"kubernetes.io/metadata.name": env.namespace}
    assert (namespace["spec"], namespace["status"]) == ({"finalizers": ["kubernetes"]}, {"phase": "Active"})
    env.wait("serviceaccounts", "default", lambda _: True)
    certificate = env.wait("configmaps", "kube-root-ca.crt", lambda _: True)
    assert list(certificate["data"]) == ["ca.crt"]
    assert "kubernetes.io/description" in certificate["metadata"]["annotations"]


def test_the_default_account_comes_back(env: Environment) -> None:
    before = env.wait("serviceaccounts", "default", lambda _: True)
    env.delete("serviceaccounts", "default")
    after = env.wait("serviceaccounts", "default", lambda one: one["metadata"]["uid"] != before["metadata"]["uid"])
    assert after["metadata"]["name"] == "default"


def test_nothing_new_can_be_made_in_a_namespace_that_ends(env: Environment, doomed: str) -> None:
    env.client.create(HELD, doomed)
    env.client.delete("namespaces", doomed)
    with pytest.raises(StatusError) as caught:
        env.client.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "late"}}, doomed)
    assert (caught.value.code, caught.value.reason) == (403, "Forbidden")
    assert str(caught.value.status["message"]) == (
        f'configmaps "late" is forbidden: unable to create new content in namespace {doomed} '
        "because it is being terminated"
    )


def test_a_namespace_goes_though_a_job_in_it_wants_another_pod(env: Environment, doomed: str) -> None:
    env.wait("serviceaccounts", "default", lambda _: True)
    container = {"name": "c", "image": "busybox:1.36", "command": ["sh", "-c", "trap 'exit 0' TERM; sleep 99 & wait"]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    spec = {"completions": 3, "parallelism": 2, "template": template}
    env.client.create({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": spec}, doomed)
    there = replace(env, namespace=doomed)
    there.wait("jobs", "j", lambda job: job.get("status", {}).get("ready") == 2)
    env.client.delete("namespaces", doomed)
    env.wait_gone("namespaces", doomed)


def test_what_holds_a_namespace_back_is_named(env: Environment, doomed: str) -> None:
    env.client.create(HELD, doomed)
    env.client.delete("namespaces", doomed)
    remaining = "NamespaceContentRemaining"
    ended = env.wait("namespaces", doomed, lambda one: conditions(one).get(remaining, ("",))[0] == "True")
    said = conditions(ended)
    assert ended["status"]["phase"] == "Terminating"
    assert said[remaining][1:] == (
        "SomeResourcesRemain",
        "Some resources are remaining: configmaps. has 1 resource instances",
    )
    assert said["NamespaceFinalizersRemaining"][1:] == (
        "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
    )
    assert said["NamespaceDeletionContentFailure"][1:] == (
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    )
    env.client.patch("configmaps", "held", {"metadata": {"finalizers": None}}, doomed)
    env.wait_gone("namespaces", doomed)
