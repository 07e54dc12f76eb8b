"""`registry.k8s.io/pause`: holds a pod's namespaces open and does nothing until told to stop."""

from __future__ import annotations

from k8s_tutor.embedded.images.image import Contents
from k8s_tutor.embedded.images.program import Forever, Interrupted, Program, System

__all__ = ["contents", "pause"]


def pause(system: System) -> Program:
    """Sleeps until INT or TERM, then exits 0."""
    system.catch("INT", "TERM")
    try:
        yield Forever()
    except Interrupted:
        system.err("Shutting down, got signal: Terminated\n")
    return 0


def contents() -> Contents:
    """What is inside the image."""
    return Contents({"/pause": pause})
