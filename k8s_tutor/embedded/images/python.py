"""`python:3.11-slim`: in the catalogue so that it can be named; Python itself is not simulated in containers."""

from __future__ import annotations

from functools import cache

from k8s_tutor.embedded.images import busybox
from k8s_tutor.embedded.images.image import Contents
from k8s_tutor.embedded.images.program import System, instant

__all__ = ["contents"]

_WORDS = "the embedded cluster does not simulate Python inside containers; run this Pod on a kind cluster\n"


@instant
def _python(system: System) -> int:
    system.err(f"{system.args[0]}: {_WORDS}")
    return 127


@cache
def contents() -> Contents:
    """What is inside the image."""
    names = ("python", "python3", "pip", "pip3")
    return Contents({**busybox.programs(), **{f"/usr/local/bin/{name}": _python for name in names}}, busybox.FILES)
