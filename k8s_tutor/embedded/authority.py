"""The cluster's certificate authority: signs the server's certificate and its users'. Made afresh for each cluster."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["Authority", "subject"]

_LIFETIME = timedelta(days=30)
_CLOCK_SKEW = timedelta(hours=1)


class Authority:
    """A certificate and its key, which never leaves this object. Elliptic-curve keys: made in a millisecond.

    Args:
        now: Wall time, seconds since the epoch: what is signed is valid from then on, as long as a cluster may live.

    Attributes:
        secret: What nobody outside knows; the key that signs ServiceAccounts' tokens follows from it.
    """

    def __init__(self, now: float) -> None:
        self.secret = secrets.token_bytes(32)
        self._now = datetime.fromtimestamp(now, UTC)
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "k8s-tutor embedded cluster")])
        self._certificate = (
            self._builder(name, name, self._key.public_key(), _LIFETIME)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(sign_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def certificate(self) -> bytes:
        """PEM, by which others know what it has signed."""
        return self._certificate.public_bytes(Encoding.PEM)

    def issue(
        self, name: x509.Name, usage: x509.ObjectIdentifier, names: Sequence[x509.GeneralName]
    ) -> tuple[bytes, bytes]:
        """A certificate and its key, as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        pem = self._signed(name, key.public_key(), usage, names, _LIFETIME)
        return pem, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, request: bytes, seconds: float | None = None) -> bytes:
        """A client's certificate (PEM) for a request (PEM, PKCS #10): the same subject, the same key.

        Args:
            request: Whose name is taken as it is: somebody has approved it.
            seconds: How long it is to be valid, at most as long as the authority itself.

        Raises:
            ValueError: it is no request, or not signed by its own key.
        """
        asked = x509.load_pem_x509_csr(request)
        if not asked.is_signature_valid:
            raise ValueError("the request's signature is not that of its key")
        lifetime = _LIFETIME if seconds is None else min(_LIFETIME, timedelta(seconds=seconds))
        return self._signed(asked.subject, asked.public_key(), ExtendedKeyUsageOID.CLIENT_AUTH, (), lifetime)

    def _signed(
        self,
        name: x509.Name,
        key: CertificatePublicKeyTypes,
        usage: x509.ObjectIdentifier,
        names: Sequence[x509.GeneralName],
        lifetime: timedelta,
    ) -> bytes:
        builder = (
            self._builder(name, self._certificate.subject, key, lifetime)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(sign_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            # Python 3.13's default context (VERIFY_X509_STRICT) refuses a certificate without it
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _builder(
        self, name: x509.Name, issuer: x509.Name, key: CertificatePublicKeyTypes, lifetime: timedelta
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - _CLOCK_SKEW)
            .not_valid_after(self._now + lifetime)
        )


def subject(name: str, groups: Sequence[str] = ()) -> x509.Name:
    """A user and its groups as Kubernetes reads them from a certificate: CN and O."""
    organizations = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*organizations, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )
