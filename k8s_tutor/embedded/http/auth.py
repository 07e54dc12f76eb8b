"""Who is asking: client certificate, token, impersonation; and who guards the core."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import ssl
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from k8s_tutor.api.protocol import Request, Response, failure
from k8s_tutor.embedded.core import ADMIN, ServerAnswer, User
from k8s_tutor.embedded.http.authority import Authority, make_subject

__all__ = [
    "ANONYMOUS",
    "Caller",
    "Certificate",
    "CoreAccess",
    "Credentials",
    "Guard",
    "Headers",
    "is_local",
    "refuse_credentials",
    "refuse_host",
]


# ---- Who is asking: client certificate, bearer token, impersonation. What they may is the API server's business
#
# Words and codes as the real API server's (kubernetes.io/docs/reference/access-authn-authz/authentication).

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


def refuse_credentials() -> Response:
    """401, for wrong credentials."""
    return Response(401, failure(401, "Unauthorized", "Unauthorized"))


def refuse_host(host: str) -> Response:
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


# ---- By what the server is known and who may come in: a server certificate, a client certificate, a token


@dataclass(frozen=True, slots=True)
class Credentials:
    """PEM texts, and the administrator's bearer token."""

    ca: bytes
    server: bytes
    server_key: bytes = field(repr=False)
    client: bytes
    client_key: bytes = field(repr=False)
    token: str = field(repr=False)

    @classmethod
    def make(cls, authority: Authority) -> Credentials:
        """New ones, signed by `authority`."""
        server = authority.issue(
            make_subject("kube-apiserver"),
            ExtendedKeyUsageOID.SERVER_AUTH,
            [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))],
        )
        client = authority.issue(make_subject(ADMIN.name, ADMIN.groups[:1]), ExtendedKeyUsageOID.CLIENT_AUTH, [])
        return cls(authority.certificate, *server, *client, token=secrets.token_urlsafe(32))

    def server_context(self) -> ssl.SSLContext:
        """TLS for the server; a client certificate is welcome but not needed."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=self.ca.decode())
        context.verify_mode = ssl.CERT_OPTIONAL
        self.install(context)
        return context

    def install(self, context: ssl.SSLContext) -> None:
        """Has a context that is in use know by, and be known by, these from now on."""
        context.load_verify_locations(cadata=self.ca.decode())
        # Python's ssl reads a key from a file only; the folder is private (0700) and gone at once.
        with tempfile.TemporaryDirectory(prefix="k8s-tutor-") as folder:
            chain = Path(folder) / "server.pem"
            chain.write_bytes(self.server + self.server_key)
            context.load_cert_chain(chain)


# ---- What the HTTP server needs from whoever guards the core


class CoreAccess(Protocol):
    """The core, as a thread outside it may touch it."""

    def authenticate(self, token: str) -> User | None:
        """Whose bearer token this is; None for nobody's."""
        ...

    def handle(self, request: Request, user: User, acting_as: User | None = None) -> ServerAnswer:
        """Answers one request with the core held; see `ApiHandler.handle`."""
        ...

    def now(self) -> float:
        """The cluster's time, seconds since the epoch."""
        ...

    def patient(self) -> bool:
        """Whether `handle` may wait for servers outside, who may themselves ask here meanwhile."""
        ...

    def hold(self) -> AbstractContextManager[None]:
        """The core held: for everything done to a feed or a session. What they push arrives with the core held."""
        ...

    def outsider(self) -> AbstractContextManager[None]:
        """Entered while a stream to another program is open, so that its time can pass."""
        ...
