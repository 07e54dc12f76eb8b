from __future__ import annotations

from typing import Any

from k8s_tutor.objects.types import Obj

POD: Obj = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "p", "namespace": "shop"},
    "spec": {"terminationGracePeriodSeconds": 15, "containers": [{"name": "c", "image": "nginx"}]},
}


def namespace(play: Any) -> Obj:
    made: Obj = play.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    play.run(1)
    return made


def config_map(**meta: Any) -> Obj:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop", **meta}}


def conditions(obj: Obj) -> dict[str, tuple[str, str, str]]:
    return {row["type"]: (row["status"], row["reason"], row["message"]) for row in obj["status"]["conditions"]}


def test_each_namespace_gets_a_service_account_and_the_certificate(play: Any) -> None:
    namespace(play)
    assert play.get("serviceaccounts", "default", "shop") is not None
    assert list(play.get("configmaps", "kube-root-ca.crt", "shop")["data"]) == ["ca.crt"]


def test_a_deleted_default_account_comes_back(play: Any) -> None:
    namespace(play)
    before = play.get("serviceaccounts", "default", "shop")
    play.local.delete(before)
    play.run(1)
    assert play.get("serviceaccounts", "default", "shop")["metadata"]["uid"] != before["metadata"]["uid"]


def test_a_changed_certificate_is_put_right(play: Any) -> None:
    namespace(play)
    before = play.get("configmaps", "kube-root-ca.crt", "shop")
    play.local.update({**before, "data": {"ca.crt": "mine"}})
    play.run(1)
    assert play.get("configmaps", "kube-root-ca.crt", "shop")["data"] == before["data"]


def test_an_empty_namespace_goes_after_five_seconds(play: Any) -> None:
    play.local.delete(namespace(play))
    play.run(4)
    assert play.get("namespaces", "shop")["status"]["phase"] == "Terminating"
    play.run(2)
    assert play.get("namespaces", "shop") is None
    assert not [
        obj["metadata"]["name"]
        for resource in play.store.resources()
        for obj in play.store.list(resource, "shop")
        if obj["metadata"].get("namespace") == "shop"
    ]


def test_its_last_conditions_say_that_nothing_is_left(play: Any) -> None:
    play.local.delete(namespace(play))
    play.run(10)
    last = play.history("namespaces", "shop")[-1]
    assert conditions(last) == {
        "NamespaceDeletionDiscoveryFailure": (
            "False", "ResourcesDiscovered", "All resources successfully discovered",
        ),
        "NamespaceDeletionGroupVersionParsingFailure": (
            "False", "ParsedGroupVersions", "All legacy kube types successfully parsed",
        ),
        "NamespaceDeletionContentFailure": (
            "False", "ContentDeleted", "All content successfully deleted, may be waiting on finalization",
        ),
        "NamespaceContentRemaining": ("False", "ContentRemoved", "All content successfully removed"),
        "NamespaceFinalizersRemaining": (
            "False", "ContentHasNoFinalizers", "All content-preserving finalizers finished",
        ),
    }  # fmt: skip


def test_a_finalizer_inside_holds_it_and_is_named(play: Any) -> None:
    made = namespace(play)
    held = play.apply(config_map(finalizers=["example.com/hold"]))
    play.local.delete(made)
    play.run(30)
    said = conditions(play.get("namespaces", "shop"))
    assert said["NamespaceContentRemaining"] == (
        "True", "SomeResourcesRemain", "Some resources are remaining: configmaps. has 1 resource instances",
    )  # fmt: skip
    assert said["NamespaceFinalizersRemaining"] == (
        "True",
        "SomeFinalizersRemain",
        "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
    )
    play.local.patch(held, {"metadata": {"finalizers": None}})
    play.run(30)
    assert play.get("namespaces", "shop") is None


def test_pods_with_a_long_grace_period_that_go_quickly_do_not_hold_it_for_long(play: Any) -> None:
    made = namespace(play)
    play.apply(POD)
    play.run(1)
    play.local.delete(made)
    play.run(11)
    assert play.get("namespaces", "shop") is None


def test_pods_go_before_everything_else(play: Any) -> None:
    made = namespace(play)
    play.apply(POD)
    play.apply(config_map())
    play.run(1)
    play.local.delete(made)
    play.run(60)
    assert play.get("namespaces", "shop") is None
    gone = [change.resource for change in play.store.history(0) if change.type == "DELETED"]
    assert gone.index("pods") < gone.index("configmaps")
