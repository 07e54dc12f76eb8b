"""All images the embedded cluster can run. Adding one is adding a module, and a row to the table here.

Sizes and digests of what is on every node from the start are those of the images on the project's real test clusters;
the digests of the others are made of their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib import import_module

from k8s_tutor.embedded.images.image import Contents, Image
from k8s_tutor.embedded.images.reference import Reference

__all__ = ["all_images", "find", "holds"]

_NGINX = "sha256:631bd7cb150e1e366b7abc907598c094d7d02669aeaed0614150078244fc2cda"
_BUSYBOX = "sha256:008b8656459bfd4abc631bb0de0415b0a0b964cf15b44fa9ee3957854732d8f8"
_PODINFO = {
    "6.9.1": "sha256:6ef3a3c5d8e343077ceba1390d3ab028f6003951f501bfcfb70fd0754afc0b92",
    "6.9.2": "sha256:7baf7a1fe30087f7f040b49005efa053fbc1271692d88a9e8a663452ae3e1f72",
}
# 1.22 is on every node; the others are pulled when asked for.
_NGINX_TAGS = {"1.22": "1.22.1", "1.23": "1.23.4", "1.24": "1.24.0", "1.25": "1.25.5", "latest": "1.25.5"}
_BUSYBOX_TAGS = ("1.35", "1.36", "latest")


def _from(module: str, *version: str) -> Callable[[], Contents]:
    """What a module of this package puts into its image; imported when first needed."""

    def load() -> Contents:
        contents: Contents = import_module(f"k8s_tutor.embedded.images.{module}").contents(*version)
        return contents

    return load


def _made_up(name: str) -> str:
    return f"sha256:{sha256(name.encode()).hexdigest()}"


_IMAGES: tuple[Image, ...] = (
    *(
        Image(
            name=f"docker.io/library/nginx:{tag}",
            size=11934615 + number * 4096,
            digest=_NGINX if not number else _made_up(f"nginx:{tag}"),
            load=_from("nginx", version),
            cmd=("nginx", "-g", "daemon off;"),
            stop_signal="QUIT",
            preloaded=not number,
            memory=2784 << 10,
            idle=1e-6,
        )
        for number, (tag, version) in enumerate(_NGINX_TAGS.items())
    ),
    *(
        Image(
            name=f"docker.io/library/busybox:{tag}",
            size=2131974 + number * 1024,
            digest=_BUSYBOX if not number else _made_up(f"busybox:{tag}"),
            load=_from("busybox"),
            cmd=("sh",),
            preloaded=not number,
        )
        for number, tag in enumerate(_BUSYBOX_TAGS)
    ),
    *(
        Image(
            name=f"ghcr.io/stefanprodan/podinfo:{version}",
            size=31759134 if version == "6.9.2" else 31759133,
            digest=digest,
            load=_from("podinfo", version),
            cmd=("./podinfo",),
            directory="/home/app",
            user=100,
            memory=13952 << 10,
            idle=12e-6,
        )
        for version, digest in _PODINFO.items()
    ),
    Image(
        name="registry.k8s.io/e2e-test-images/agnhost:2.66.1",
        size=66432156,
        digest="sha256:4fde33e41bbef06723cb55381f7a2d39db2a11a7c388e4d15c3cd0fac28abae3",
        load=_from("agnhost"),
        entrypoint=("/agnhost",),
        cmd=("pause",),
        memory=8984 << 10,
        idle=75e-6,
    ),
    Image(
        name="registry.k8s.io/etcd:3.7.0-0",
        size=26419303,
        digest="sha256:3a5d7cc776ac006c8a672c3dc109c6dfdd6ca0d92407d8310b50d9cee1d4d8c9",
        load=_from("etcd.image"),
        memory=24 << 20,
        idle=5e-3,
    ),
    Image(
        name="registry.k8s.io/pause:3.10.2",
        size=694309,
        digest="sha256:bb1804f6e3871ee8774e71d85c773725b472a89cbe433a969c1e52fd5650a6b0",
        load=_from("pause"),
        entrypoint=("/pause",),
    ),
    Image(
        name="gcr.io/google_containers/pause:latest",  # its name of old, still in many examples
        size=241656,
        digest=_made_up("google_containers/pause:latest"),
        load=_from("pause"),
        entrypoint=("/pause",),
        preloaded=False,
    ),
    Image(
        name="docker.io/library/ubuntu:latest",
        size=29_700_000,
        digest=_made_up("ubuntu:latest"),
        load=_from("ubuntu"),
        cmd=("/bin/bash",),
        preloaded=False,
    ),
    Image(
        name="docker.io/library/python:3.11-slim",
        size=44_500_000,
        digest=_made_up("python:3.11-slim"),
        load=_from("python"),
        cmd=("python3",),
        preloaded=False,
    ),
)
_BY_NAME = {image.name: image for image in _IMAGES}


def all_images() -> Iterator[Image]:
    """Every image, in a stable order."""
    return iter(_IMAGES)


def find(reference: Reference) -> Image | None:
    """The image of that name and tag (or digest); None where the catalogue has none."""
    if reference.tag:
        return _BY_NAME.get(f"{reference.name}:{reference.tag}")
    same = (image for image in all_images() if image.name.startswith(f"{reference.name}:"))
    return next((image for image in same if image.digest == reference.digest), None)


def holds() -> str:
    """What the catalogue holds, short enough for an event: `busybox:1.35, ghcr.io/…`."""
    names = (image.name.removeprefix("docker.io/library/") for image in all_images() if image.preloaded)
    return ", ".join(names)
