"""Which images there are: any tag of what is simulated, a stand-in for what is not, and nothing for a typing error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from k8s_tutor.embedded.images import catalogue
from k8s_tutor.embedded.images.image import STAND_IN_PROGRAM, parse

LEARNERS = Path(__file__).parent / "testdata" / "learners.txt"
PAGE = Path(__file__).parents[3] / "docs" / "images.md"


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("nginx", "1.29.1"),
        ("nginx:1.14", "1.14.2"),
        ("nginx:1.14.2", "1.14.2"),
        ("nginx:1.7.9", "1.7.9"),
        ("nginx:stable-alpine", "1.28.0"),
        ("nginx:1.25-alpine3.18", "1.25.5"),
        ("docker.io/library/nginx:1.26.2-perl", "1.26.2"),
        ("mirror.gcr.io/library/nginx:1.27", "1.27.5"),
        ("docker.m.daocloud.io/nginx:alpine", "1.29.1"),
        ("registry.k8s.io/nginx-slim:0.8", "1.11.1"),
        ("busybox:1.28", "1.28.4"),
        ("busybox:1.35.0-musl", "1.35.0"),
        ("public.ecr.aws/docker/library/busybox:1.34.1", "1.34.1"),
        ("gcr.io/google-containers/busybox", "1.37.0"),
        ("k8s.gcr.io/pause:3.2", "3.2"),
        ("registry.k8s.io/e2e-test-images/agnhost:2.40", "2.40"),
        ("quay.io/coreos/etcd:v3.5.9", "3.5.9"),
        ("registry.k8s.io/etcd:3.5.15-0", "3.5.15"),
        ("stefanprodan/podinfo:5.0.3", "5.0.3"),
        ("redis:6", "6.2.19"),
        ("redis:7.2-alpine", "7.2.10"),
        ("alpine:3.19", "3.19.8"),
        ("ubuntu:jammy", "22.04"),
        ("hashicorp/http-echo:0.2.3", "0.2.3"),
        ("traefik/whoami:v1.10", "1.10.4"),
        ("gcr.io/kuar-demo/kuard-amd64:green", "v0.10.0-green"),
    ],
)
def test_a_tag_of_a_simulated_image_runs_under_its_own_version(name: str, version: str) -> None:
    image = catalogue.find(parse(name))
    assert image is not None
    assert (image.version, image.stand_in) == (version, False)
    assert image.name == str(parse(name))


@pytest.mark.parametrize(
    "name",
    [
        "nginx:1.222",
        "nginx:1.14.3",
        "nginx:2",
        "nginx:latst",
        "nginx:0.8",
        "ngnix:1.22",
        "busybox:1.53",
        "ghcr.io/stefanprodan/podinfo:6.9.99",
        "ghcr.io/stefanprodan/podinfo:6.9",
        "registry.k8s.io/pause:3.11",
        "registry.k8s.io/etcd:3.9.0-0",
        "redis:9",
        "alpine:4",
        "ubuntu:22.05",
        "mysql:latst",
        "mysqll",
        "example.com/nginx",
    ],
)
def test_a_name_or_a_tag_that_never_was_is_not_there(name: str) -> None:
    assert catalogue.find(parse(name)) is None


@pytest.mark.parametrize(
    "name", ["mysql:5.6", "postgres:17-alpine", "quay.io/prometheus/prometheus:v2.45.0", "luksa/kubia"]
)
def test_an_image_that_is_not_simulated_has_a_stand_in_for_whatever_it_is_told_to_run(name: str) -> None:
    image = catalogue.find(parse(name))
    assert image is not None
    assert image.find("some-command") == image.find("/opt/some/command") == STAND_IN_PROGRAM
    assert image.find("sh") == "/usr/bin/sh"
    assert image.id.startswith("k8s-tutor.dev/stand-in/")


def test_nine_of_ten_images_that_learners_manifests_name_run() -> None:
    names = [line for line in LEARNERS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    run = [name for name in names if catalogue.find(parse(name))]
    assert len(names) > 180
    assert len(run) / len(names) >= 0.9


def test_the_page_names_every_image() -> None:
    simulated, stand_ins = catalogue.known_images()
    text = PAGE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", text, re.M))
    assert {name: rows.get(name, "").strip() for name in simulated} == dict(simulated)
    named = re.findall(r"`([^`]+)`", text.partition("## Stand-ins")[2].partition("## ")[0])
    assert {catalogue.find(parse(name)) is not None for name in named} == {True}
    assert len(set(named)) == len(stand_ins)
