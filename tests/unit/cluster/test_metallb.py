"""What MetalLB is brought from, and which addresses it gives."""

from __future__ import annotations

import json
import subprocess
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_tutor.cluster import metallb_manifest as manifest
from k8s_tutor.cluster.engine import Engine
from k8s_tutor.cluster.metallb_manifest import choose_addresses, find_kind_network
from k8s_tutor.errors import ClusterUnavailable, TutorError

DOCKER = [
    {
        "Name": "kind",
        "IPAM": {
            "Config": [{"Subnet": "fc00:f853:ccd:e793::/64"}, {"Subnet": "172.18.0.0/16", "Gateway": "172.18.0.1"}]
        },
    }
]
PODMAN = [{"name": "kind", "subnets": [{"subnet": "10.89.0.0/24", "gateway": "10.89.0.1"}]}]

networks = st.integers(16, 28).flatmap(
    lambda bits: st.integers(0, 2**bits - 1).map(lambda number: IPv4Network((number << (32 - bits), bits)))
)


def engine_that_says(monkeypatch, answer: object, name: str = "docker") -> Engine:
    said = subprocess.CompletedProcess([], 0, answer if isinstance(answer, str) else json.dumps(answer), "")
    monkeypatch.setattr(Engine, "run", lambda *_, **__: said)
    return Engine(name, name)


@pytest.mark.parametrize(
    ("name", "answer", "network"),
    [
        pytest.param("docker", DOCKER, "172.18.0.0/16", id="docker, IPv6 first"),
        pytest.param("podman", PODMAN, "10.89.0.0/24", id="podman"),
    ],
)
def test_the_network_of_kind_is_what_the_engine_says(monkeypatch, name, answer, network):
    assert find_kind_network(engine_that_says(monkeypatch, answer, name)) == IPv4Network(network)


def test_a_network_without_ipv4_says_how_to_look(monkeypatch):
    with pytest.raises(ClusterUnavailable, match="IPv4") as caught:
        find_kind_network(engine_that_says(monkeypatch, "[]"))
    assert "docker network inspect kind" in caught.value.next_step


@given(st.text(max_size=20), networks)
def test_addresses_lie_in_the_upper_half_and_leave_out_the_last(name: str, network: IPv4Network):
    found = choose_addresses(name, network)
    middle = int(network.network_address) + network.num_addresses // 2
    assert middle <= int(found.first) <= int(found.last) < int(network.broadcast_address)


def test_clusters_beside_each_other_give_different_addresses():
    network = IPv4Network("172.18.0.0/16")
    first, second = choose_addresses("k8s-tutor", network), choose_addresses("k8s-tutor-tests", network)
    assert str(first.first) not in second
    assert str(second.first) not in first


def test_everything_in_the_manifest_is_labelled_as_ours():
    objects = manifest.load_objects()
    assert {obj["metadata"]["labels"]["k8s-tutor/made-by"] for obj in objects} == {"k8s-tutor"}
    assert objects[0]["kind"] == "Namespace"


def test_its_images_are_those_of_the_manifest():
    pods = [
        obj["spec"]["template"]["spec"] for obj in manifest.load_objects() if obj["kind"] in ("Deployment", "DaemonSet")
    ]
    assert tuple(container["image"] for pod in pods for container in pod["containers"]) == manifest.IMAGES


def test_a_manifest_that_was_changed_is_not_used(monkeypatch):
    monkeypatch.setattr(manifest, "_SHA256", "0" * 64)
    with pytest.raises(TutorError, match="not the one this package was made with"):
        manifest.load_objects()
