"""EndpointSlices: the lists of addresses behind a Service.

See kubernetes.io/docs/concepts/services-networking/endpoint-slices.
"""

from __future__ import annotations

from collections.abc import Iterable

from k8s_tutor.objects.types import Obj

__all__ = ["SERVICE_NAME", "ready"]

SERVICE_NAME = "kubernetes.io/service-name"
"""The label by which a slice says whose it is."""


def ready(slices: Iterable[Obj]) -> int:
    """How many endpoints are ready; a pod in the slices of both address families counts once."""
    return len(
        {_identity(endpoint) for piece in slices for endpoint in piece.get("endpoints") or () if _ready(endpoint)}
    )


def _ready(endpoint: Obj) -> bool:
    says = (endpoint.get("conditions") or {}).get("ready")
    return says is not False  # nil means ready, see EndpointConditions in the API reference


def _identity(endpoint: Obj) -> str:
    uid = (endpoint.get("targetRef") or {}).get("uid")
    return str(uid or next(iter(endpoint.get("addresses") or ()), ""))
