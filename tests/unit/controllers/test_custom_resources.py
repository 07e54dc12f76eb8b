"""Custom resources own and are owned like all others."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.objects.types import Obj

SCHEMA = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}


def definition(kind: str, plural: str) -> Obj:
    names = {"kind": kind, "plural": plural, "singular": kind.lower()}
    version = {"name": "v1", "served": True, "storage": True, "schema": SCHEMA}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]},
    }


def create(play: Any, plural: str, kind: str, **meta: Any) -> Obj:
    body = {"apiVersion": "example.com/v1", "kind": kind, "metadata": {"name": "one", **meta}}
    answer = play.api.handle(Request("POST", f"/apis/example.com/v1/namespaces/default/{plural}", body=body))
    assert isinstance(answer, Response)
    assert answer.code == 201, answer.body
    return answer.body  # type: ignore[no-any-return]


@pytest.fixture
def cluster(play: Any) -> Any:
    """Knows two custom kinds, one of them with a plural that follows no rule."""
    play.apply(definition("EtcdCluster", "etcdclusters"))
    play.apply(definition("Goose", "geese"))
    play.run(1)
    return play


def owner(obj: Obj) -> list[Obj]:
    meta = obj["metadata"]
    return [{"apiVersion": obj["apiVersion"], "kind": obj["kind"], "name": meta["name"], "uid": meta["uid"]}]


def test_what_a_custom_resource_owns_goes_with_it(cluster: Any) -> None:
    parent = create(cluster, "etcdclusters", "EtcdCluster")
    meta = {"name": "member", "namespace": "default", "ownerReferences": owner(parent)}
    spec = {"containers": [{"name": "c", "image": "nginx"}]}
    cluster.apply({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
    cluster.run(1)
    cluster.api.handle(Request("DELETE", "/apis/example.com/v1/namespaces/default/etcdclusters/one"))
    cluster.run(2)
    assert cluster.get("pods", "member") is None


def test_a_custom_resource_that_is_owned_goes_with_its_owner(cluster: Any) -> None:
    parent = create(cluster, "etcdclusters", "EtcdCluster")
    create(cluster, "geese", "Goose", ownerReferences=owner(parent))
    cluster.run(1)
    cluster.api.handle(Request("DELETE", "/apis/example.com/v1/namespaces/default/etcdclusters/one"))
    cluster.run(1)
    assert cluster.store.list("geese.example.com") == []


def test_in_the_foreground_it_waits_for_what_it_owns(cluster: Any) -> None:
    parent = create(cluster, "geese", "Goose")
    rows = [{**owner(parent)[0], "blockOwnerDeletion": True}]
    meta = {"name": "child", "namespace": "default", "ownerReferences": rows, "finalizers": ["example.com/hold"]}
    child = cluster.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})
    path = "/apis/example.com/v1/namespaces/default/geese/one"
    cluster.api.handle(Request("DELETE", path, body={"propagationPolicy": "Foreground"}))
    cluster.run(1)
    assert len(cluster.store.list("geese.example.com")) == 1
    cluster.local.patch(child, {"metadata": {"finalizers": None}})
    cluster.run(1)
    assert cluster.store.list("geese.example.com") == []
