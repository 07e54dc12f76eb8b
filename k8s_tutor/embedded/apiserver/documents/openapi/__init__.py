"""OpenAPI v2 and v3: the fields of every kind, built from the same facts that decoding uses.

Version 3 has words for people, too (`prose`): `kubectl explain` prints them.
"""

from __future__ import annotations

from hashlib import sha256

from k8s_tutor.api.protocol import Request, Response
from k8s_tutor.embedded.apiserver.documents.openapi.v2 import swagger
from k8s_tutor.embedded.apiserver.documents.openapi.v2protobuf import MEDIA, encoded
from k8s_tutor.embedded.apiserver.documents.openapi.v3 import group_document
from k8s_tutor.embedded.apiserver.documents.version import version
from k8s_tutor.embedded.apiserver.ground import Ground

__all__ = ["answer"]


def answer(ground: Ground, path: str, request: Request) -> Response | None:
    """The document at a path; None when there is none."""
    if path == "/openapi/v2":
        if "protobuf" in request.accept and "json" not in request.accept:
            return Response(200, encoded(swagger(ground)), MEDIA)
        return Response(200, swagger(ground))
    roots = dict.fromkeys(kind.root.lstrip("/") for kind in ground.kinds)
    if path == "/openapi/v3":
        places = {root: {"serverRelativeURL": f"/openapi/v3/{root}?hash={_hash(ground, root)}"} for root in roots}
        return Response(200, {"paths": places})
    root = path.removeprefix("/openapi/v3/")
    return Response(200, group_document(ground, f"/{root}")) if root in roots else None


def _hash(ground: Ground, root: str) -> str:
    """Changes when the document may have: with the release, and with custom kinds."""
    text = f"{version()['gitVersion']} {root} {ground.custom.generation}"
    return sha256(text.encode()).hexdigest().upper()
