"""What a request without credentials gets: health and version, and 403 in Kubernetes' words for everything else."""

from __future__ import annotations

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.api.status import failure
from k8s_tutor.embedded.core import User
from k8s_tutor.objects.types import Obj

__all__ = ["refusal"]

# ClusterRole system:public-info-viewer
_PUBLIC = frozenset({"/healthz", "/livez", "/readyz", "/version", "/version/"})
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}


def refusal(user: User, request: Request) -> Response | None:
    """403 for an anonymous `user`, or None where the path is everybody's."""
    if request.path in _PUBLIC:
        return None
    message, details = _resource(user, request) or (_path(user, request), {})
    status = failure(403, "Forbidden", message)
    code = status.pop("code")
    return Response(403, {**status, "details": details, "code": code})


def _path(user: User, request: Request) -> str:
    return f'forbidden: User "{user.name}" cannot {request.method.lower()} path "{request.path}"'


def _resource(user: User, request: Request) -> tuple[str, Obj] | None:
    parts = request.path.strip("/").split("/")
    match parts:
        case ["api", _, *rest] if rest:
            group = ""
        case ["apis", group, _, *rest] if rest:
            pass
        case _:
            return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    plural, name, subresource = (*rest, "", "")[:3]
    resource = f"{plural}/{subresource}" if subresource else plural
    qualified = f"{plural}.{group}" if group else plural
    where = f' in the namespace "{namespace}"' if namespace else " at the cluster scope"
    which = f'{qualified} "{name}"' if name else qualified
    message = (
        f"{which} is forbidden: "
        f'User "{user.name}" cannot {_verb(request, named=bool(name))} resource "{resource}" '
        f'in API group "{group}"{where}'
    )
    details = {"name": name, "group": group, "kind": plural}
    return message, {key: value for key, value in details.items() if value}


def _verb(request: Request, *, named: bool) -> str:
    if request.method == "GET":
        watching = request.param("watch") in ("true", "1")
        return "watch" if watching else "get" if named else "list"
    if request.method == "DELETE":
        return "delete" if named else "deletecollection"
    return _VERBS.get(request.method, request.method.lower())
