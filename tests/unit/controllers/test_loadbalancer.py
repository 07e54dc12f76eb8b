from __future__ import annotations

from typing import Any

import pytest

from k8s_tutor.embedded.controllers.loadbalancer import switch
from k8s_tutor.objects.types import Obj


def service(name: str = "web", **spec: Any) -> Obj:
    spec = {"type": "LoadBalancer", "ports": [{"port": 80}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "default"}, "spec": spec}


@pytest.fixture
def play(play: Any) -> Any:
    """With the cloud switched on."""
    play.apply(switch())
    return play


def off(play: Any) -> None:
    play.local.delete(switch())


def address(play: Any, name: str = "web") -> str:
    rows = play.get("svc", name)["status"].get("loadBalancer", {}).get("ingress", [])
    return ",".join(row["ip"] for row in rows)


def test_an_address_comes_after_some_seconds_and_events_tell_of_it(play: Any) -> None:
    play.apply(service())
    play.run(1)
    assert address(play) == ""
    play.run(5)
    assert play.get("svc", "web")["status"]["loadBalancer"] == {"ingress": [{"ip": "203.0.113.1", "ipMode": "VIP"}]}
    assert play.events("web") == [
        ("EnsuringLoadBalancer", "Ensuring load balancer"),
        ("EnsuredLoadBalancer", "Ensured load balancer"),
    ]


def test_each_service_has_its_own_address_and_a_freed_one_is_given_again(play: Any) -> None:
    for name in ("one", "two"):
        play.apply(service(name))
    play.run(5)
    assert (address(play, "one"), address(play, "two")) == ("203.0.113.1", "203.0.113.2")
    play.local.delete(play.get("svc", "one"))
    play.run(1)
    assert play.get("svc", "one") is None
    play.apply(service("three"))
    play.run(5)
    assert address(play, "three") == "203.0.113.1"


def test_an_address_may_be_wished_for(play: Any) -> None:
    play.apply(service(loadBalancerIP="203.0.113.77"))
    play.run(5)
    assert address(play) == "203.0.113.77"


def test_a_wish_that_cannot_be_met_is_answered_by_an_event(play: Any) -> None:
    play.apply(service(loadBalancerIP="10.0.0.1"))
    play.run(5)
    why = "the address 10.0.0.1 is not free in 203.0.113.0/24"
    message = f"Error syncing load balancer: failed to ensure load balancer: {why}"
    assert play.events("web")[-1] == ("SyncLoadBalancerFailed", message)


def test_a_service_that_becomes_a_cluster_ip_gives_its_address_back(play: Any) -> None:
    play.apply(service())
    play.run(5)
    play.local.patch(play.get("svc", "web"), {"spec": {"type": "ClusterIP"}})
    play.run(2)
    assert address(play) == ""
    assert "finalizers" not in play.get("svc", "web")["metadata"]
    assert [reason for reason, _ in play.events("web")][-2:] == ["DeletingLoadBalancer", "DeletedLoadBalancer"]


def test_another_class_of_load_balancer_is_left_to_others(play: Any) -> None:
    play.apply(service(loadBalancerClass="example.com/other"))
    play.run(5)
    assert play.events("web") == []


def test_without_the_cloud_a_service_waits_and_nobody_says_anything(play: Any) -> None:
    off(play)
    play.apply(service())
    play.run(60)
    assert address(play) == ""
    assert play.events("web") == []


def test_a_cloud_that_comes_later_serves_those_who_wait(play: Any) -> None:
    off(play)
    play.apply(service())
    play.run(60)
    play.apply(switch())
    play.run(5)
    assert address(play) == "203.0.113.1"


def test_a_cloud_that_goes_takes_its_addresses_back(play: Any) -> None:
    play.apply(service())
    play.run(5)
    off(play)
    play.run(1)
    assert address(play) == ""
    assert "finalizers" not in play.get("svc", "web")["metadata"]


def test_a_cloud_gives_the_addresses_that_its_config_names(play: Any) -> None:
    play.local.update({**switch(), "data": {"addresses": "198.51.100.8/30"}})
    play.apply(service())
    play.run(5)
    assert address(play) == "198.51.100.9"
