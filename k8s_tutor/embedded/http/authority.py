"""The cluster's certificate authority: signs the server's certificate and its users'. Made afresh for each cluster."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["Authority", "RememberingAuthority", "SigningKey", "make_subject"]

_LIFETIME = timedelta(days=30)
_OWN_LIFETIME = timedelta(days=3650)  # as kubeadm's: a cluster that was put away may be gone on with months later
_CLOCK_SKEW = timedelta(hours=1)


class Authority:
    """A certificate and its key. Elliptic-curve keys: made in a millisecond.

    Args:
        now: Wall time, seconds since the epoch: what is signed is valid from then on, as long as a cluster may live.
        kept: One that was there already; see `kept`.
    """

    def __init__(self, now: float, kept: bytes = b"") -> None:
        self._now = datetime.fromtimestamp(now, UTC)
        if kept:
            key = serialization.load_pem_private_key(kept, None)
            assert isinstance(key, ec.EllipticCurvePrivateKey)
            self._key, self._certificate = key, x509.load_pem_x509_certificate(kept)
            return
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "k8s-tutor embedded cluster")])
        self._certificate = (
            self._builder(name, name, self._key.public_key(), _OWN_LIFETIME)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(sign_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def certificate(self) -> bytes:
        """PEM, by which others know what it has signed."""
        return self._certificate.public_bytes(Encoding.PEM)

    @property
    def kept(self) -> bytes:
        """PEM of both, to be kept where nobody else reads it."""
        key = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key + self.certificate

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

    def read_organizations(self, request: bytes) -> list[str]:
        """See `CertificateAuthority.read_organizations`."""
        asked = x509.load_pem_x509_csr(request)
        names = asked.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        return [name.value if isinstance(name.value, str) else name.value.decode() for name in names]

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


class RememberingAuthority:
    """Signs each request once: a certificate has a random number, and who plays the same again must meet the same.

    Attributes:
        tell: Told what was signed anew: request, seconds, certificate.

    Args:
        authority: Signs.
        signed: What it has signed: certificates by request and seconds.
    """

    def __init__(self, authority: Authority, signed: Mapping[tuple[bytes, float | None], bytes] | None = None) -> None:
        self.tell: Callable[[bytes, float | None, bytes], None] = lambda *_: None
        self._authority = authority
        self._signed = dict(signed or {})
        self.read_organizations = authority.read_organizations

    @property
    def certificate(self) -> bytes:
        """See `Authority.certificate`."""
        return self._authority.certificate

    def sign(self, request: bytes, seconds: float | None = None) -> bytes:
        """See `Authority.sign`."""
        key = (request, seconds)
        if key not in self._signed:
            self._signed[key] = self._authority.sign(request, seconds)
            self.tell(request, seconds, self._signed[key])
        return self._signed[key]


def make_subject(name: str, groups: Sequence[str] = ()) -> x509.Name:
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


# ---- The key that signs ServiceAccounts' tokens. Implements `Signer`

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the group of points of P-256
_BYTES = 32  # of each of the two numbers of a signature


class SigningKey:
    """An elliptic-curve key (P-256).

    Args:
        secret: The key follows from it, so that the same secret always signs the same.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @cached_property
    def _private(self) -> ec.EllipticCurvePrivateKey:
        number = int.from_bytes(hashlib.sha512(b"k8s-tutor service accounts " + self._secret).digest())
        return ec.derive_private_key(number % (_ORDER - 1) + 1, ec.SECP256R1())

    @cached_property
    def public_key(self) -> bytes:
        """See `Signer.public_key`."""
        return self._private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, data: bytes) -> bytes:
        """See `Signer.sign`."""
        algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        r, s = utils.decode_dss_signature(self._private.sign(data, algorithm))
        return r.to_bytes(_BYTES) + s.to_bytes(_BYTES)

    def verify(self, data: bytes, signature: bytes) -> bool:
        """See `Signer.verify`."""
        if len(signature) != 2 * _BYTES:
            return False
        encoded = utils.encode_dss_signature(int.from_bytes(signature[:_BYTES]), int.from_bytes(signature[_BYTES:]))
        try:
            self._private.public_key().verify(encoded, data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True
