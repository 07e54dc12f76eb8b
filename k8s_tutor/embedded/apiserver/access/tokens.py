"""ServiceAccount tokens: made with their claims, and told from forgeries, leftovers and those meant for others.

Source: pkg/serviceaccount/{claims,legacy,jwt}.go of k8s.io/kubernetes (1.37), checked against a real server.
"""

from __future__ import annotations

import base64
import hashlib
import json
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from k8s_tutor.api.protocol import StatusError, failure
from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.apiserver.access.identities import AUTHENTICATED, group_names, user_name
from k8s_tutor.embedded.apiserver.fielderrors import quoted
from k8s_tutor.embedded.core import Signer, User, new_uid
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

__all__ = ["AUDIENCE", "BadSignature", "InvalidToken", "Proven", "TokenKey", "Tokens", "claims_of", "legacy_token"]


# ---- JSON Web Tokens as the API server makes them for ServiceAccounts: ES256, in compact form (RFC 7515, 7518, 7519)

_WRONG = "go-jose/go-jose: error in cryptographic primitive"
_NO_KEY = "invalid signature, no keys found"
_BYTES = 32  # of each of the two numbers of a public key, and of a signature


class BadSignature(Exception):
    """A token that this key has not signed; the message is go-jose's."""


class TokenKey:
    """Makes and checks tokens with a key that somebody else keeps."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    @cached_property
    def id(self) -> str:
        """The key's name in a token: a hash of its public half."""
        return _encoded(hashlib.sha256(self._signer.public_key).digest())

    def sign(self, claims: Obj) -> str:
        """A token with these claims."""
        body = f"{_json({'alg': 'ES256', 'kid': self.id})}.{_json(claims)}"
        return f"{body}.{_encoded(self._signer.sign(body.encode()))}"

    def check(self, token: str) -> None:
        """Whether this key has signed a token in compact form.

        Raises:
            BadSignature: it has not.
        """
        body, _, signature = token.rpartition(".")
        try:
            header = json.loads(_decoded(body.partition(".")[0]))
            raw = _decoded(signature)
        except ValueError:
            raise BadSignature(_NO_KEY) from None
        if not isinstance(header, dict) or header.get("kid", self.id) != self.id:
            raise BadSignature(_NO_KEY)
        if header.get("alg") != "ES256" or not self._signer.verify(body.encode(), raw):
            raise BadSignature(_WRONG)

    def public(self) -> Obj:
        """The public half as a JSON Web Key (RFC 7517)."""
        point = self._signer.public_key[-2 * _BYTES :]
        x, y = _encoded(point[:_BYTES]), _encoded(point[_BYTES:])
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


# ---- ServiceAccount tokens: made with their claims, and told from forgeries, leftovers and those meant for others

AUDIENCE = "https://kubernetes.default.svc.cluster.local"
_LEGACY_ISSUER = "kubernetes/serviceaccount"
_LEGACY = "kubernetes.io/serviceaccount/"
_EXTRA = "authentication.kubernetes.io/"
_LEEWAY = 60.0  # seconds for which what is being deleted still counts


class InvalidToken(Exception):
    """A token that proves nothing; the message is the server's, `""` where it is nobody's at all."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What a token proves.

    Attributes:
        user: Whose it is.
        audiences: Those asked for that it is meant for.
        secret: Where it was found, of a token that never ends.
    """

    user: User
    audiences: tuple[str, ...]
    secret: Obj | None = None


