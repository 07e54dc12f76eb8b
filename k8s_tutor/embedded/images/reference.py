"""Image names as a container runtime reads them: `nginx` means `docker.io/library/nginx:latest`.

The grammar is that of github.com/distribution/reference, the words of its errors too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["InvalidReference", "Reference", "parse"]

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[\w][\w.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")


class InvalidReference(ValueError):
    """Not an image name."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An image name, complete.

    Attributes:
        registry: `docker.io`, `ghcr.io`.
        repository: `library/nginx`.
        tag: `latest` unless given; empty where only a digest is given.
        digest: `sha256:…`, or empty.
    """

    registry: str
    repository: str
    tag: str
    digest: str = ""

    @property
    def name(self) -> str:
        """Registry and repository."""
        return f"{self.registry}/{self.repository}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.name}{tag}" + (f"@{self.digest}" if self.digest else "")


def parse(text: str) -> Reference:
    """Reads an image name as it stands in a Pod.

    Raises:
        InvalidReference: it is none; the message is the kubelet's.
    """
    rest, _, digest = text.partition("@")
    if digest and not _DIGEST.fullmatch(digest):
        raise InvalidReference("invalid reference format")
    head, slash, last = rest.rpartition("/")
    last, colon, tag = last.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise InvalidReference("invalid reference format")
    registry, repository = _split(head + slash + last)
    if repository != repository.lower():
        raise InvalidReference(f"invalid reference format: repository name ({repository}) must be lowercase")
    if not _REPOSITORY.fullmatch(repository):
        raise InvalidReference("invalid reference format")
    return Reference(registry, repository, tag or ("" if digest else "latest"), digest)


def _split(name: str) -> tuple[str, str]:
    """Registry and repository; a first part without dot, port or `localhost` belongs to Docker Hub."""
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        registry, repository = first, rest
    else:
        registry, repository = "docker.io", name
    if registry == "docker.io" and "/" not in repository:
        repository = f"library/{repository}"
    return registry, repository
