"""What a request wants to do, as permissions are written about it.

Source of the reading of paths: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go (1.37).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from k8s_tutor.api.protocol import Request
from k8s_tutor.embedded.core import User

__all__ = ["Attributes", "wanted"]

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