class Tokens:
    """Makes and reads the tokens of one cluster.

    Args:
        store: Which accounts, pods and secrets there are.
        key: Signs them; None where nobody does: then none are made, and none are anybody's.
        seed: Their ids follow from it.
    """

    def __init__(self, store: Store, key: TokenKey | None, seed: int) -> None:
        self._store = store
        self._random = Random(seed)
        self._static: dict[str, User] = {}
        self.key = key

    def know(self, token: str, user: User) -> None:
        """From now on this token is `user`'s, for ever: what `--token-auth-file` does for a real server."""
        self._static[token] = user

    def issue(self, claims: Obj) -> str:
        """A token with an id of its own.

        Raises:
            StatusError: 501: nobody signs.
        """
        if self.key is None:
            words = "this cluster was started without a key that signs tokens: ServiceAccounts have none here"
            raise StatusError(failure(501, "NotImplemented", words))
        return self.key.sign(dict(sorted({**claims, "iss": AUDIENCE, "jti": new_uid(self._random)}.items())))

    def read(self, token: str, audiences: Sequence[str], now: float) -> Proven:
        """What a token proves to `audiences`.

        Raises:
            InvalidToken: nothing.
        """
        if token in self._static:
            if AUDIENCE not in audiences:
                raise InvalidToken
            return Proven(self._static[token], (AUDIENCE,))
        claims = claims_of(token)
        if claims is None or claims.get("iss") not in (AUDIENCE, _LEGACY_ISSUER):
            raise InvalidToken
        if self.key is None:
            raise InvalidToken(_NO_KEY)
        try:
            self.key.check(token)
        except BadSignature as error:
            raise InvalidToken(str(error)) from None
        meant = claims.get("aud") or [AUDIENCE]
        met = tuple(one for one in meant if one in audiences)
        if not met:
            words = f"token audiences {_strings(meant)} is invalid for the target audiences {_strings(audiences)}"
            raise InvalidToken(words)
        if claims["iss"] == _LEGACY_ISSUER:
            return self._legacy(claims, met)
        _check_times(claims, now)
        return Proven(self._user(claims, now), met)

    def _user(self, claims: Obj, now: float) -> User:
        private = claims["kubernetes.io"]
        namespace, account = private["namespace"], private["serviceaccount"]
        self._check_account(namespace, account, now)
        for kind, resource in (("secret", "secrets"), ("pod", "pods")):
            if bound := private.get(kind):
                self._check_bound(resource, namespace, bound, now)
        node, pod = private.get("node"), private.get("pod")
        if node and not pod:
            self._check_bound("nodes", "", node, now)
        extra = {f"{_EXTRA}credential-id": f"JTI={claims['jti']}"}
        for kind, bound in (("node", node), ("pod", pod)):
            if bound:
                extra |= {f"{_EXTRA}{kind}-name": bound["name"], f"{_EXTRA}{kind}-uid": bound["uid"]}
        return _account_user(namespace, account, tuple((key, (value,)) for key, value in extra.items()))

    def _legacy(self, claims: Obj, audiences: tuple[str, ...]) -> Proven:
        part = {key.removeprefix(_LEGACY): value for key, value in claims.items() if key.startswith(_LEGACY)}
        namespace, secret = part["namespace"], self._store.get("secrets", part["namespace"], part["secret.name"])
        if secret is None or "deletionTimestamp" in secret["metadata"]:
            raise InvalidToken("service account token has been invalidated")
        account = {"name": part["service-account.name"], "uid": part["service-account.uid"]}
        self._check_account(namespace, account, 0)
        return Proven(_account_user(namespace, account, ()), audiences, secret)

    def _check_account(self, namespace: str, claimed: Obj, now: float) -> None:
        account = self._store.get("serviceaccounts", namespace, claimed["name"])
        if account is None:
            raise InvalidToken(f"serviceaccounts {quoted(claimed['name'])} not found")
        uid = account["metadata"]["uid"]
        if uid != claimed["uid"]:
            raise InvalidToken(f"service account UID ({uid}) does not match claim ({claimed['uid']})")
        if _is_past(account, now):
            raise InvalidToken(f"service account {namespace}/{claimed['name']} has been deleted")

    def _check_bound(self, resource: str, namespace: str, claimed: Obj, now: float) -> None:
        bound = self._store.get(resource, namespace, claimed["name"])
        if bound is None or _is_past(bound, now):
            raise InvalidToken("service account token has been invalidated")
        if (uid := bound["metadata"]["uid"]) != claimed["uid"]:
            kind = {"pods": "pod", "secrets": "secret", "nodes": "node"}[resource]
            upper = {"pods": "pod", "secrets": "secret", "nodes": "Node"}[resource]
            upper = upper[0].upper() + upper[1:]
            raise InvalidToken(
                f"{upper} UID ({uid}) does not match service account {kind} ref claim ({claimed['uid']})"
            )


def legacy_token(key: TokenKey, secret: Obj, account: Obj) -> str:
    """The token of a Secret of type `kubernetes.io/service-account-token`, which never ends."""
    metadata = account["metadata"]
    return key.sign(
        {
            "iss": _LEGACY_ISSUER,
            f"{_LEGACY}namespace": metadata["namespace"],
            f"{_LEGACY}secret.name": secret["metadata"]["name"],
            f"{_LEGACY}service-account.name": metadata["name"],
            f"{_LEGACY}service-account.uid": metadata["uid"],
            "sub": user_name(metadata["namespace"], metadata["name"]),
        }
    )


def _account_user(namespace: str, account: Obj, extra: tuple[tuple[str, tuple[str, ...]], ...]) -> User:
    groups = (*group_names(namespace), AUTHENTICATED)
    return User(user_name(namespace, account["name"]), groups, account["uid"], extra)


def _check_times(claims: Obj, now: float) -> None:
    if now > claims["exp"] + _LEEWAY:
        raise InvalidToken("service account token has expired")
    if now < claims["nbf"] - _LEEWAY:
        raise InvalidToken("service account token is not valid yet")


def _is_past(obj: Obj, now: float) -> bool:
    when = obj["metadata"].get("deletionTimestamp")
    return when is not None and from_rfc3339(when) < now - _LEEWAY


def _strings(values: Sequence[str]) -> str:
    return f"[{' '.join(map(quoted, values))}]"
