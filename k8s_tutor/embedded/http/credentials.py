"""By what the server is known and who may come in: a server certificate, a client certificate, a token."""

from __future__ import annotations

import ipaddress
import secrets
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from k8s_tutor.embedded.authority import Authority, subject
from k8s_tutor.embedded.core import ADMIN

__all__ = ["Credentials"]


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
            subject("kube-apiserver"),
            ExtendedKeyUsageOID.SERVER_AUTH,
            [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))],
        )
        client = authority.issue(subject(ADMIN.name, ADMIN.groups[:1]), ExtendedKeyUsageOID.CLIENT_AUTH, [])
        return cls(authority.certificate, *server, *client, token=secrets.token_urlsafe(32))

    def server_context(self) -> ssl.SSLContext:
        """TLS for the server; a client certificate is welcome but not needed."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=self.ca.decode())
        context.verify_mode = ssl.CERT_OPTIONAL
        # Python's ssl reads a key from a file only; the folder is private (0700) and gone at once.
        with tempfile.TemporaryDirectory(prefix="k8s-tutor-") as folder:
            chain = Path(folder) / "server.pem"
            chain.write_bytes(self.server + self.server_key)
            context.load_cert_chain(chain)
        return context
