"""Where a client's connection to a Service ends."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.objects.services import Endpoint, reached_endpoints, slices_of


def _service(**spec: Any) -> dict[str, Any]:
    return {"kind": "Service", "metadata": {"name": "web", "uid": "w"}, "spec": spec}


def _slice(name: str, port: int, *endpoints: dict[str, Any], family: str = "IPv4") -> dict[str, Any]:
    return {
        "metadata": {"labels": {"kubernetes.io/service-name": "web"}},
        "addressType": family,
        "ports": [{"name": name, "port": port}],
        "endpoints": list(endpoints),
    }


def _end(address: str, **conditions: bool) -> dict[str, Any]:
    target = {"kind": "Pod", "name": f"pod-{address[-1]}"}
    return {"addresses": [address], "conditions": conditions, "targetRef": target}


def test_a_port_leads_to_the_slices_port_of_the_same_name() -> None:
    service = _service(ports=[{"port": 80, "name": "http"}, {"port": 81, "name": "metrics"}])
    pieces = [_slice("http", 9898, _end("10.0.0.1")), _slice("metrics", 9797, _end("10.0.0.1"))]
    assert reached_endpoints(service, pieces, 81) == [Endpoint("10.0.0.1", 9797, "pod-1")]


def test_a_named_target_port_may_be_another_number_in_each_pod() -> None:
    service = _service(ports=[{"port": 80, "targetPort": "http"}])
    pieces = [_slice("", 8080, _end("10.0.0.1")), _slice("", 9090, _end("10.0.0.2"))]
    assert [end.port for end in reached_endpoints(service, pieces, 80)] == [8080, 9090]


def test_a_port_that_the_service_does_not_have_leads_nowhere() -> None:
    assert reached_endpoints(_service(ports=[{"port": 80}]), [_slice("", 9898, _end("10.0.0.1"))], 9898) == []


def test_udp_is_no_way_for_a_request() -> None:
    service = _service(ports=[{"port": 80, "protocol": "UDP"}])
    assert reached_endpoints(service, [_slice("", 9898, _end("10.0.0.1"))], 80) == []


@given(st.integers(1, 65535), st.integers(1, 65535))
def test_a_headless_service_translates_no_port(dialled: int, target: int) -> None:
    service = _service(clusterIP="None", ports=[{"port": 80, "targetPort": target}])
    found = reached_endpoints(service, [_slice("", target, _end("10.0.0.1"), _end("10.0.0.2", ready=False))], dialled)
    assert found == [Endpoint("10.0.0.1", dialled, "pod-1")]


def test_those_that_are_not_ready_get_nothing() -> None:
    service = _service(ports=[{"port": 80}])
    pieces = [_slice("", 80, _end("10.0.0.1", ready=False), _end("10.0.0.2", ready=True))]
    assert [end.pod for end in reached_endpoints(service, pieces, 80)] == ["pod-2"]


def test_where_none_is_ready_those_on_their_way_out_still_serve() -> None:
    service = _service(ports=[{"port": 80}])
    leaving = _end("10.0.0.1", ready=False, serving=True, terminating=True)
    assert [end.pod for end in reached_endpoints(service, [_slice("", 80, leaving)], 80)] == ["pod-1"]
    headless = _service(clusterIP="None")
    assert reached_endpoints(headless, [_slice("", 80, leaving)], 80) == []


def test_clients_use_the_services_first_address_family() -> None:
    service = _service(ports=[{"port": 80}], ipFamilies=["IPv6", "IPv4"])
    pieces = [_slice("", 80, _end("10.0.0.1")), _slice("", 80, _end("fd00::1"), family="IPv6")]
    assert [end.address for end in reached_endpoints(service, pieces, 80)] == ["fd00::1"]


def test_slices_of_a_namesake_that_was_deleted_are_not_this_services() -> None:
    old = {**_slice("", 80), "metadata": {"labels": {"kubernetes.io/service-name": "web"}}}
    old["metadata"] |= {"ownerReferences": [{"kind": "Service", "uid": "old"}]}
    own = {**_slice("", 80), "metadata": {"labels": {"kubernetes.io/service-name": "web"}}}
    own["metadata"] |= {"ownerReferences": [{"kind": "Service", "uid": "w"}]}
    by_hand = _slice("", 80)
    mirrored = _slice("", 80)
    mirrored["metadata"] |= {"ownerReferences": [{"kind": "Endpoints", "uid": "e"}]}
    other = {"metadata": {"labels": {"kubernetes.io/service-name": "web2"}}}
    assert slices_of(_service(), [old, own, by_hand, mirrored, other]) == [own, by_hand, mirrored]
