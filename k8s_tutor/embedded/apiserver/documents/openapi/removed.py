"""Kinds of removed API versions in OpenAPI: from the types that they bring along."""

from __future__ import annotations

from k8s_tutor.embedded.apiserver.documents.openapi.schemas import closure, definition
from k8s_tutor.embedded.apiserver.versions import RemovedKind
from k8s_tutor.objects.types import Obj

__all__ = ["removed_schemas"]

_META = "io.k8s.apimachinery.pkg.apis.meta.v1."


def removed_schemas(kind: RemovedKind, prefix: str) -> dict[str, Obj]:
    """The schemas of a kind, and of all that it and its operations are made of, by name.

    Args:
        kind: The kind.
        prefix: Of references: `#/definitions/` (v2) or `#/components/schemas/` (v3).
    """
    either = prefix != "#/definitions/"
    roots = (kind.type.name, f"{_META}DeleteOptions", f"{_META}Status")
    found = {name: definition(name, prefix, either=either, rows=kind.rows) for name in closure(roots, kind.rows)}
    row = {"group": kind.group, "version": kind.version, "kind": kind.kind}
    found[kind.type.name] |= {"x-kubernetes-group-version-kind": [row]}
    return found
