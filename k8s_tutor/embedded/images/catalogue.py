"""All images the embedded cluster can run. Adding one is adding a module and a line here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from k8s_tutor.embedded.images import agnhost, busybox, nginx, pause, podinfo, python
from k8s_tutor.embedded.images.etcd import image as etcd
from k8s_tutor.embedded.images.image import Image
from k8s_tutor.embedded.images.reference import Reference

__all__ = ["all_images", "find", "holds"]


@cache
def _by_name() -> dict[str, Image]:
    modules = (agnhost, busybox, etcd, nginx, pause, podinfo, python)
    return {image.name: image for module in modules for image in module.images()}


def all_images() -> Iterator[Image]:
    """Every image, in a stable order."""
    return iter(_by_name().values())


def find(reference: Reference) -> Image | None:
    """The image of that name and tag (or digest); None where the catalogue has none."""
    if reference.tag:
        return _by_name().get(f"{reference.name}:{reference.tag}")
    same = (image for image in all_images() if image.name.startswith(f"{reference.name}:"))
    return next((image for image in same if image.digest == reference.digest), None)


def holds() -> str:
    """What the catalogue holds, short enough for an event: `busybox:1.35, ghcr.io/…`."""
    names = (image.name.removeprefix("docker.io/library/") for image in all_images() if image.preloaded)
    return ", ".join(names)
