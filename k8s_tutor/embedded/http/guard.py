"""Who is asking: client certificate, bearer token, impersonation. What they may is the API server's business.

Words and codes as the real API server's (kubernetes.io/docs/reference/access-authn-authz/authentication).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import unquote

from k8s_tutor.api.protocol import Response
from k8s_tutor.api.status import failure
from k8s_tutor.embedded.core import ADMIN, User

__all__ = ["ANONYMOUS", "Caller", "Certificate", "Guard", "Headers", "is_local", "misdirected", "unauthorized"]

ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))
_AUTHENTICATED = "system:authenticated"
_CREDENTIAL = "authentication.kubernetes.io/credential-id"
_EXTRA = "impersonate-extra-"
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", ""})


class Headers(Protocol):
    """A request's headers; names in any case, several of a name."""

    def get(self, key: str, default: str, /) -> str:
        """The first of a name."""
        ...

    def getall(self, key: str, default: list[str], /) -> list[str]:
        """All of a name."""
        ...

    def items(self) -> Iterable[tuple[str, str]]:
        """All, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Certificate:
    """A client certificate that the TLS layer has found to be of our authority, and in time.

    Attributes:
        fields: As Python's `ssl` reads them.
        der: The certificate itself.
    """

    fields: Mapping[str, Any] = field(compare=False)
    der: bytes


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request, and whom they wish to be for it."""

    user: User
    acting_as: User | None = None


@dataclass(frozen=True)
class Guard:
    """Tells users from their requests.

    Attributes:
        token: The administrator's bearer token.
        bearer: Other tokens: a ServiceAccount's; None for one nobody issued.
    """

    token: str
    bearer: Callable[[str], User | None] = lambda _: None

    def caller(self, headers: Headers, certificate: Certificate | None) -> Caller | None:
        """Who calls, `ANONYMOUS` for a request without credentials; None for one with wrong ones."""
        user = _of_certificate(certificate) if certificate else self._of_header(headers.get("Authorization", ""))
        return None if user is None else Caller(user, _wish(headers))

    def _of_header(self, header: str) -> User | None:
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            return ANONYMOUS  # as the real server: a scheme it has no authenticator for is no credential
        ours = hmac.compare_digest(token.encode("utf-8", "surrogateescape"), self.token.encode())
        return ADMIN if ours else self.bearer(token)


def is_local(host: str) -> bool:
    """Whether a Host header names this machine: a page that rebinds its own name to 127.0.0.1 does not."""
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    return name.lower() in _LOCAL_NAMES


def unauthorized() -> Response:
    """401, for wrong credentials."""
    return Response(401, failure(401, "Unauthorized", "Unauthorized"))


def misdirected(host: str) -> Response:
    """For a Host header that is not ours."""
    message = f'host "{host}" is not this cluster\'s: it answers on 127.0.0.1 and localhost only'
    return Response(403, failure(403, "Forbidden", message))


@lru_cache(maxsize=64)
def _of_certificate(certificate: Certificate) -> User | None:
    pairs = [pair for part in certificate.fields.get("subject", ()) for pair in part]
    name = next((value for key, value in pairs if key == "commonName"), "")
    groups = [value for key, value in pairs if key == "organizationName"]
    if not name:
        return None
    proof = f"X509SHA256={hashlib.sha256(certificate.der).hexdigest()}"
    return User(name, (*groups, _AUTHENTICATED), extra=((_CREDENTIAL, (proof,)),))


def _wish(headers: Headers) -> User | None:
    """Whom the sender wants to be (`kubectl --as`); None for nobody else."""
    name, uid = headers.get("Impersonate-User", ""), headers.get("Impersonate-Uid", "")
    groups = tuple(headers.getall("Impersonate-Group", []))
    extra: dict[str, tuple[str, ...]] = {}
    for header, value in headers.items():
        if header.lower().startswith(_EXTRA):
            key = unquote(header.lower().removeprefix(_EXTRA))
            extra[key] = (*extra.get(key, ()), value)
    return User(name, groups, uid, tuple(extra.items())) if name or uid or groups or extra else None
