"""Which images go onto a kind cluster."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from k8s_tutor.cluster.images import MIRROR, choose_node_image, find_held, spell_out


def test_the_newest_local_node_image_by_number_not_by_letter():
    local = ["kindest/node:v1.32.0", "kindest/node:v1.37.10", "kindest/node:v1.37.2", "nginx:1.22"]
    assert choose_node_image(local) == "kindest/node:v1.37.10"


@pytest.mark.parametrize("local", [[], ["kindest/node:v1.20.0"], ["kindest/node:latest"], ["mine/node:v1.37.0"]])
def test_without_a_fitting_one_kind_chooses(local):
    assert choose_node_image(local) == ""


@pytest.mark.parametrize(
    ("reference", "full"),
    [
        ("nginx:1.22", "docker.io/library/nginx:1.22"),
        ("kindest/node:v1", "docker.io/kindest/node:v1"),
        ("docker.io/library/nginx:1.22", "docker.io/library/nginx:1.22"),
        ("ghcr.io/stefanprodan/podinfo:6.9.2", "ghcr.io/stefanprodan/podinfo:6.9.2"),
        ("localhost:5000/x:1", "localhost:5000/x:1"),
    ],
)
def test_names_as_containerd_lists_them(reference, full):
    assert spell_out(reference) == full


def test_the_engines_own_spelling_is_kept_for_loading():
    assert find_held(["nginx:1.22", "busybox:1.35"], ["docker.io/library/nginx:1.22", "other:1"]) == [
        "docker.io/library/nginx:1.22"
    ]


def test_the_chinese_readme_says_how_images_come_where_registries_are_closed():
    text = (Path(__file__).resolve().parents[3] / "README.zh.md").read_text(encoding="utf-8")
    commands = re.findall(r"^(?:(K8S_TUTOR_MIRROR)=\S+ )?k8s-tutor (up|prefetch)( --bundle \S+)?", text, re.MULTILINE)
    assert {(variable == MIRROR, command, bool(bundle)) for variable, command, bundle in commands} == {
        (True, "up", False),
        (True, "prefetch", False),
        (False, "prefetch", True),
        (False, "up", True),
    }
