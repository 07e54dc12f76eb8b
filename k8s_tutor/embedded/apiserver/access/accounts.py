"""Names of users and groups that mean something to the server itself.

Source: k8s.io/apiserver/pkg/authentication/{user,serviceaccount} (1.37).
"""

from __future__ import annotations

from k8s_tutor.objects import names

__all__ = [
    "ANONYMOUS",
    "AUTHENTICATED",
    "MASTERS",
    "NODES",
    "UNAUTHENTICATED",
    "account_of",
    "group_names",
    "node_of",
    "user_name",
]

ANONYMOUS = "system:anonymous"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
MASTERS = "system:masters"
NODES = "system:nodes"
_ACCOUNT, _ACCOUNTS, _NODE = "system:serviceaccount:", "system:serviceaccounts", "system:node:"


def user_name(namespace: str, account: str) -> str:
    """The user that a ServiceAccount is."""
    return f"{_ACCOUNT}{namespace}:{account}"


def group_names(namespace: str) -> tuple[str, ...]:
    """The groups of a namespace's ServiceAccounts."""
    return (_ACCOUNTS, f"{_ACCOUNTS}:{namespace}")


def account_of(name: str) -> tuple[str, str] | None:
    """Namespace and name of the ServiceAccount that a user name means; None for other users."""
    if not name.startswith(_ACCOUNT):
        return None
    namespace, colon, account = name.removeprefix(_ACCOUNT).partition(":")
    if not colon or names.dns1123_label(namespace) or names.dns1123_subdomain(account):
        return None
    return namespace, account


def node_of(name: str) -> str:
    """The node that a user name means; `""` for other users."""
    return name.removeprefix(_NODE) if name.startswith(_NODE) else ""
