"""Acting as somebody else (`kubectl --as`): who may be whom, and for what.

First the constrained ways (a verb for the kind of user, and one for what is done as them), then the old one, whose verb
is `impersonate`. Source: k8s.io/apiserver/pkg/endpoints/filters/impersonation (1.37). Not simulated: a ServiceAccount
that acts as its own node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from k8s_tutor.api.status import StatusError
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.access import accounts
from k8s_tutor.embedded.apiserver.access.attributes import Attributes
from k8s_tutor.embedded.apiserver.access.decision import Decision
from k8s_tutor.embedded.apiserver.access.refusal import forbidden
from k8s_tutor.embedded.apiserver.fielderrors import quoted
from k8s_tutor.embedded.core import User

__all__ = ["impersonated"]

_GROUP = "authentication.k8s.io"

Decide = Callable[[Attributes], Decision]


def impersonated(asked: Attributes, wish: User, decide: Decide) -> User:
    """The user that a request's sender acts as.

    Args:
        asked: What the sender wants to do as that user.
        wish: As the headers name it.
        decide: Whether the sender may.

    Raises:
        StatusError: 400 for a wish without a name, 403 for one that is not granted.
    """
    if not wish.name:
        raise errors.bad_request(f"requested {_go(wish)} without impersonating a user name")
    refused: StatusError | None = None
    for mode in _modes(wish):
        try:
            return _as(asked, wish, mode, decide)
        except StatusError as error:
            refused = refused or error
    assert refused is not None
    raise refused


def _modes(wish: User) -> Iterator[str]:
    plain = not (wish.uid or wish.groups or wish.extra)
    node, account = accounts.node_of(wish.name), accounts.account_of(wish.name)
    if node and plain:
        yield "arbitrary-node"
    if account and plain:
        yield "serviceaccount"
    if not node and not account:
        yield "user-info"
    yield ""


def _as(asked: Attributes, wish: User, mode: str, decide: Decide) -> User:
    if mode:
        _check(replace(asked, verb=f"impersonate-on:{mode}:{asked.verb}"), decide)
    for need in _needs(Attributes(asked.user, f"impersonate:{mode}" if mode else "impersonate"), wish, mode):
        _check(need, decide)
    groups = wish.groups
    account = accounts.account_of(wish.name)
    if account and not groups:
        groups = accounts.group_names(account[0])
    if mode == "arbitrary-node":
        groups = (accounts.NODES,)
    return replace(wish, groups=_completed(wish.name, groups))


def _needs(base: Attributes, wish: User, mode: str) -> Iterator[Attributes]:
    """One permission a piece of what is wished for."""
    people = _GROUP if mode else ""
    account = accounts.account_of(wish.name)
    if mode == "arbitrary-node":
        yield replace(base, group=people, resource="nodes", name=accounts.node_of(wish.name))
    elif account:
        yield replace(base, group=people, resource="serviceaccounts", namespace=account[0], name=account[1])
    else:
        yield replace(base, group=people, resource="users", name=wish.name)
    if wish.uid:
        yield replace(base, group=_GROUP, resource="uids", name=wish.uid)
    for name in wish.groups:
        need = replace(base, group=people, resource="groups", name=name)
        if mode and name == accounts.MASTERS:
            raise forbidden(need, "impersonating the system:masters group is not allowed")
        yield need
    for key, values in wish.extra:
        for value in values:
            yield replace(base, group=_GROUP, resource="userextras", subresource=key, name=value)


def _check(asked: Attributes, decide: Decide) -> None:
    decision = decide(asked)
    if not decision.allowed:
        raise forbidden(asked, decision.reason)


def _completed(name: str, groups: tuple[str, ...]) -> tuple[str, ...]:
    if name == accounts.ANONYMOUS:
        wanted = accounts.UNAUTHENTICATED
    elif accounts.UNAUTHENTICATED in groups:
        return groups
    else:
        wanted = accounts.AUTHENTICATED
    return groups if wanted in groups else (*groups, wanted)


def _go(wish: User) -> str:
    """The wish as Go prints it."""
    groups = f"[]string{{{', '.join(map(quoted, wish.groups))}}}" if wish.groups else "[]string(nil)"
    extra = "map[string][]string(nil)"
    if wish.extra:
        rows = (f"{quoted(key)}:[]string{{{', '.join(map(quoted, values))}}}" for key, values in wish.extra)
        extra = f"map[string][]string{{{', '.join(rows)}}}"
    return f"&user.DefaultInfo{{Name:{quoted(wish.name)}, UID:{quoted(wish.uid)}, Groups:{groups}, Extra:{extra}}}"
