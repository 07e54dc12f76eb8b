"""Users and groups that mean something to the server itself, and acting as somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from k8s_tutor.api.protocol import Request, StatusError, failure
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.fielderrors import quoted
from k8s_tutor.embedded.core import User
from k8s_tutor.objects import metadata
from k8s_tutor.objects.types import Obj

__all__ = [
    "ANONYMOUS",
    "AUTHENTICATED",
    "MASTERS",
    "NODES",
    "NO_OPINION",
    "UNAUTHENTICATED",
    "Attributes",
    "Decision",
    "account_of",
    "forbidden",
    "group_names",
    "impersonated",
    "node_of",
    "user_name",
    "wanted",
]


# ---- What a request wants to do, as permissions are written about it
#
# Source of the reading of paths: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go (1.37).

_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_OF_NAMESPACES = ("status", "finalize")


@dataclass(frozen=True, slots=True)
class Attributes:
    """One thing somebody wants to do.

    Attributes:
        user: Who.
        verb: `get`, `list`, `create`, … for resources; the HTTP method in small letters for other paths.
        group: Of the resource; `""` for the core.
        resource: Plural; `""` where `path` is asked about.
        subresource: `log`, `status`, …
        namespace: `""` for the whole cluster.
        name: `""` for any.
        path: That is no resource's, such as `/healthz`.
        fields: The field selector, as it was sent.
    """

    user: User
    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""
    fields: str = ""

    @property
    def combined(self) -> str:
        """`pods`, `pods/log`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def wanted(user: User, request: Request) -> Attributes:
    """What a request wants."""
    parts = request.path.strip("/").split("/")
    if parts[0] == "api" and len(parts) > 2:
        return _resource(user, request, "", parts[2:])
    if parts[0] == "apis" and len(parts) > 3:
        return _resource(user, request, parts[1], parts[3:])
    return Attributes(user, request.method.lower(), path=request.path)


def _resource(user: User, request: Request, group: str, parts: Sequence[str]) -> Attributes:
    verb = _VERBS.get(request.method, "")
    if parts[0] == "watch" and len(parts) > 1:
        verb, parts = "watch", parts[1:]
    namespace = ""
    if parts[0] == "namespaces" and len(parts) > 1:
        namespace = parts[1]
        if len(parts) > 2 and parts[2] not in _OF_NAMESPACES:
            parts = parts[2:]
    resource, name, subresource = (*parts, "", "")[:3]
    fields = request.param("fieldSelector") if verb in ("get", "delete") else ""
    if not name and verb == "get":
        verb = "watch" if _watches(request) else "list"
        name = _named(fields)
    if not name and verb == "delete":
        verb = "deletecollection"
    return Attributes(user, verb, group, resource, subresource, namespace, name, fields=fields)


def _watches(request: Request) -> bool:
    return any(key == "watch" and value.lower() not in ("0", "false") for key, value in request.query)


def _named(fields: str) -> str:
    """The one name that a field selector leaves."""
    for term in fields.split(","):
        key, _, value = term.partition("=")
        if key == "metadata.name":
            return value.removeprefix("=")
    return ""


# ---- The answer of an authorizer


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether somebody may.

    Attributes:
        allowed: Nobody denies in so many words: what is not allowed is refused.
        reason: Why; often `""`.
    """

    allowed: bool
    reason: str = ""


NO_OPINION = Decision(allowed=False)


# ---- 403 in Kubernetes' words. Source: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go (1.37)

_HARMLESS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def forbidden(asked: Attributes, reason: str = "") -> StatusError:
    """403: what was asked for, and why not, where there is more to say than that nobody allows it."""
    words = _words(asked).translate(_HARMLESS)
    if reason:
        words += f": {reason}"
    resource = f"{asked.resource}.{asked.group}" if asked.group else asked.resource
    if asked.name:
        message = f"{resource} {quoted(asked.name)} is forbidden: {words}"
    elif resource:
        message = f"{resource} is forbidden: {words}"
    else:
        message = f"forbidden: {words}"
    status = failure(403, "Forbidden", message)
    code = status.pop("code")
    details: Obj = {"name": asked.name, "group": asked.group, "kind": asked.resource}
    status["details"] = {key: value for key, value in details.items() if value}
    return StatusError({**status, "code": code})


def _words(asked: Attributes) -> str:
    who = f"User {quoted(asked.user.name)} cannot {asked.verb}"
    if asked.path:
        return f"{who} path {quoted(asked.path)}"
    where = f"in the namespace {quoted(asked.namespace)}" if asked.namespace else "at the cluster scope"
    return f'{who} resource {quoted(asked.combined)} in API group "{asked.group}" {where}'


# ---- Users and groups that mean something to the server itself, and acting as somebody else

# ---- Names of users and groups that mean something to the server itself
#
# Source: k8s.io/apiserver/pkg/authentication/{user,serviceaccount} (1.37).

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
    if not colon or metadata.dns1123_label(namespace) or metadata.dns1123_subdomain(account):
        return None
    return namespace, account


def node_of(name: str) -> str:
    """The node that a user name means; `""` for other users."""
    return name.removeprefix(_NODE) if name.startswith(_NODE) else ""


# ---- Acting as somebody else (`kubectl --as`): who may be whom, and for what
#
# First the constrained ways (a verb for the kind of user, and one for what is done as them), then the old one, whose
# verb is `impersonate`. Source: k8s.io/apiserver/pkg/endpoints/filters/impersonation (1.37). Not simulated: a
# ServiceAccount that acts as its own node.

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
    node, account = node_of(wish.name), account_of(wish.name)
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
    account = account_of(wish.name)
    if account and not groups:
        groups = group_names(account[0])
    if mode == "arbitrary-node":
        groups = (NODES,)
    return replace(wish, groups=_completed(wish.name, groups))


def _needs(base: Attributes, wish: User, mode: str) -> Iterator[Attributes]:
    """One permission a piece of what is wished for."""
    people = _GROUP if mode else ""
    account = account_of(wish.name)
    if mode == "arbitrary-node":
        yield replace(base, group=people, resource="nodes", name=node_of(wish.name))
    elif account:
        yield replace(base, group=people, resource="serviceaccounts", namespace=account[0], name=account[1])
    else:
        yield replace(base, group=people, resource="users", name=wish.name)
    if wish.uid:
        yield replace(base, group=_GROUP, resource="uids", name=wish.uid)
    for name in wish.groups:
        need = replace(base, group=people, resource="groups", name=name)
        if mode and name == MASTERS:
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
    if name == ANONYMOUS:
        wanted = UNAUTHENTICATED
    elif UNAUTHENTICATED in groups:
        return groups
    else:
        wanted = AUTHENTICATED
    return groups if wanted in groups else (*groups, wanted)


def _go(wish: User) -> str:
    """The wish as Go prints it."""
    groups = f"[]string{{{', '.join(map(quoted, wish.groups))}}}" if wish.groups else "[]string(nil)"
    extra = "map[string][]string(nil)"
    if wish.extra:
        rows = (f"{quoted(key)}:[]string{{{', '.join(map(quoted, values))}}}" for key, values in wish.extra)
        extra = f"map[string][]string{{{', '.join(rows)}}}"
    return f"&user.DefaultInfo{{Name:{quoted(wish.name)}, UID:{quoted(wish.uid)}, Groups:{groups}, Extra:{extra}}}"
