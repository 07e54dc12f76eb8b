"""From method and path to what is asked: which kind, which object, which subresource, which verb."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from k8s_tutor.api.protocol import Request, StatusError
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.versions import VersionedKind
from k8s_tutor.objects.kinds import Kind, KindTable, Subresource

__all__ = ["CONNECT", "Route", "route"]

CONNECT = frozenset({"exec", "attach", "portforward", "proxy"})
"""Subresources that are tunnels: every method they have connects."""

_ON_OBJECTS = {"GET": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_ON_COLLECTIONS = {"GET": "list", "POST": "create", "DELETE": "deletecollection"}
_ON_SUBRESOURCES = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True, slots=True)
class Route:
    """What a request is about.

    Attributes:
        kind: The kind in the path.
        verb: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, `connect`.
        namespace: `""` for cluster scope and for all namespaces.
        name: `""` for the collection.
        subresource: `""`, `status`, `scale`, …
        rest: What follows `proxy/` in the path.
    """

    kind: Kind
    verb: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    rest: str = ""


def route(request: Request, kinds: KindTable) -> Route | None:
    """Where a request leads; None when the path is not one of a resource.

    Custom kinds have a server of their own in front of them, with words of its own
    (k8s.io/apiextensions-apiserver, `crdHandler.ServeHTTP`).

    Raises:
        StatusError: 404 for an unknown resource of a known group, 405 for a method the resource does not have.
    """
    parts = request.path.rstrip("/").split("/")
    if len(parts) > 3 and parts[1] == "api":
        group, version, tail = "", parts[2], parts[3:]
    elif len(parts) > 4 and parts[1] == "apis":
        group, version, tail = parts[2], parts[3], parts[4:]
    else:
        return None
    watching = tail[0] == "watch" and len(tail) > 1
    if kinds.resource(group, version, tail[0]) is None and not _serves(kinds, group, version):
        return None
    if all(isinstance(kind, VersionedKind) for kind in kinds if (kind.group, kind.version) == (group, version)):
        return _custom(kinds, request, (group, version), tail[1:] if watching else tail, watching=watching)
    found = _resource(kinds, group, version, tail[1:] if watching else tail)
    return _with_verb(found, request, watching=watching)


def _serves(kinds: KindTable, group: str, version: str) -> bool:
    return any(kind.group == group and kind.version == version for kind in kinds)


def _custom(
    kinds: KindTable, request: Request, served: tuple[str, str], tail: Sequence[str], *, watching: bool
) -> Route | None:
    """Where a path of custom kinds leads; None where it is none of theirs, another scope's among them."""
    group, version = served
    try:
        found = _resource(kinds, group, version, tail)
    except StatusError:
        return None
    kind = found.kind
    everywhere = kind.namespaced and not found.namespace
    if found.subresource:
        verb = _ON_SUBRESOURCES.get(request.method, "get")
        known = next((sub for sub in kind.subresources if sub.name == found.subresource), None)
        if known is None:
            raise errors.not_found(kind, found.name)
        if verb not in known.verbs:
            raise errors.method_not_supported(kind, verb)
    elif not found.name and request.method in ("PUT", "PATCH") and not everywhere:
        raise errors.bad_request("name must be provided")
    elif everywhere and request.method not in ("GET", "HEAD"):
        return None
    return _with_verb(found, request, watching=watching)


def _resource(kinds: KindTable, group: str, version: str, tail: Sequence[str]) -> Route:
    namespace = ""
    if tail[0] == "namespaces" and len(tail) > 2 and not (group == "" and tail[2] in ("status", "finalize", "")):
        namespace, tail = tail[1], tail[2:]
    kind = kinds.resource(group, version, tail[0])
    name = tail[1] if len(tail) > 1 else ""
    if kind is None or (namespace and not kind.namespaced) or (name and kind.namespaced and not namespace):
        raise errors.route_not_found()
    subresource = tail[2] if len(tail) > 2 else ""
    if len(tail) > 3 and subresource != "proxy":
        raise errors.route_not_found()
    return Route(kind, "", namespace, name, subresource, "/".join(tail[3:]))


def _with_verb(found: Route, request: Request, *, watching: bool) -> Route:
    kind = found.kind
    if found.subresource:
        verb = _subresource_verb(kind, found.subresource, request.method)
    elif found.name and not watching:
        verb = _allowed(_ON_OBJECTS, request.method, kind.verbs)
    else:
        everywhere = kind.namespaced and not found.namespace
        verb = _allowed({"GET": "list"} if everywhere else _ON_COLLECTIONS, request.method, kind.verbs)
        if verb == "list" and (watching or _is_true(request.param("watch"), request)):
            if "watch" not in kind.verbs:
                raise errors.not_watchable(kind)
            verb = "watch"
    return Route(kind, verb, found.namespace, found.name, found.subresource, found.rest)


def _subresource_verb(kind: Kind, name: str, method: str) -> str:
    found: Subresource | None = next((sub for sub in kind.subresources if sub.name == name), None)
    if found is None:
        raise errors.route_not_found()
    if name == "proxy":  # any method is a request to what is behind it
        return "connect"
    verb = _allowed(_ON_SUBRESOURCES, method, found.verbs)
    return "connect" if name in CONNECT else verb


def _allowed(verbs: Mapping[str, str], method: str, supported: Sequence[str]) -> str:
    """What a method does at a place; a place where nothing can be done is none."""
    if not any(verb in supported for verb in verbs.values()):
        raise errors.route_not_found()
    verb = verbs.get(method, "")
    if verb not in supported:
        raise errors.method_not_allowed()
    return verb


def _is_true(value: str, request: Request) -> bool:
    """Booleans in queries are lenient, as in the real server: present and not `0` or `false` is true."""
    if value == "":
        return any(key == "watch" for key, _ in request.query)
    return value.lower() not in ("0", "false")
