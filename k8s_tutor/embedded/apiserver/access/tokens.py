"""ServiceAccount tokens: made with their claims, and told from forgeries, leftovers and those meant for others.

Source: pkg/serviceaccount/{claims,legacy,jwt}.go of k8s.io/kubernetes (1.37), checked against a real server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from k8s_tutor.clock import from_rfc3339
from k8s_tutor.embedded.apiserver.access.accounts import AUTHENTICATED, group_names, user_name
from k8s_tutor.embedded.apiserver.access.jwt import BadSignature, SigningKey, claims_of
from k8s_tutor.embedded.apiserver.fielderrors import quoted
from k8s_tutor.embedded.apiserver.identity import new_uid
from k8s_tutor.embedded.core import User
from k8s_tutor.embedded.store import Store
from k8s_tutor.objects.types import Obj

__all__ = ["AUDIENCE", "InvalidToken", "Proven", "Tokens", "legacy_token"]

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
        key: Signs them.
        seed: Their ids follow from it.
    """

    def __init__(self, store: Store, key: SigningKey, seed: int) -> None:
        self._store = store
        self._random = Random(seed)
        self._static: dict[str, User] = {}
        self.key = key

    def know(self, token: str, user: User) -> None:
        """From now on this token is `user`'s, for ever: what `--token-auth-file` does for a real server."""
        self._static[token] = user

    def issue(self, claims: Obj) -> str:
        """A token with an id of its own."""
        return self.key.signed(dict(sorted({**claims, "iss": AUDIENCE, "jti": new_uid(self._random)}.items())))

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


def legacy_token(key: SigningKey, secret: Obj, account: Obj) -> str:
    """The token of a Secret of type `kubernetes.io/service-account-token`, which never ends."""
    metadata = account["metadata"]
    return key.signed(
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
