"""OpenAPI v2 and v3 documents, built from the same facts that decoding uses."""

from __future__ import annotations

from k8s_tutor.api.protocol import Response
from k8s_tutor.embedded.apiserver.ground import Ground

__all__ = ["answer"]


def answer(ground: Ground, path: str) -> Response | None:
    """The document at a path; None when there is none."""
    return None
