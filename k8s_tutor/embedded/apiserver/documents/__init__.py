"""What the API server says about itself: discovery, version, health, OpenAPI."""

from __future__ import annotations

from hashlib import sha256

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.embedded.apiserver import errors
from k8s_tutor.embedded.apiserver.context import ServerContext
from k8s_tutor.embedded.apiserver.documents import discovery, openapi
from k8s_tutor.embedded.apiserver.documents.discovery import version

__all__ = ["answer"]

_NOT_FOUND = Response(404, "404 page not found\n", "text/plain; charset=utf-8")
_NO_SCHEMA = Response(404, "", "text/plain")
_PATHS = ("/", "/api", "/apis", "/version", "/openapi/v2", "/openapi/v3")


def answer(context: ServerContext, request: Request) -> Response:
    """Answers a request for a path that is no resource's.

    Raises:
        StatusError: 404 or 405.
    """
    path = request.path
    if len(path) > 1 and path.startswith(("/api", "/version")):
        path = path.removesuffix("/")
    found = _find(context, path, request)
    if found is None:
        if path.startswith("/api/") or discovery.builtin_group(path):
            raise errors.route_not_found()
        return _NO_SCHEMA if path.startswith("/openapi/v3/") else _NOT_FOUND
    if request.method != "GET" and _only_read(path):
        raise errors.method_not_allowed()
    return found


def _only_read(path: str) -> bool:
    """The real server answers any method at the other places."""
    parts = path.split("/")
    return path == "/version" or parts[1] == "api" or (parts[1] == "apis" and len(parts) == 4)


def _find(context: ServerContext, path: str, request: Request) -> Response | None:
    if "//" in path:
        return None
    if path == "/version":
        return Response(200, version())
    if path == "/":
        return Response(
            200, {"paths": sorted({*_PATHS, *discovery.CHECKS, *discovery.PATHS, *discovery.list_paths(context)})}
        )
    if path.startswith("/openapi/"):
        return _answer_openapi(context, path, request)
    return (
        discovery.answer_about(path, request)
        or discovery.answer_openid(context, path)
        or discovery.answer(context, path, request)
    )


def _answer_openapi(context: ServerContext, path: str, request: Request) -> Response | None:
    if path == "/openapi/v2":
        whole = openapi.swagger(context)
        if "protobuf" in request.accept and "json" not in request.accept:
            return Response(200, openapi.encoded(whole), openapi.MEDIA)
        return Response(200, whole)
    roots = dict.fromkeys(kind.root.lstrip("/") for kind in context.kinds)
    if path == "/openapi/v3":
        paths = {root: {"serverRelativeURL": f"/openapi/v3/{root}?hash={_hash(context, root)}"} for root in roots}
        return Response(200, {"paths": paths})
    root = path.removeprefix("/openapi/v3/")
    return Response(200, openapi.group_document(context, f"/{root}")) if root in roots else None


def _hash(context: ServerContext, root: str) -> str:
    """Changes when the document may have: with the release, and with custom kinds."""
    text = f"{version()['gitVersion']} {root} {context.custom.generation}"
    return sha256(text.encode()).hexdigest().upper()
