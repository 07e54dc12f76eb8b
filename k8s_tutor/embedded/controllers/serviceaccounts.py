"""ServiceAccounts: each namespace's `default`, their token Secrets, and the authority's certificate."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from k8s_tutor.embedded.actions import Create, Delete, Update
from k8s_tutor.embedded.controllers.controller import NOTHING_TO_DO, Reconciled, View
from k8s_tutor.embedded.store import Change
from k8s_tutor.language import msg
from k8s_tutor.objects import metadata
from k8s_tutor.objects.metadata import Key
from k8s_tutor.objects.types import Obj

__all__ = ["AccountTokensController", "RootCAPublisher", "ServiceAccountController", "Signing"]


# ---- ServiceAccounts: each namespace has one called `default`


class ServiceAccountController:
    """Makes the account that pods run as when they name none, and makes it again when it is deleted."""

    name: ClassVar[str] = "service-account-controller"
    watches: ClassVar[tuple[str, ...]] = ("namespaces", "serviceaccounts")

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The namespace."""
        if change.resource == "namespaces":
            return () if change.type == "DELETED" else (Key("", metadata.name(change.obj)),)
        return (Key("", metadata.namespace(change.obj)),) if change.type == "DELETED" else ()

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Creates `default` where it is missing."""
        namespace = view.get("namespaces", "", key.name)
        if namespace is None or metadata.is_deleting(namespace):
            return Reconciled(analysis=(msg("The namespace ends."),))
        if view.get("serviceaccounts", key.name, "default") is not None:
            return Reconciled(analysis=(msg("It has its default account."),))
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": key.name}}
        return Reconciled([Create(account)], (msg("It has no default account: create it."),))


# ---- What the controllers need to vouch for others: the authority's certificate, its signature, tokens


@dataclass(frozen=True, slots=True)
class Signing:
    """All of it may be missing: of a cluster that nobody reaches through TLS.

    Attributes:
        certificate: PEM of the certificate authority; `""` where there is none.
        sign: A client's certificate (PEM) for a request (PEM) and the seconds it asks for; ValueError for a bad one.
        token: The token for a Secret and the ServiceAccount it names.
    """

    certificate: str = ""
    sign: Callable[[bytes, float | None], bytes] | None = None
    token: Callable[[Obj, Obj], str] | None = None


# ---- Secrets of type `kubernetes.io/service-account-token`: filled with a token, gone when their account is

TYPE = "kubernetes.io/service-account-token"
NAME, UID = "kubernetes.io/service-account.name", "kubernetes.io/service-account.uid"


class AccountTokensController:
    """Nobody has to ask for such a token again, and it never ends: TokenRequest is how it is done today.

    Args:
        signing: Makes the tokens.
    """

    name: ClassVar[str] = "serviceaccount-token-controller"
    watches: ClassVar[tuple[str, ...]] = ("secrets", "serviceaccounts")

    def __init__(self, signing: Signing) -> None:
        self._signing = signing

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
        if secret is None or secret.get("type") != TYPE or metadata.is_deleting(secret) or self._signing.token is None:
            return NOTHING_TO_DO
        account = view.get("serviceaccounts", key.namespace, _account(secret))
        uid = metadata.annotations(secret).get(UID, "")
        if account is None or (uid and uid != metadata.uid(account)):
            return Reconciled(
                [Delete(secret)],
                (msg("The account {account} is not there: delete the Secret.", account=_account(secret)),),
            )
        filled = _filled(secret, account, self._signing.certificate, self._signing.token)
        if filled == secret:
            return Reconciled(analysis=(msg("It holds its account's token."),))
        return Reconciled([Update(filled)], (msg("It has no token yet: fill it in."),))


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


# ---- kube-root-ca.crt: in each namespace, the certificate by which pods know the API server

CONFIG_MAP = "kube-root-ca.crt"
DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    "clusters."
)
NO_CERTIFICATE = (
    "# Nothing is encrypted inside this simulated cluster: pods need no certificate to reach the API server.\n"
)


class RootCAPublisher:
    """Writes the same ConfigMap into each namespace, and puts it right when somebody changes it.

    Args:
        certificate: PEM; `""` where the cluster has none.
    """

    name: ClassVar[str] = "root-ca-cert-publisher"
    watches: ClassVar[tuple[str, ...]] = ("namespaces", "configmaps")

    def __init__(self, certificate: str = "") -> None:
        self._data = {"ca.crt": certificate or NO_CERTIFICATE}

    def keys_for(self, change: Change, view: View) -> Iterable[Key]:
        """The namespace; a ConfigMap only if it is this one."""
        if change.resource == "namespaces":
            return () if change.type == "DELETED" else (Key("", metadata.name(change.obj)),)
        return (Key("", metadata.namespace(change.obj)),) if metadata.name(change.obj) == CONFIG_MAP else ()

    def reconcile(self, view: View, key: Key, now: float) -> Reconciled:
        """Creates or mends the ConfigMap."""
        namespace = view.get("namespaces", "", key.name)
        if namespace is None or metadata.is_deleting(namespace):
            return Reconciled(analysis=(msg("The namespace ends."),))
        existing = view.get("configmaps", key.name, CONFIG_MAP)
        if existing is None:
            meta: Obj = {"name": CONFIG_MAP, "namespace": key.name}
            meta["annotations"] = {"kubernetes.io/description": DESCRIPTION}
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": self._data}
            return Reconciled([Create(body)], (msg("The certificate is not published here: create it."),))
        if existing.get("data") != self._data:
            return Reconciled([Update({**existing, "data": self._data})], (msg("Somebody changed it: put it right."),))
        return Reconciled(analysis=(msg("It is published."),))
