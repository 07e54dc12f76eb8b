"""Kinds that are on their way out, and what the API server says to whoever uses them."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.versions import VersionedKind
from k8s_tutor.objects.kinds import Kind

__all__ = ["deprecation"]

_WORDS = {
    ("v1", "ComponentStatus"): "v1 ComponentStatus is deprecated in v1.19+",
    ("v1", "Endpoints"): "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
}


def deprecation(kind: Kind) -> str:
    """The warning for a kind, `""` for those that stay."""
    if isinstance(kind, VersionedKind):
        return kind.deprecated
    return _WORDS.get((kind.api_version, kind.kind), "")
