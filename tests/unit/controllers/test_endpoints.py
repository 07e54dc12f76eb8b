from __future__ import annotations

from typing import Any

from k8s_tutor.objects.types import Obj


def service(name: str = "web", **spec: Any) -> Obj:
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "default"}, "spec": spec}


def pod(name: str, port: int = 8080, **labels: str) -> Obj:
    container = {"name": "c", "image": "nginx", "ports": [{"name": "http", "containerPort": port}]}
    meta = {"name": name, "namespace": "default", "labels": {"app": "web", **labels}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [container]}}


def endpoints(play: Any) -> list[tuple[str, bool, bool, bool]]:
    return [
        (row["targetRef"]["name"], *(row["conditions"][name] for name in ("ready", "serving", "terminating")))
        for slice_ in play.list("endpointslices")
        if slice_["metadata"]["labels"]["kubernetes.io/service-name"] == "web"
        for row in slice_.get("endpoints") or ()
    ]


def test_a_service_without_pods_has_one_empty_slice(play: Any) -> None:
    play.apply(service())
    play.run(1)
    (slice_,) = [one for one in play.list("endpointslices") if one["metadata"]["name"].startswith("web-")]
    assert not slice_.get("endpoints")
    assert not slice_.get("ports")
    assert slice_["addressType"] == "IPv4"
    assert slice_["metadata"]["generateName"] == "web-"
    assert slice_["metadata"]["labels"] == {
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        "kubernetes.io/service-name": "web",
    }


def test_ready_and_unready_pods_are_both_listed_and_told_apart(play: Any) -> None:
    play.ready = lambda one: one["metadata"]["name"] == "good"
    play.apply(service())
    play.apply(pod("good"))
    play.apply(pod("poor"))
    play.run(2)
    assert sorted(endpoints(play)) == [("good", True, True, False), ("poor", False, False, False)]


def test_an_endpoint_names_its_pod_and_node_and_the_port_behind_the_name(play: Any) -> None:
    play.apply(service())
    play.apply(pod("good"))
    play.run(2)
    slice_ = next(one for one in play.list("endpointslices") if one["metadata"]["name"].startswith("web-"))
    placed = play.get("pods", "good")
    assert slice_["endpoints"] == [
        {
            "addresses": [placed["status"]["podIP"]],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "nodeName": "worker",
            "targetRef": {"kind": "Pod", "namespace": "default", "name": "good", "uid": placed["metadata"]["uid"]},
        }
    ]
    assert slice_["ports"] == [{"name": "", "port": 8080, "protocol": "TCP"}]


def test_a_pod_that_is_going_still_serves_but_is_not_ready(play: Any) -> None:
    play.stopping_seconds = 10
    play.apply(service())
    play.apply(pod("good"))
    play.run(2)
    play.local.delete(play.get("pods", "good"), 30)
    play.run(1)
    assert endpoints(play) == [("good", False, True, True)]
    play.run(20)
    assert endpoints(play) == []


def test_pods_that_call_another_port_by_the_name_get_a_slice_of_their_own(play: Any) -> None:
    play.apply(service())
    play.apply(pod("one"))
    play.apply(pod("two", port=9090))
    play.run(2)
    ports = sorted(row["port"] for one in play.list("endpointslices") for row in one["ports"] if row["name"] == "")
    assert ports[:2] == [8080, 9090]


def test_publish_not_ready_addresses_makes_all_ready(play: Any) -> None:
    play.ready = lambda one: False
    play.apply(service(publishNotReadyAddresses=True))
    play.apply(pod("poor"))
    play.run(2)
    assert endpoints(play) == [("poor", True, False, False)]


def test_a_headless_service_carries_the_label(play: Any) -> None:
    play.apply(service(clusterIP="None"))
    play.run(1)
    (slice_,) = [one for one in play.list("endpointslices") if one["metadata"]["name"].startswith("web-")]
    assert slice_["metadata"]["labels"]["service.kubernetes.io/headless"] == ""
    assert play.get("endpoints", "web")["metadata"]["labels"]["service.kubernetes.io/headless"] == ""


def test_a_service_without_selector_is_left_alone(play: Any) -> None:
    play.apply(service(selector=None))
    play.run(1)
    assert play.get("endpoints", "web") is None


def test_the_old_endpoints_object_lists_ready_and_unready_apart(play: Any) -> None:
    play.ready = lambda one: one["metadata"]["name"] == "good"
    play.apply(service())
    play.apply(pod("good"))
    play.apply(pod("poor"))
    play.run(2)
    (subset,) = play.get("endpoints", "web")["subsets"]
    assert [row["targetRef"]["name"] for row in subset["addresses"]] == ["good"]
    assert [row["targetRef"]["name"] for row in subset["notReadyAddresses"]] == ["poor"]
    assert subset["ports"] == [{"port": 8080, "protocol": "TCP"}]


def test_with_the_service_go_its_endpoints_and_slices(play: Any) -> None:
    play.apply(service())
    play.run(1)
    play.local.delete(play.get("svc", "web"))
    play.run(1)
    assert play.get("endpoints", "web") is None
    assert not [one for one in play.list("endpointslices") if one["metadata"]["name"].startswith("web-")]


def test_more_than_a_hundred_endpoints_take_a_second_slice(play: Any) -> None:
    for number in range(103):
        play.apply(pod(f"p{number:03}"))
    play.apply(service())
    play.run(3)
    ours = [one for one in play.list("endpointslices") if one["metadata"]["name"].startswith("web-")]
    assert sorted(len(one["endpoints"]) for one in ours) == [3, 100]
    for number in range(3, 103):
        play.local.delete(play.get("pods", f"p{number:03}"), 0)
    play.run(3)
    assert sorted(name for name, *_ in endpoints(play)) == ["p000", "p001", "p002"]
