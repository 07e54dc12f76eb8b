"""`registry.k8s.io/pause`: holds a pod's namespaces open and does nothing until told to stop."""

from __future__ import annotations

from collections.abc import Iterator

from k8s_tutor.embedded.images.image import Image
from k8s_tutor.embedded.images.program import Forever, Interrupted, Program, System

__all__ = ["images", "pause"]


def pause(system: System) -> Program:
    """Sleeps until INT or TERM, then exits 0."""
    system.catch("INT", "TERM")
    try:
        yield Forever()
    except Interrupted:
        system.err("Shutting down, got signal: Terminated\n")
    return 0


def images() -> Iterator[Image]:
    """The tags of this image."""
    yield Image(
        name="registry.k8s.io/pause:3.10.2",
        size=694309,
        digest="sha256:bb1804f6e3871ee8774e71d85c773725b472a89cbe433a969c1e52fd5650a6b0",
        programs={"/pause": pause},
        entrypoint=("/pause",),
    )
