"""Who is asking: bearer token, client certificate, impersonation; and what a stranger may see.

Words and codes as the real API server's (kubernetes.io/docs/reference/access-authn-authz/authentication).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from k8s_tutor.api.protocol import Response
from k8s_tutor.api.status import failure
from k8s_tutor.embedded.core import ADMIN, User

__all__ = ["ANONYMOUS", "Guard", "impersonated", "is_local", "misdirected", "unauthorized"]

ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))
_AUTHENTICATED = "system:authenticated"
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", ""})


@dataclass(frozen=True)
class Guard:
    """Tells users from their requests.

    Attributes:
        token: The administrator's bearer token.
        bearer: Other tokens: a ServiceAccount's; None for one nobody issued.
    """

    token: str
    bearer: Callable[[str], User | None] = lambda _: None

    def user(self, headers: Mapping[str, str], certificate: Mapping[str, Any] | None) -> User | None:
        """The user, `ANONYMOUS` for a request without credentials, None for one with wrong ones."""
        if certificate:
            return _of_certificate(certificate)
        return self._of_header(headers.get("Authorization", ""))

    def _of_header(self, header: str) -> User | None:
        scheme, _, token = header.partition(" ")
        if not header:
            return ANONYMOUS
        if scheme.lower() != "bearer":
            return ANONYMOUS  # as the real server: a scheme it has no authenticator for is no credential
        token = token.strip()
        ours = hmac.compare_digest(token.encode("utf-8", "surrogateescape"), self.token.encode())
        return ADMIN if ours else self.bearer(token)


def impersonated(user: User, name: str, groups: Sequence[str]) -> User:
    """The user that `user` asked to be (`kubectl --as`), if it may: administrators may be anyone."""
    return User(name, (*groups, _AUTHENTICATED)) if name else user


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


def _of_certificate(certificate: Mapping[str, Any]) -> User | None:
    pairs = [pair for part in certificate.get("subject", ()) for pair in part]
    name = next((value for key, value in pairs if key == "commonName"), "")
    groups = [value for key, value in pairs if key == "organizationName"]
    return User(name, (*groups, _AUTHENTICATED)) if name else None
