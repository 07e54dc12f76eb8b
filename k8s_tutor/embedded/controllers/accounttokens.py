"""Secrets of type `kubernetes.io/service-account-token`: filled with a token, gone when their account is."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import ClassVar

from k8s_tutor.embedded.actions import Delete, Update
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled
from k8s_tutor.embedded.controllers.trust import Trust
from k8s_tutor.embedded.controllers.view import View
from k8s_tutor.embedded.store import Change
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["AccountTokensController"]

TYPE = "kubernetes.io/service-account-token"
NAME, UID = "kubernetes.io/service-account.name", "kubernetes.io/service-account.uid"


class AccountTokensController:
    """Nobody has to ask for such a token again, and it never ends: TokenRequest is how it is done today.

    Args:
        trust: Makes the tokens.
    """

    name: ClassVar[str] = "serviceaccount-token-controller"
    watches: ClassVar[tuple[str, ...]] = ("secrets", "serviceaccounts")

    def __init__(self, trust: Trust) -> None:
        self._trust = trust

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The Secret; those of an account that comes or goes."""
        if change.resource == "secrets":
            return (metadata.key(change.obj),) if change.obj.get("type") == TYPE else ()
        if change.type == "MODIFIED":
            return ()
        secrets = view.list("secrets", metadata.namespace(change.obj))
        name = metadata.name(change.obj)
        return [metadata.key(one) for one in secrets if one.get("type") == TYPE and _account(one) == name]

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Fills in what is missing, or deletes a Secret whose account is not there."""
        secret = view.get("secrets", key.namespace, key.name)
        if secret is None or secret.get("type") != TYPE or metadata.is_deleting(secret) or self._trust.token is None:
            return NOTHING_TO_DO
        account = view.get("serviceaccounts", key.namespace, _account(secret))
        uid = metadata.annotations(secret).get(UID, "")
        if account is None or (uid and uid != metadata.uid(account)):
            return Reconciled([Delete(secret)], (f"The account {_account(secret)} is not there: delete the Secret.",))
        filled = _filled(secret, account, self._trust.certificate, self._trust.token)
        if filled == secret:
            return Reconciled(analysis=("It holds its account's token.",))
        return Reconciled([Update(filled)], ("It has no token yet: fill it in.",))


def _account(secret: Obj) -> str:
    return metadata.annotations(secret).get(NAME, "")


def _filled(secret: Obj, account: Obj, certificate: str, token: Callable[[Obj, Obj], str]) -> Obj:
    data = dict(secret.get("data") or {})
    data |= {"ca.crt": _encoded(certificate), "namespace": _encoded(metadata.namespace(secret))}
    if not data.get("token"):
        data["token"] = _encoded(token(secret, account))
    annotations = {**metadata.annotations(secret), UID: metadata.uid(account)}
    return {**secret, "metadata": {**secret["metadata"], "annotations": annotations}, "data": data}


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
