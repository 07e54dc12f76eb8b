"""Custom kinds in OpenAPI: their definition's schema with what every object has, and the type of their lists.

Recorded from a real server: v3 shows the schema as it is; v2 cannot say everything, and leaves out what it cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from k8s_tutor.embedded.apiserver.documents.openapi.prose import prose_of
from k8s_tutor.embedded.apiserver.ground import Ground
from k8s_tutor.objects.kinds import Kind
from k8s_tutor.objects.types import Obj

__all__ = ["custom_name", "custom_schemas"]

_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_KEEPS, _EMBEDDED = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"
_EITHER = "x-kubernetes-int-or-string"
_TOO_RICH = ("allOf", "anyOf", "oneOf", "not", "default", "nullable")  # v2 has no such words


def custom_name(kind: Kind) -> str:
    """Reversed as the real server names them: `com.example.v1.Widget`."""
    return ".".join([*reversed(kind.group.split(".")), kind.version, kind.kind])


def custom_schemas(ground: Ground, kind: Kind, prefix: str) -> dict[str, Obj]:
    """The schemas of a kind and of its lists, by name.

    Args:
        ground: The API server.
        kind: The custom kind.
        prefix: Of references: `#/definitions/` (v2) or `#/components/schemas/` (v3).
    """
    name, version2 = custom_name(kind), prefix == "#/definitions/"
    schema = ground.custom.openapi(kind)
    shown = _plain(schema) if version2 else _with_embedded(schema, prefix)
    properties = {**shown.get("properties", {}), **_header("ObjectMeta", prefix)}
    list_kind = ground.custom.list_kind(kind)
    items = {
        "description": f"List of {kind.plural}. More info: {_CONVENTIONS}",
        "type": "array",
        "items": {"$ref": f"{prefix}{name}"},
    }
    return {
        name: {**shown, "type": "object", "properties": properties, **_named(kind, kind.kind)},
        f"{name.rpartition('.')[0]}.{list_kind}": {
            "description": f"{list_kind} is a list of {kind.kind}",
            "type": "object",
            "required": ["items"],
            "properties": {**_header("ListMeta", prefix), "items": items},
            **_named(kind, list_kind),
        },
    }


_CONVENTIONS = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"


def _named(kind: Kind, word: str) -> Obj:
    return {"x-kubernetes-group-version-kind": [{"group": kind.group, "version": kind.version, "kind": word}]}


def _header(metadata: str, prefix: str) -> dict[str, Obj]:
    """apiVersion, kind and metadata, in the words that all kinds have for them."""
    words = prose_of("io.k8s.api.core.v1.ConfigMap" + ("List" if metadata == "ListMeta" else "")).fields
    reference = {"$ref": f"{prefix}{_META}{metadata}"}
    rows: dict[str, Obj] = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": reference if prefix == "#/definitions/" else {"allOf": [reference]},
    }
    return {key: _described(row, words.get(key, "")) for key, row in rows.items()}


def _described(row: Obj, words: str) -> Obj:
    return {"description": words, **row} if words else row


def _with_embedded(schema: Obj, prefix: str) -> Obj:
    """A schema for v3: objects inside objects have apiVersion, kind and metadata, too."""
    found = _mapped(schema, lambda inner: _with_embedded(inner, prefix))
    if not found.get(_EMBEDDED):
        return found
    properties = {**(found.get("properties") or {}), **_header("ObjectMeta", prefix)}
    return {**found, "properties": properties, "required": [*found.get("required", ()), "kind", "apiVersion"]}


def _plain(schema: Obj) -> Obj:
    """A schema for v2: what may be null, either of two or anything has no type there."""
    found = _mapped({key: value for key, value in schema.items() if key not in _TOO_RICH}, _plain)
    if schema.get("nullable") or schema.get(_KEEPS) or schema.get(_EITHER):
        return {key: value for key, value in found.items() if key not in ("type", "items", "properties", "required")}
    return found


def _mapped(schema: Obj, change: Callable[[Obj], Obj]) -> Obj:
    found = dict(schema)
    if isinstance(inner := schema.get("properties"), Mapping):
        found["properties"] = {key: change(row) for key, row in inner.items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            found[key] = change(schema[key])
    return found
