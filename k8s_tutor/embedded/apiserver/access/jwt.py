"""JSON Web Tokens as the API server makes them for ServiceAccounts: ES256, in compact form (RFC 7515, 7518, 7519)."""

from __future__ import annotations

import base64
import hashlib
import json
from binascii import Error as NotBase64
from functools import cached_property
from typing import TYPE_CHECKING

from k8s_tutor.objects.types import Obj

if TYPE_CHECKING:  # 70 ms to import, and not every cluster ever makes a token
    from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["BadSignature", "SigningKey", "claims_of"]

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the group of points of P-256
_WRONG = "go-jose/go-jose: error in cryptographic primitive"
_BYTES = 32  # of each of the two numbers of a signature


class BadSignature(Exception):
    """A token that this key has not signed; the message is go-jose's."""


class SigningKey:
    """An elliptic-curve key (P-256).

    Args:
        secret: The key follows from it, so that the same secret always signs the same.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @cached_property
    def _private(self) -> ec.EllipticCurvePrivateKey:
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  # see above

        number = int.from_bytes(hashlib.sha512(b"k8s-tutor service accounts " + self._secret).digest())
        return ec.derive_private_key(number % (_ORDER - 1) + 1, ec.SECP256R1())

    @cached_property
    def id(self) -> str:
        """The key's name in a token: a hash of its public half."""
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

        der = self._private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return _encoded(hashlib.sha256(der).digest())

    def signed(self, claims: Obj) -> str:
        """A token with these claims."""
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415

        body = f"{_json({'alg': 'ES256', 'kid': self.id})}.{_json(claims)}"
        algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        r, s = utils.decode_dss_signature(self._private.sign(body.encode(), algorithm))
        return f"{body}.{_encoded(r.to_bytes(_BYTES) + s.to_bytes(_BYTES))}"

    def check(self, token: str) -> None:
        """Whether this key has signed a token in compact form.

        Raises:
            BadSignature: it has not.
        """
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415

        body, _, signature = token.rpartition(".")
        try:
            header = json.loads(_decoded(body.partition(".")[0]))
            raw = _decoded(signature)
        except ValueError:
            raise BadSignature("invalid signature, no keys found") from None
        if not isinstance(header, dict) or header.get("kid", self.id) != self.id:
            raise BadSignature("invalid signature, no keys found")
        if header.get("alg") != "ES256" or len(raw) != 2 * _BYTES:
            raise BadSignature(_WRONG)
        encoded = utils.encode_dss_signature(int.from_bytes(raw[:_BYTES]), int.from_bytes(raw[_BYTES:]))
        try:
            self._private.public_key().verify(encoded, body.encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise BadSignature(_WRONG) from None

    def public(self) -> Obj:
        """The public half as a JSON Web Key (RFC 7517)."""
        numbers = self._private.public_key().public_numbers()
        x, y = (_encoded(number.to_bytes(_BYTES)) for number in (numbers.x, numbers.y))
        return {"use": "sig", "kty": "EC", "kid": self.id, "crv": "P-256", "alg": "ES256", "x": x, "y": y}


def claims_of(token: str) -> Obj | None:
    """What a token claims, unproven; None for what is no token."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(_decoded(parts[1]))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def _json(value: Obj) -> str:
    return _encoded(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except NotBase64 as error:
        raise ValueError(str(error)) from None
