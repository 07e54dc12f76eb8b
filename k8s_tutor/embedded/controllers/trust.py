"""What the controllers need to vouch for others: the authority's certificate, its signature, tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from k8s_tutor.objects.types import Obj

__all__ = ["Trust"]


@dataclass(frozen=True, slots=True)
class Trust:
    """All of it may be missing: of a cluster that nobody reaches through TLS.

    Attributes:
        certificate: PEM of the certificate authority; `""` where there is none.
        sign: A client's certificate (PEM) for a request (PEM) and the seconds it asks for; ValueError for a bad one.
        token: The token for a Secret and the ServiceAccount it names.
    """

    certificate: str = ""
    sign: Callable[[bytes, float | None], bytes] | None = None
    token: Callable[[Obj, Obj], str] | None = None
