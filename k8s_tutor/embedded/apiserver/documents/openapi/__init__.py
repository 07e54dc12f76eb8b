"""OpenAPI v2 and v3: the fields of every kind, built from the same facts that decoding uses.

Version 3 has words for people, too (`prose`): `kubectl explain` prints them.
"""

from __future__ import annotations

from hashlib import sha256

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.embedded.apiserver.context import ServerContext
from k8s_tutor.embedded.apiserver.documents.discovery import version
from k8s_tutor.embedded.apiserver.documents.openapi.documents import MEDIA, encoded, group_document, swagger

__all__ = ["answer"]


def answer(context: ServerContext, path: str, request: Request) -> Response | None:
    """The document at a path; None when there is none."""
    if path == "/openapi/v2":
        if "protobuf" in request.accept and "json" not in request.accept:
            return Response(200, encoded(swagger(context)), MEDIA)
        return Response(200, swagger(context))
    roots = dict.fromkeys(kind.root.lstrip("/") for kind in context.kinds)
    if path == "/openapi/v3":
        paths = {root: {"serverRelativeURL": f"/openapi/v3/{root}?hash={_hash(context, root)}"} for root in roots}
        return Response(200, {"paths": paths})
    root = path.removeprefix("/openapi/v3/")
    return Response(200, group_document(context, f"/{root}")) if root in roots else None


def _hash(context: ServerContext, root: str) -> str:
    """Changes when the document may have: with the release, and with custom kinds."""
    text = f"{version()['gitVersion']} {root} {context.custom.generation}"
    return sha256(text.encode()).hexdigest().upper()
