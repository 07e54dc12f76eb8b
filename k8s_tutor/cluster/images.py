"""Images of a kind cluster: which node image, and the course's images on its nodes before anybody waits for a pull."""

from __future__ import annotations

import re
from collections.abc import Iterable

from k8s_tutor.cluster.engine import Engine

__all__ = ["COURSE", "course_images", "held", "missing_on", "node_image"]

COURSE = (
    "ghcr.io/stefanprodan/podinfo:6.9.1",
    "ghcr.io/stefanprodan/podinfo:6.9.2",
    "nginx:1.22",
    "busybox:1.35",
    "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
)
"""What the lessons run. The node image brings pause, etcd and CoreDNS."""

_NODE = re.compile(r"(?:docker\.io/|localhost/)?kindest/node:v(\d+)\.(\d+)\.(\d+)")
_OLDEST = (1, 30, 0)  # older releases lack what the lessons show (sidecar containers on by default, …)


def node_image(local: Iterable[str]) -> str:
    """The newest local node image that the course can use; `""` leaves the choice to kind, which may pull."""
    versions = [
        (tuple(int(part) for part in match.groups()), reference)
        for reference in local
        if (match := _NODE.fullmatch(reference))
    ]
    fitting = [(version, reference) for version, reference in versions if version >= _OLDEST]
    return max(fitting)[1] if fitting else ""


def course_images(local: Iterable[str]) -> list[str]:
    """The course's images that the engine holds, as the engine writes them."""
    return held(COURSE, local)


def held(images: Iterable[str], local: Iterable[str]) -> list[str]:
    """Those of `images` that the engine holds, as the engine writes them."""
    there = {canonical(reference): reference for reference in local}
    return [there[canonical(image)] for image in images if canonical(image) in there]


def missing_on(engine: Engine, node: str, images: Iterable[str]) -> list[str]:
    """Those of `images` that a node does not have."""
    listed = engine.run("exec", node, "ctr", "--namespace=k8s.io", "images", "list", "-q")
    there = set(listed.stdout.split())
    return [image for image in images if canonical(image) not in there]


def canonical(reference: str) -> str:
    """A reference with its registry and library spelled out, as containerd lists it."""
    reference = reference.removeprefix("localhost/")
    first, slash, _ = reference.partition("/")
    if not slash:
        return f"docker.io/library/{reference}"
    return reference if "." in first or ":" in first or first == "localhost" else f"docker.io/{reference}"
