"""`python:3.11-slim`: in the catalogue so that it can be named; Python itself is not simulated in containers."""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.embedded.images import busybox
from k8s_tutor.embedded.images.image import Image
from k8s_tutor.embedded.images.program import System, instant

__all__ = ["images"]

_WORDS = "the embedded cluster does not simulate Python inside containers; run this Pod on a kind cluster\n"


@instant
def _python(system: System) -> int:
    system.err(f"{system.args[0]}: {_WORDS}")
    return 127


def images() -> Iterator[Image]:
    """One tag."""
    names = ("python", "python3", "pip", "pip3")
    yield Image(
        name="docker.io/library/python:3.11-slim",
        size=44_500_000,
        digest="sha256:f0811ef636d6f0811ef636d6f0811ef636d6f0811ef636d6f0811ef636d6f081",
        programs={**busybox.programs(), **{f"/usr/local/bin/{name}": _python for name in names}},
        cmd=("python3",),
        files=busybox.FILES,
        preloaded=False,
    )
