"""All images the embedded cluster can run. Adding one is adding a module, a row to the tables here, and its tags.

Sizes and digests of what is on every node from the start are those of the images on the project's real test clusters;
the digests of the others are made of their names. Which tags there are, and which images that are not simulated, stands
in `public.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from k8s_tutor.embedded.images.image import STAND_IN_PROGRAM, Contents, Image, Reference
from k8s_tutor.objects.reference import nearest

__all__ = ["all_images", "find", "for_container", "is_known", "known_images", "near", "simulated", "stand_ins"]

_NGINX = "sha256:631bd7cb150e1e366b7abc907598c094d7d02669aeaed0614150078244fc2cda"
_BUSYBOX = "sha256:008b8656459bfd4abc631bb0de0415b0a0b964cf15b44fa9ee3957854732d8f8"
_PODINFO = {
    "6.9.1": "sha256:6ef3a3c5d8e343077ceba1390d3ab028f6003951f501bfcfb70fd0754afc0b92",
    "6.9.2": "sha256:7baf7a1fe30087f7f040b49005efa053fbc1271692d88a9e8a663452ae3e1f72",
}
# 1.22 is on every node; the others are pulled when asked for.
_NGINX_TAGS = {"1.22": "1.22.1", "1.23": "1.23.4", "1.24": "1.24.0", "1.25": "1.25.5"}
_REDIS = "sha256:fb148f6d8a50ff65187afde38a62c6daa0bc1e30afe2ce2a9a9e04a16764254b"
_REDIS_TAGS = ("7", "7.0", "7.0.15", "7-alpine", "7.0-alpine", "7-bookworm", "7.0-bookworm")
_BUSYBOX_TAGS = {"1.35": "1.35.0", "1.36": "1.36.1"}


def _from(module: str, *facts: str) -> Callable[[], Contents]:
    """What a module of this package puts into its image; imported when first needed."""

    def load() -> Contents:
        contents: Contents = import_module(f"k8s_tutor.embedded.images.{module}").contents(*facts)
        return contents

    return load


def _made_up(name: str) -> str:
    return f"sha256:{sha256(name.encode()).hexdigest()}"


def _small(size: int, entrypoint: str, *, cmd: tuple[str, ...] = (), memory: int = 300 << 10) -> Image:
    words = (entrypoint,) if entrypoint else ()
    return Image("", size, "", _from(""), entrypoint=words, cmd=cmd, memory=memory)


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
            load=_from("busybox", version),
            cmd=("sh",),
            preloaded=not number,
        )
        for number, (tag, version) in enumerate(_BUSYBOX_TAGS.items())
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
        load=_from("etcd.server"),
        memory=24 << 20,
        idle=5e-3,
    ),
    *(
        Image(
            name=f"docker.io/library/redis:{tag}",
            size=20191355 + number * 1024,
            digest=_REDIS if not number else _made_up(f"redis:{tag}"),
            load=_from("redis"),
            entrypoint=("docker-entrypoint.sh",),
            cmd=("redis-server",),
            directory="/data",
            preloaded=not number,
            memory=3424 << 10,
            idle=1.9e-3,
        )
        for number, tag in enumerate(_REDIS_TAGS)
    ),
    Image(
        name="registry.k8s.io/pause:3.10.2",
        size=694309,
        digest="sha256:bb1804f6e3871ee8774e71d85c773725b472a89cbe433a969c1e52fd5650a6b0",
        load=_from("plain", "pause"),
        entrypoint=("/pause",),
    ),
    Image(
        name="gcr.io/google_containers/pause:latest",  # its name of old, still in many examples
        size=241656,
        digest=_made_up("google_containers/pause:latest"),
        load=_from("plain", "pause"),
        entrypoint=("/pause",),
        preloaded=False,
    ),
    Image(
        name="docker.io/library/python:3.11-slim",
        size=44_500_000,
        digest=_made_up("python:3.11-slim"),
        load=_from("plain", "python"),
        cmd=("python3",),
        preloaded=False,
    ),
)
_BY_NAME = {image.name: image for image in _IMAGES}


def all_images() -> Iterator[Image]:
    """Every image, in a stable order."""
    return iter(_IMAGES)


def find(reference: Reference) -> Image | None:
    """The image of that name and tag (or digest); None where there is none, as far as is known here."""
    name = _canonical(reference.name)
    if not reference.tag:
        same = (image for image in all_images() if image.name.startswith(f"{name}:"))
        return next((image for image in same if image.digest == reference.digest), None)
    full = f"{reference.name}:{reference.tag}"
    if (image := _BY_NAME.get(full)) is not None:
        return image
    if (image := _BY_NAME.get(f"{name}:{reference.tag}")) is not None:
        return replace(image, name=full, preloaded=False)
    return _of_family(reference.name, name, reference.tag) or _standing_in(name, full, reference.tag)


def is_known(reference: Reference) -> bool:
    """Whether there is a repository of that name, whatever its tags."""
    name = _canonical(reference.name)
    known = any(image.name.startswith(f"{name}:") for image in all_images())
    return known or name in _families() or name in stand_ins()


def for_container(image: Image, ports: tuple[int, ...], *, lasting: bool) -> Image:
    """A stand-in that also listens where its container says that it does, and stays where it is meant to."""
    own = stand_ins()[_canonical(image.name.rpartition(":")[0])]
    both = tuple(dict.fromkeys((*own, *ports)))
    return replace(image, load=lambda: _stand_in(image.name, both, lasting))


def _stand_in(name: str, ports: tuple[int, ...], lasting: bool = False) -> Contents:
    from k8s_tutor.embedded.images.plain import stand_in  # noqa: PLC0415 — with the first one

    return stand_in(name, ports, lasting=lasting)


# ---- Tags of what is simulated, and what stands in for the rest

_FAMILIES: Mapping[str, Image] = {
    "nginx": replace(_BY_NAME["docker.io/library/nginx:1.22"], size=72_400_000),
    "busybox": replace(_BY_NAME["docker.io/library/busybox:1.35"], size=2_160_000),
    "redis": replace(_BY_NAME["docker.io/library/redis:7"], size=51_300_000),
    "podinfo": _BY_NAME["ghcr.io/stefanprodan/podinfo:6.9.2"],
    "agnhost": replace(_BY_NAME["registry.k8s.io/e2e-test-images/agnhost:2.66.1"], size=54_000_000),
    "pause": _BY_NAME["registry.k8s.io/pause:3.10.2"],
    "etcd": _BY_NAME["registry.k8s.io/etcd:3.7.0-0"],
    "alpine": _small(3_800_000, "", cmd=("/bin/sh",)),
    "ubuntu": _small(29_700_000, "", cmd=("/bin/bash",)),
    "http-echo": _small(4_600_000, "/http-echo", memory=3 << 20),
    "whoami": _small(2_900_000, "/whoami", memory=3 << 20),
    "hello-world": _small(5_600, "", cmd=("/hello",)),
    "kuard": _small(11_600_000, "", cmd=("/kuard",), memory=5 << 20),
}
_INSIDE: Mapping[str, tuple[str, ...]] = {
    "nginx": ("nginx",),
    "busybox": ("busybox",),
    "podinfo": ("podinfo",),
    "alpine": ("plain", "alpine"),
    "ubuntu": ("plain", "ubuntu"),
    **{name: ("small", name) for name in ("http-echo", "whoami", "hello-world", "kuard")},
}


@cache
def _public() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "public.toml").read_text(encoding="utf-8"))


@cache
def _families() -> Mapping[str, str]:
    """The family of each simulated repository."""
    return {name: family for family in _FAMILIES for name in _public()[family]["repositories"]}


@cache
def stand_ins() -> Mapping[str, tuple[int, ...]]:
    """The repositories that there are and that are not simulated, with their ports."""
    return {_full(name): tuple(ports) for name, ports in _public()["stand-ins"].items()}


def known_images() -> tuple[Mapping[str, str], Mapping[str, tuple[int, ...]]]:
    """See `api.cluster.KnowsImages`."""
    return simulated(), stand_ins()


def simulated() -> Mapping[str, str]:
    """The repositories that are simulated, each with its tags in a few words: `1.7 to 1.29, stable, latest`."""
    return {name: _tags_in_words(_public()[family]) for name, family in _families().items()}


def _tags_in_words(tags: Mapping[str, Any]) -> str:
    lines = list(tags["patches"])
    lines += [line for major, last in tags.get("lines", {}).items() for line in (f"{major}.0", f"{major}.{last}")]
    lines.sort(key=lambda line: [int(part) for part in line.split(".")])
    ends = [f"{lines[0]} to {lines[-1]}" if len(lines) > 1 else lines[0]] if lines else []
    return ", ".join((*ends, *tags["words"]))


def _full(name: str) -> str:
    first, slash, _ = name.partition("/")
    if "." in first and slash:
        return name
    return f"docker.io/{name}" if slash else f"docker.io/library/{name}"


@cache
def _canonical(name: str) -> str:
    """The name of a repository that is called by the name of a mirror of its registry, or by an old one."""
    for mirror, real in _public()["mirrors"].items():
        if name == mirror or name.startswith(f"{mirror}/"):
            found = real + name.removeprefix(mirror)
            return _canonical(f"docker.io/library/{found[10:]}" if re.fullmatch("docker.io/[^/]+", found) else found)
    return name


def _of_family(asked: str, name: str, tag: str) -> Image | None:
    family = _families().get(name)
    if family is None:
        return None
    tags = _public()[family]
    version = (tags.get("known", {}).get(tag) if asked != name else None) or _version(tags, tag)
    if version is None:
        return None
    like, digest = _FAMILIES[family], _made_up(f"{name}:{version}{tag.partition('-')[1:]}")
    size = like.size // 3 if "alpine" in tag else like.size
    load = like.load if family in _ALIKE else _from(*_INSIDE[family], version)
    return replace(like, name=f"{asked}:{tag}", size=size, digest=digest, load=load, version=version, preloaded=False)


_ALIKE = ("agnhost", "pause", "redis", "etcd")
"""What is inside is the same whatever the version; it asks its system for that."""


def _version(tags: Mapping[str, Any], tag: str) -> str | None:
    """The version that a tag means; None where there is no such tag."""
    words: Mapping[str, str] = tags["words"]
    if tag in words:
        return words[tag]
    head, dash, variant = tag.partition("-")
    variants = tags.get("variants", ())
    if not head[:1].isdigit() and head not in words and any(re.fullmatch(one, tag) for one in variants):
        return words.get("latest")
    if dash and not any(re.fullmatch(one, variant) for one in variants):
        return None
    return words.get(head) or _number(tags, head.removeprefix("v"))


def _number(tags: Mapping[str, Any], text: str) -> str | None:
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4}){0,2}", text):
        return None
    parts, patches = text.split("."), tags["patches"]
    line = ".".join(parts[:2])
    if len(parts) == 3:
        return text if int(parts[2]) <= patches.get(line, -1) else None
    if len(parts) == 1:
        lines = [one for one in patches if one.startswith(f"{text}.")]
        line = max(lines, key=lambda one: int(one.partition(".")[2]), default="")
    elif int(parts[1]) <= tags.get("lines", {}).get(parts[0], -1):
        return text
    return f"{line}.{patches[line]}" if line in patches and not tags.get("exact") else None


def _standing_in(name: str, full: str, tag: str) -> Image | None:
    ports = stand_ins().get(name)
    official = name.startswith("docker.io/library/")
    if ports is None or (official and not _OFFICIAL_TAG.fullmatch(tag)):
        return None
    return Image(
        name=full,
        size=60_000_000,
        digest=_made_up(full),
        load=lambda: _stand_in(full, ports),
        entrypoint=(STAND_IN_PROGRAM,),
        preloaded=False,
        stand_in=True,
    )


_OFFICIAL_TAG = re.compile(
    r"v?\d[\w.-]*|(latest|stable|edge|main|master|lts|alpine|slim|nightly|dev|buster|bullseye|bookworm|trixie|jdk|jre|apache"
    r"|fpm|cli|community|management|debug|base|current|temurin|eclipse-temurin|mainline|unstable|experimental|testing|sid"
    r"|stream|rolling|light|oss|enterprise|dind|git|windowsservercore|nanoserver|leap|tumbleweed|rc)([.-][\w.-]+)?"
)
"""Tags as Docker's official images have them: which each has is not known here, but `latst` is none of them."""


def near(reference: Reference) -> str:
    """What there is in place of an image that is not: the tags of that name, or of the nearest, or what nodes have.

    Short enough for an event, and in no language: `nginx:1.7–1.29, latest, stable`.
    """
    tags = {name.removeprefix("docker.io/library/"): words for name, words in simulated().items()}
    last = {name.rpartition("/")[2]: name for name in tags}
    asked = _canonical(reference.name).removeprefix("docker.io/library/")
    closest = asked if asked in tags else last.get(nearest(asked.rpartition("/")[2], last), "")
    if closest:
        return f"{closest}:{tags[closest].replace(' to ', '–')}"
    return ", ".join(image.name.removeprefix("docker.io/library/") for image in all_images() if image.preloaded)
